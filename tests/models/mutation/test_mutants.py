"""`vrx mutants`: faults made by rule, named so that they last, and each with its fate."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vrx.models.engines.native.explore import explore_native
from vrx.models.mutation import questions
from vrx.models.mutation.differences import Glance, can_differ, glances
from vrx.models.mutation.fate import LANGUAGE, Fate, fate, wrongly_killed
from vrx.models.mutation.mutant_cache import Shelf
from vrx.models.mutation.mutant_readings import beside, final
from vrx.models.mutation.mutants import NOT_OURS, Mutant, all_mutants, function_of, functions, mutants_of
from vrx.models.mutation.operators import OPERATORS
from vrx.models.mutation.split import LYING_IN_ORDER, LYING_LITTLE
from vrx.models.mutation.systems import SYSTEMS, belongs
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import rx
from vrx.models.systems.variant_names import exchanged_steps
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import Barrier, load, mb, over
from vrx.spec.properties import SPINE, Property
from vrx.spec.questions import standard_for
from vrx.spec.ring import idx_add
from vrx.spec.steps import mark

TOY = Barrier("toy__mb", "mb", "toy()")
BESIDE_A_DRIVER = rx(idx_bits=2, hostile="driver")
BESIDE_A_DEVICE = rx(idx_bits=2, hostile="device")
ANY_CALLER = rx(idx_bits=2, hostile="driver", caller="any")
CHAINS = rx(idx_bits=2, hostile="driver", notify=False, data=True)
MERGING = rx(size=2, idx_bits=2, notify=False, data=True, mergeable=True, max_packet=3)
MERGING_BESIDE = rx(idx_bits=2, hostile="device", notify=False, data=True, mergeable=True, max_packet=1)
MERGING_BESIDE_A_DRIVER = rx(idx_bits=2, hostile="driver", notify=False, data=True, mergeable=True, max_packet=1)
TABLES = rx(idx_bits=2, hostile="driver", notify=False, data=True, segments=2, indirect=True, max_packet=1)
TWO = rx(size=2, max_packet=1)
SMALL = rx(idx_bits=2, max_packet=1)
UP = rx(idx_bits=2, memory="tso", guest="up", max_packet=1)


def toy(s: SplitState, me: Softirq) -> None:
    """Something of everything."""
    mb(s, me, TOY)
    s.ghost.torn = True  # nobody but a property reads it
    mark(s, "seen")
    kept = s.vq.free_head
    over(s, me, "head", at=kept)
    if load(s, me, loc.used_idx) == me.opaque:
        me.goto(L.IDLE)
        return
    s.vq.last_used_idx = idx_add(s.cfg, s.vq.last_used_idx, 1)
    s.vq.num_free = s.vq.num_free + 1
    if (s.vq.broken and me.received) or s.vq.num_free > 0:
        me.goto(L.MORE_USED)


EXPECTED = {
    "toy:1 without mb(s, me, TOY)",
    "toy:9 forget s.vq.last_used_idx = idx_add(s.cfg, s.vq.last_used_idx, 1)",
    "toy:10 forget s.vq.num_free = s.vq.num_free + 1",
    "toy:8 no return",
    "toy:7 drop me.goto(L.IDLE)",
    "toy:12 drop me.goto(L.MORE_USED)",
    "toy:6 always load(s, me, loc.used_idx) == me.opaque",
    "toy:6 never load(s, me, loc.used_idx) == me.opaque",
    "toy:6 == -> !=",
    "toy:6 load(s, me, loc.used_idx) -> s.vq.last_used_idx",
    "toy:6 me.opaque -> s.vq.last_used_idx",
    "toy:9 1 -> 2",
    "toy:9 after s.vq.num_free = s.vq.num_free + 1",
    "toy:10 1 -> 2",
    "toy:11 always s.vq.broken and me.received or s.vq.num_free > 0",
    "toy:11 never s.vq.broken and me.received or s.vq.num_free > 0",
    "toy:11 not s.vq.broken and me.received or s.vq.num_free > 0",
    "toy:11 unasked s.vq.broken and me.received",
    "toy:11 unasked s.vq.broken",
    "toy:11 unasked me.received",
    "toy:11 unasked s.vq.num_free > 0",
    "toy:11 > -> >=",
    "toy:11 0 -> 1",
    "toy:7 L.IDLE -> L.MORE_USED",
    "toy:12 L.MORE_USED -> L.IDLE",
}


def test_every_operator_makes_its_slips_and_leaves_alone_what_only_properties_read() -> None:
    found = mutants_of(toy)
    assert {m.name for m in found} == EXPECTED and len(found) == len(EXPECTED)
    assert {m.kind for m in found} == {o.__name__.replace("_", " ") for o in OPERATORS}
    (one,) = [m for m in found if m.name == "toy:6 == -> !="]
    assert (one.before, one.after) == (
        "if load(s, me, loc.used_idx) == me.opaque:",
        "if load(s, me, loc.used_idx) != me.opaque:",
    )
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert one.file == "tests/models/mutation/test_mutants.py" and source[one.line - 1].strip() == one.before


def test_a_name_does_not_depend_on_comments_docstrings_and_line_breaks() -> None:
    def before(s: SplitState, me: Softirq) -> None:
        me.received = s.vq.num_free > 0

    def after(s: SplitState, me: Softirq) -> None:
        """What it does."""
        # Why it does it.
        me.received = (
            s.vq.num_free > 0  # enough
        )

    names = [[m.name.partition(":")[2] for m in mutants_of(run)] for run in (before, after)]
    assert names[0] == names[1] != []


def test_the_mutants_of_the_steps_have_names_of_their_own_and_no_ghosts() -> None:
    mutants = all_mutants()
    assert len(mutants) > 1000 and len({m.name for m in mutants}) == len(mutants)
    assert {m.function for m in mutants}.isdisjoint(NOT_OURS)
    assert len({(layout, run.__name__) for layout, run in functions()}) == len(list(functions()))
    for m in mutants:
        assert m.before != m.after, m.name
        assert "drop mark(" not in m.name and "drop give(" not in m.name and "drop s.ghost" not in m.name


def test_a_function_whose_name_two_layouts_have_gets_faults_in_each_and_in_its_own_systems() -> None:
    both = [m for m in all_mutants() if m.function == "virtqueue_unpop"]
    assert {m.layout for m in both} == {"split", "packed"}
    assert all(m.name.startswith(f"{m.layout}.virtqueue_unpop:") for m in both)
    assert {function_of(m.name) for m in both} == {"virtqueue_unpop"}
    for m in both:
        there = [s for s in SYSTEMS if belongs(m, s)]
        assert there and {str(s.cfg.layout) for s in there} == {m.layout}
    alone = next(m for m in all_mutants() if m.function == "napi_complete_done")
    assert {str(s.cfg.layout) for s in SYSTEMS if belongs(alone, s)} == {"split", "packed"}


def test_a_mutant_does_not_belong_where_another_step_stands_in_the_place_of_its_own() -> None:
    """There it would take the place of that one, and what is refuted would be no fault of it."""
    one = next(m for m in all_mutants() if m.function == "virtio_packed_should_notify")
    there = [s for s in SYSTEMS if one.function in exchanged_steps(s)]
    assert there and not any(belongs(one, s) for s in there)
    assert any(belongs(one, s) for s in SYSTEMS)


def test_every_mutant_belongs_to_a_system_that_is_asked() -> None:
    alone = {m.function for m in all_mutants() if not any(belongs(m, s) for s in SYSTEMS)}
    assert not alone


def named(name: str) -> Mutant:
    (one,) = [m for m in all_mutants() if m.name == name]
    return one


def test_an_equal_mutant_is_known_without_a_search() -> None:
    """A write barrier orders nothing in the two memory models; two writes of private variables have no order."""
    for name in (
        "virtqueue_split_flush:6 without wmb(s, me, FLUSH_WMB)",
        "split.virtqueue_unpop:1 after s.dev.inuse = s.dev.inuse - 1",
    ):
        found = fate(named(name), systems=[SMALL, UP])
        assert (found.word, found.asked, found.verdict) == ("equal", 0, "proved")


BY = [
    ("more_work:1 never found", SMALL, "no_lost_interrupt"),
    ("split.virtqueue_poll:3 without mb(s, me, POLL_MB)", UP, "no_lost_interrupt"),
    ("kick_if:1 never wanted", SMALL, "no_lost_kick"),
    ("kick_if:1 never wanted", peers(idx_bits=2), "owes_nothing_at_rest"),
    ("virtqueue_split_flush:13 forget dev.inuse = dev.inuse - count", SMALL, "inuse_exact"),
    ("more_work:1 always found", SMALL, "no_spin_driver"),
    ("virtqueue_split_flush:12 drop store(s, me, loc.used_idx, new)", SMALL, "device_holds_nothing"),
    ("virtqueue_get_head:3 never head >= s.cfg.size", BESIDE_A_DRIVER, "a_lie_breaks_the_ring"),
    ("virtqueue_split_pop__empty:2 never dev.broken", BESIDE_A_DRIVER, "broken_for_ever"),
    ("virtio_error:2 drop s.dev.broken = True", BESIDE_A_DRIVER, "a_lie_breaks_the_ring"),
    ("virtqueue_split_pop__empty:6 never dev.inuse >= s.cfg.size", ANY_CALLER, "a_lie_breaks_the_ring"),
    ("virtqueue_split_fill:1 never disabled_meanwhile(s)", ANY_CALLER, "broken_for_ever"),
    ("virtqueue_split_flush:2 never disabled_meanwhile(s)", ANY_CALLER, "broken_for_ever"),
    ("virtqueue_split_flush:3 forget dev.inuse = dev.inuse - flush_count(s, me)", ANY_CALLER, "inuse_exact"),
    ("split.more_used:1 unasked s.vq.broken", BESIDE_A_DEVICE, "broken_for_ever"),
    ("ignores_or_calls:3 never s.vq.broken", BESIDE_A_DEVICE, "broken_for_ever"),
    ("virtqueue_notify:2 always not s.vq.broken", BESIDE_A_DEVICE, "broken_for_ever"),
    ("split.virtqueue_poll:2 always not s.vq.broken", BESIDE_A_DEVICE, "broken_for_ever"),
    ("virtqueue_split_pop__desc:26 never me.walked > limit(s, me)", CHAINS, "a_lie_breaks_the_ring"),
    ("split.virtqueue_poll:2 never not s.vq.broken", SMALL, "no_lost_interrupt"),
    ("virtnet_poll__done:1 never me.exhausted", SMALL, "napi_has_one_owner"),
    ("gathered:1 always not believed and too_long(s, me)", MERGING, "drops_nothing_without_a_reason"),
    (
        "split.more_used:1 never s.vq.broken or s.vq.last_used_idx == load(s, me, loc.used_idx)",
        *(MERGING_BESIDE, "takes_only_what_is_published"),
    ),
    (
        "no_buf:2 unasked me.ret0 == L.GATHER or me.ret0 == L.DISCARD",
        *(MERGING_BESIDE, "each_packet_is_counted_once"),
    ),
    ("got_buf:12 drop me.ret()", LYING_LITTLE, "each_packet_is_counted_once"),
    ("missing:4 drop drop(s, me)", MERGING_BESIDE, "no_packet_is_read_for_ever"),
    ("split.receive_mergeable__gather:1 drop another(s, me, L.GATHER)", MERGING, "no_packet_is_read_for_ever"),
    ("split.receive_mergeable__discard:1 drop another(s, me, L.DISCARD)", MERGING_BESIDE, "no_packet_is_read_for_ever"),
    ("nothing_popped:6 0 -> 1", MERGING_BESIDE_A_DRIVER, "a_lie_breaks_the_ring"),
    ("virtqueue_split_pop__desc:16 drop pop_fails(s, me)", CHAINS, "a_lie_breaks_the_ring"),
    ("split.limit:1 unasked me.table != 0", TABLES, "breaks_only_for_a_lie"),
    ("added:1 never s.vq.num_free > 0", TWO, "fills_the_ring"),
    ("discard:3 1 -> 2", LYING_IN_ORDER, "takes_what_the_header_tells"),
]


@pytest.mark.needs("compiler")
@pytest.mark.parametrize(("name", "system", "question"), BY)
def test_a_fault_is_seen_by_the_question_that_is_about_it(name: str, system: Any, question: str) -> None:
    found = fate(named(name), systems=[system])
    assert found.word == "killed" and question in found.by, found
    assert found.on == final(system).name and found.asked == 1


@pytest.mark.needs("compiler")
def test_what_the_language_refuses_is_killed_by_it() -> None:
    """A value out of its range, and a second access, which needs no search."""
    outside = fate(named("virtqueue_add_split__idx:6 1 -> 2"), systems=[SMALL])
    assert outside.by == (LANGUAGE,) and "vq.num_added=2 is outside 0..1" in outside.reason
    function = named("split.virtqueue_poll:4 != -> ==")

    def twice(s: SplitState, me: Softirq) -> None:
        me.opaque = load(s, me, loc.used_idx) - load(s, me, loc.used_idx)

    second = fate(replace(function, run=twice), systems=[SMALL])
    assert second.by == (LANGUAGE,) and "second shared access" in second.reason


@pytest.mark.needs("compiler")
def test_what_reads_a_dead_value_is_asked_about_where_the_value_is_that_of_the_c() -> None:
    """The model has a zero there, of which the language refuses to speak; in the C it is the length of the buffer."""
    system = rx(idx_bits=2, notify=False, data=True)
    found = fate(named("receive_header:6 1 -> 0"), systems=[system])
    assert (found.word, found.reached) == ("survived", True)


@pytest.mark.needs("compiler")
def test_a_fault_that_no_run_comes_to_is_no_kill_and_says_so() -> None:
    """Linux never overfills a ring; a poll never finds callbacks on."""
    for name in (
        "virtqueue_split_pop__empty:8 drop virtio_error(s, me)",
        "virtqueue_get_buf_ctx_split__event:2 drop me.goto(SplitL.GET_BUF_EVENT_MB)",
    ):
        found = fate(named(name), systems=[SMALL])
        assert (found.word, found.reached, found.asked) == ("survived", False, 1)


@pytest.mark.needs("compiler")
def test_a_step_that_asks_too_much_is_killed_unless_no_original_takes_it_either() -> None:
    never = named("interrupt_delivered:1 drop require(s.lines.irq)")
    assert fate(never, systems=[SMALL]).word == "killed"


@pytest.mark.needs("compiler")
def test_a_kill_counts_only_where_the_question_holds_without_the_fault() -> None:
    name = final(SYSTEMS[0]).name
    right = Fate("refuted", "-", word="killed", by=("single_owner",), on=name)
    assert wrongly_killed([right], SYSTEMS) == []
    wrong = UP.without("virtqueue_poll__mb")
    kill = Fate("refuted", "-", word="killed", by=("no_lost_interrupt",), on=wrong.name)
    (said,) = wrongly_killed([kill], [wrong])
    assert "no_lost_interrupt is refuted" in said and "does not count" in said


def test_the_cache_of_the_user_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    fate(named("virtqueue_split_flush:6 without wmb(s, me, FLUSH_WMB)"), systems=[SMALL])
    assert os.environ["XDG_CACHE_HOME"] == "/somewhere"


def glanced(name: str, system: Any, tmp_path: Path) -> Glance:
    found = glances([named(name)], [system], 1, 60, Shelf(), str(tmp_path))
    return found[name][system]


@pytest.mark.needs("compiler")
def test_a_search_of_the_original_tells_where_a_mutant_differs(tmp_path: Path) -> None:
    """No run comes to it; it is come to and changes nothing that there is; it changes something."""
    never = "virtqueue_split_pop__empty:8 drop virtio_error(s, me)"
    assert glanced(never, SMALL, tmp_path) == Glance(False, False)
    # On a ring of 1 the only head is 0, which stands there anyway; a ring of 2 has another.
    store = "virtqueue_split_fill:14 drop store(s, me, loc.used_id[position], head)"
    assert not glanced(store, SMALL, tmp_path).differs
    assert glanced(store, rx(size=2, max_packet=1), tmp_path).differs
    assert glanced("more_work:1 never found", SMALL, tmp_path) == Glance(True, True)
    # It asks for nothing that it does not have: nobody can say without the C's values whether it differs.
    data = rx(idx_bits=2, notify=False, data=True)
    assert glanced("receive_header:6 1 -> 0", data, tmp_path).differs


@pytest.mark.needs("compiler")
def test_where_no_state_differs_every_question_has_the_answer_of_the_original(tmp_path: Path) -> None:
    """What is skipped for it is asked here: the number of states, and every verdict."""
    mutants = [m for m in all_mutants() if belongs(m, SMALL)][::12]
    seen = glances(mutants, [SMALL], 1, 60, Shelf(), str(tmp_path))
    alike = [m for m in mutants if not seen[m.name][SMALL].differs]
    assert 10 < len(alike) < len(mutants)
    before = explore_native(final(SMALL), SPINE, few=True)
    for m in [m for m in alike if can_differ(beside(m, SMALL))][:6]:
        after = explore_native(m.of(SMALL), SPINE, few=True)
        assert (after.states, after.rests, after.violations) == (before.states, before.rests, {}), m.name
        assert fate(m, systems=[SMALL]).word == "survived", m.name


@pytest.mark.needs("compiler")
def test_what_was_found_out_is_kept_by_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run searches nothing; one with another question asks that one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shelf = Shelf()
    killed = named("more_work:1 never found")
    survivor = named("virtqueue_add_split__idx:6 forget vq.num_added = vq.num_added + 1")
    first = [fate(m, systems=[UP], shelf=shelf) for m in (killed, survivor)]
    assert [f.word for f in first] == ["killed", "survived"]
    searches: list[int] = []

    def ask(self: Any, name: str, questions: Any, seconds: float) -> str:
        searches.append(len(questions))
        return ""

    monkeypatch.setattr(questions.Answers, "ask", ask)
    again = [fate(m, systems=[UP], shelf=shelf) for m in (killed, survivor)]
    assert searches == [] and [replace(f, seconds=0) for f in first] == [replace(f, seconds=0) for f in again]
    asked, _ = standard_for(UP.cfg)
    stranger = Property("another", lambda s: s.vq.num_free <= s.cfg.size, "always")
    monkeypatch.setattr("vrx.models.mutation.fate.standard_for", lambda cfg: ([*asked, stranger], []))
    fate(survivor, systems=[UP], shelf=shelf)
    assert searches[0] == 1


def test_the_rule_that_a_mutant_breaks_is_said() -> None:
    found = fate(named("virtqueue_split_flush:10 count + 1"), systems=[peers(peer="any-driver", idx_bits=2)])
    assert "follows_the_standard" in found.by and found.rule == "2.7.8.2-1"
