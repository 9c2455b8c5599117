"""One search answers whoever asks about the same system; the long ones go first, within the memory there is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from vrx.models.claims import Figures, Outcome, Safety, Sentence, Statement, claims_of
from vrx.models.deciding import search_cache
from vrx.models.deciding.engine import decide
from vrx.models.deciding.same_system import alike
from vrx.models.deciding.schedule import AT_LEAST, BYTES_PER_STATE, Memory, Work, likeness, work
from vrx.models.deciding.search_cache import Drawer
from vrx.models.engines.explorer import Search
from vrx.models.engines.native.explore import explore_native, write
from vrx.models.systems.system import rx
from vrx.proofs.barriers import CLAIMS as BARRIERS
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.layouts.split.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.split.device_used import SHOULD_NOTIFY_MB
from vrx.spec.properties import SPINE, no_lost_interrupt, no_lost_kick, rest_is_idle, single_owner

OWN = Sentence("own", "An engine of its own decides it.")
SMALL = rx(arrivals=False)


def test_claims_about_equal_systems_share_a_search() -> None:
    own = Statement("own", None, OWN, "proved", decide=lambda c: Outcome("proved", "own"))
    claims = [*claims_of(rx(), *SPINE), *claims_of(rx(size=2), single_owner), own, *claims_of(rx(), rest_is_idle)]
    assert sorted(len(w.claims) for w in work(claims)) == [1, 1, len(SPINE) + 1]


def test_a_search_that_may_end_at_a_violation_is_for_one_property() -> None:
    faulty = rx().replace("virtio_queue_split_poll", parks_without_looking)
    refuted = [Safety("a", faulty, no_lost_kick, "refuted"), Safety("b", faulty, single_owner, "refuted")]
    assert [len(w.claims) for w in work(refuted)] == [1, 1]
    assert [len(w.claims) for w in work([*refuted, Safety("c", faulty, no_lost_interrupt, "proved")])] == [3]


def test_what_only_a_weaker_memory_model_reads_is_one_system_under_sc() -> None:
    claims = [
        c
        for system in (SMALL, rx(arrivals=False, guest="up"), SMALL.without(SHOULD_NOTIFY_MB.name))
        for c in claims_of(system, single_owner)
    ]
    (one,) = work(claims)
    assert [g.numbers for g in alike(one.claims)[0]] == [[0, 1, 2]]
    outcomes = decide(one.claims).outcomes
    assert len({(o.verdict, o.states, o.depth) for o in outcomes}) == 1
    assert [o.reason.startswith("the same C as ") for o in outcomes] == [False, True, True]
    tso = [*claims_of(rx(memory="tso"), single_owner), *claims_of(rx(memory="tso", guest="up"), single_owner)]
    assert len(work(tso)) == 2


def test_that_systems_are_alike_is_a_guess_until_their_c_is_the_same() -> None:
    """Whatever is guessed, a barrier that matters is never taken for one that does not."""
    tso = rx(memory="tso", arrivals=False)
    claims = [
        c
        for system in (tso, tso.without(SET_NOTIFICATION_MB.name), tso.without("virtqueue_split_pop__rmb"))
        for c in claims_of(system, single_owner)
    ]
    assert [g.numbers for g in alike(claims)[0]] == [[0, 2], [1]]
    together = decide(claims).outcomes
    apart = [decide([c]).outcomes[0] for c in claims]
    assert [(o.verdict, o.states, o.depth) for o in together] == [(o.verdict, o.states, o.depth) for o in apart]


@pytest.mark.slow
def test_every_guess_about_the_barrier_table_is_right() -> None:
    """Rows that are decided together have the same C: no row is decided one after the other in one process."""
    proved = [c for c in BARRIERS if c.expected == "proved"]
    guessed = work(proved)
    assert len(guessed) < len({c.system for c in proved}) // 2
    for one in guessed:
        assert len(alike(one.claims)[0]) == 1, [c.name for c in one.claims]
    assert len({likeness(c.system) for c in proved if c.system}) == len(guessed)


def test_long_searches_first_and_two_at_a_time_only_where_both_fit() -> None:
    def one(states: int) -> Work:
        claim = Safety(str(states), SMALL, single_owner, "proved", figures=Figures(states))
        return Work([claim], states, states * BYTES_PER_STATE)

    sizes = [Safety(str(n), rx(idx_bits=n), single_owner, "proved", figures=Figures(n * 1000)) for n in (3, 5, 4)]
    assert [w.claims[0].name for w in work(sizes)] == ["5", "4", "3"]
    memory = Memory(100 * BYTES_PER_STATE, 2)
    waiting = [one(70), one(60), one(20)]
    assert memory.next(waiting, 0) == (0, 70 * BYTES_PER_STATE)
    memory.left -= 70 * BYTES_PER_STATE
    assert memory.next(waiting[1:], 1) == (1, 20 * BYTES_PER_STATE)  # the next one that fits beside it
    assert memory.next([one(60)], 1) is None
    assert memory.next([one(60)], 0) is not None
    small = Memory(10 * AT_LEAST, 2)
    assert small.next([one(10**12)], 0) == (0, 10 * AT_LEAST)


@pytest.mark.needs("compiler")
def test_a_run_goes_on_from_what_was_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    faulty = rx().replace("virtio_queue_split_poll", parks_without_looking)
    claims = [Safety("parks", faulty, no_lost_kick, "refuted", figures=Figures(steps=44))]
    (first,) = decide(claims).outcomes
    (again,) = decide(claims).outcomes
    assert (first.engine, again.engine) == ("native", "native")  # nothing is taken unless asked for
    (taken,) = decide(claims, resume=True).outcomes
    assert (taken.engine, taken.verdict, taken.steps) == ("native, kept", "refuted", 44)
    for path in (tmp_path / "vrx" / "kept").iterdir():
        path.write_text(path.read_text()[:-9])
    (spoiled,) = decide(claims, resume=True).outcomes
    assert (spoiled.engine, spoiled.steps) == ("native", 44)
    search_cache.engine.cache_clear()
    monkeypatch.setattr(sys, "version", "another")
    (other,) = decide(claims, resume=True).outcomes
    assert other.engine == "native"
    search_cache.engine.cache_clear()


def test_what_is_kept_is_what_was_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = explore_native(SMALL, SPINE)
    drawer = Drawer(write(SMALL, SPINE)[1], False)
    assert drawer.get() is None
    drawer.put(found)
    assert drawer.get() == Search(**{**vars(found), "seen": None})
