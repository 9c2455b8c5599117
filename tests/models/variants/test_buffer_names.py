"""A variant or a question that tells buffers apart by their numbers is refused where they have none, and only then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vrx.models.claims import Cover, Outcome, Reached, about
from vrx.models.deciding.checking import check
from vrx.models.deciding.engine import decide
from vrx.models.deciding.refusals import refusals, undecidable
from vrx.models.deciding.resting_on_names import asked_beside, founded
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3.exchanged_names import Exchange
from vrx.models.systems.mended import mended
from vrx.models.systems.system import rx
from vrx.models.variants.buffer_names import (
    BESIDE,
    functions_of,
    names_a_buffer,
    not_shown,
    steps_to_show,
    tells_buffers_apart,
)
from vrx.proofs.caller import completes_the_first, notifies_nobody
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.layouts.packed.driver import virtqueue_add_packed__head_flags
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import Softirq
from vrx.spec.liveness import LIVENESS, never_forever
from vrx.spec.properties import no_lost_kick, single_owner
from vrx.spec.property import invariant
from vrx.spec.questions import standard_for
from vrx.spec.rx import State
from vrx.spec.steps import mark


@invariant
def the_first_is_offered_last(s: State) -> bool:
    """Buffer 0 is out only if all are."""
    vq: Any = s.vq
    return not vq.token[0] or vq.num_free == 0


@invariant
def as_many_are_out(s: State) -> bool:
    """What is not free is out."""
    vq: Any = s.vq
    return bool(vq.token.count(True) + vq.num_free == s.cfg.size)


@never_forever
def the_first_stays_out(s: State) -> bool:
    """Buffer 0 is out."""
    vq: Any = s.vq
    return bool(vq.token[0])


def refills_if_the_first_is_free(s: State, budget: int) -> bool:
    """Whether there is room depends on which buffer came back."""
    vq: Any = s.vq
    return not vq.token[0]


def refills_at_once(s: State, budget: int) -> bool:
    """Any free buffer will do."""
    return bool(s.vq.num_free > 0)


def test_a_caller_that_completes_buffer_0_is_refused() -> None:
    named = rx(size=2, caller="any").replace("caller_fills", completes_the_first)
    refusal = refusals(named.under(replace(named.cfg, symmetry=True)))
    assert refusal.startswith("step caller_fills (main loop) tells buffers apart by their numbers: with buffers 0 and")
    assert refusal.endswith("; use symmetry=False") and "\n" not in refusal
    assert refusals(named) == ""


def test_a_helper_that_asks_for_a_number_is_found_in_the_step_that_calls_it() -> None:
    system = rx(size=2, symmetry=True)
    assert "virtnet_receive__refill" in refusals(system.replace("refill_wanted", refills_if_the_first_is_free))
    assert refusals(system.replace("refill_wanted", refills_at_once)) == ""


@pytest.mark.parametrize("options", [{}, {"memory": "tso"}, {"event_idx": True}, {"watch": True}], ids=str)
def test_who_treats_numbers_as_names_is_not_refused(options: dict[str, Any]) -> None:
    system = rx(**{"size": 2, "symmetry": True, **options})
    assert refusals(system.replace("virtio_queue_split_poll", parks_without_looking)) == ""
    general = rx(**{"size": 2, "caller": "any", "symmetry": True} | {k: v for k, v in options.items() if k != "watch"})
    assert refusals(general.replace("caller_notifies", notifies_nobody)) == ""


def test_a_question_that_names_a_buffer_is_refused() -> None:
    system = rx(size=2, symmetry=True)
    assert "it tells buffers apart by their numbers" in undecidable(system, the_first_is_offered_last)
    assert "use symmetry=False" in undecidable(system, the_first_stays_out)
    assert undecidable(system, as_many_are_out) == ""
    assert undecidable(rx(size=2), the_first_is_offered_last) == ""


@pytest.mark.parametrize("options", [{}, {"size": 4, "caller": "any"}, {"watch": True},
                                     {"event_idx": True, "decisions": True, "stops": True}], ids=str)  # fmt: skip
def test_no_standard_question_names_a_buffer(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the tool are not looked at in every run, so they are here."""
    monkeypatch.setattr("vrx.models.variants.buffer_names.all_of", lambda run, known: False)
    system = rx(**{"size": 2, "symmetry": True, **options})
    asked, _ = standard_for(system.cfg)
    assert len(asked) > 10 and set(asked).intersection(LIVENESS)
    assert [question.name for question in asked if names_a_buffer(system, question)] == []


def test_nothing_is_looked_for_where_numbers_are_kept() -> None:
    assert tells_buffers_apart(rx(size=2).replace("refill_wanted", refills_if_the_first_is_free)) == ""
    assert tells_buffers_apart(rx(size=2, symmetry=True)) == ""


SMALL: dict[str, Any] = {"ring": "packed", "size": 3, "max_packet": 1, "notify": False, "symmetry": True}


def offers_0_badly(s: PackedState, me: Softirq) -> None:
    """A buffer is given away twice, if it is number 0 and the ring is empty and has turned: no run without numbers
    comes there, as the slot's number is another one."""
    vq = s.vq
    if vq.num_free == 3 and vq.free_head == 0 and vq.next_avail_idx == 5 and vq.last_used_idx == 5:
        s.ghost.misuse = True
    virtqueue_add_packed__head_flags(s, me)


def offers_as_it_did(s: PackedState, me: Softirq) -> None:
    """No number is looked at."""
    if s.vq.num_free == 3 and s.vq.next_avail_idx == 5:
        s.ghost.misuse |= False
    virtqueue_add_packed__head_flags(s, me)


def marks_0(s: PackedState, me: Softirq) -> None:
    """A mark says which buffer it is, once in a while."""
    mark(s, "it is 0", when=(s.vq.free_head == 0) & (s.vq.next_avail_idx == 5) & (s.vq.num_free == 3))
    virtqueue_add_packed__head_flags(s, me)


def knows_the_switch(s: PackedState, me: Softirq) -> None:
    """A step may ask for the switch itself."""
    if s.cfg.symmetry and s.vq.free_head == 0 and s.vq.next_avail_idx == 5 and s.vq.num_free == 3:
        s.ghost.misuse = True
    virtqueue_add_packed__head_flags(s, me)


def takes_badly(s: PackedState) -> bool:
    """A helper that asks for a number, once in a while."""
    vq = s.vq
    return vq.num_free == 0 or (vq.num_free == 3 and vq.free_head == 0 and vq.next_avail_idx == 5)


@invariant
def not_0_behind_a_lap(s: State) -> bool:
    """Number 0 is never the first of three free ones at position 5."""
    vq: Any = s.vq
    return not (vq.num_free == 3 and vq.free_head == 0 and vq.next_avail_idx == 5)


RARE = rx(**SMALL).replace("virtqueue_add_packed__head_flags", offers_0_badly)
HARMLESS = rx(**SMALL).replace("virtqueue_add_packed__head_flags", offers_as_it_did)


def test_a_step_that_tells_buffers_apart_where_no_walk_comes_proves_nothing() -> None:
    assert refusals(RARE) == ""
    found = check(RARE, only=["single_owner", "inuse_exact"])
    assert [a.verdict for a in found.answers] == ["undecided", "undecided"] and not found.ok and not found.faults
    said = found.answer("single_owner").outcome.told
    assert said.startswith("step virtqueue_add_packed__head_flags (cpu0 napi) may tell buffers apart by their numbers")
    assert "vq.free_head=0" in said and "vq.next_avail_idx=5" in said
    assert said.endswith("; ask without --symmetry (symmetry=False)")
    numbered = RARE.under(replace(RARE.cfg, symmetry=False))
    assert check(numbered, only=["single_owner"]).answer("single_owner").verdict == "refuted"


def test_a_step_that_looks_at_no_number_proves_as_before() -> None:
    found = check(HARMLESS, only=["single_owner", "inuse_exact"])
    assert [a.verdict for a in found.answers] == ["proved", "proved"]
    assert check(HARMLESS, only=["single_owner"]).answer("single_owner").verdict == "proved"


@pytest.mark.parametrize("run", [offers_0_badly, marks_0, knows_the_switch])
@pytest.mark.parametrize("memory", ["sc", "tso"])
def test_whatever_a_step_does_with_a_number_is_found(run: Any, memory: str) -> None:
    system = rx(**SMALL, memory=memory).replace("virtqueue_add_packed__head_flags", run)
    assert "buffers 0 and 1" in not_shown(system, single_owner)


def test_a_helper_is_shown_in_all_steps() -> None:
    system = rx(**SMALL).replace("full", takes_badly)
    assert "try_fill_recv" in not_shown(system, single_owner)
    assert len(steps_to_show(system)) > 10


def test_a_cover_rests_on_it_too() -> None:
    system = rx(**SMALL).replace("virtqueue_add_packed__head_flags", marks_0)
    (found,) = decide([Cover("never", system, Reached("it is 0"))]).outcomes
    assert found.verdict == "undecided" and "may tell buffers apart" in found.reason


def test_a_question_that_names_a_buffer_where_no_walk_comes_is_not_proved() -> None:
    system = rx(**SMALL)
    assert undecidable(system, not_0_behind_a_lap) == ""
    (found,) = decide([about("mine", system, not_0_behind_a_lap, "proved")]).outcomes
    assert found.verdict == "undecided" and "not_0_behind_a_lap may tell buffers apart" in found.reason
    assert not_shown(rx(size=2, symmetry=True), as_many_are_out) == ""


def test_a_refutation_stays_one() -> None:
    system = rx(size=2, symmetry=True).replace("virtio_queue_split_poll", parks_without_looking)
    (found,) = decide([about("park", system, no_lost_kick, "refuted")]).outcomes
    assert found.verdict == "refuted"


def test_names_are_names_only_where_what_that_rests_on_holds() -> None:
    """As QEMU has it, a packed ring's caller that flushes in parts loses what is left: numbers are anywhere then."""
    claim = about("mine", HARMLESS, single_owner, "proved")
    proved = Outcome("proved", "native")
    for beside in asked_beside([claim]):
        assert founded(claim, proved, [(beside, proved)]).verdict == "proved"
        without = founded(claim, proved, [(beside, Outcome("refuted", "native", steps=34))])
        assert without.verdict == "undecided" and beside.asks.name in without.reason
    plain = about("plain", rx(**SMALL), single_owner, "proved")
    assert asked_beside([plain]) == [] and founded(plain, proved, [(plain, proved)]) is proved


STANDARD: list[Any] = [
    {"size": 2},
    {"size": 3, "ring": "packed"},
    {"size": 2, "ring": "packed"},
    {"size": 2, "memory": "tso", "event_idx": True},
    {"size": 2, "caller": "any"},
    {"size": 2, "irq": "other", "busy_poll": "other", "mergeable": True},
    {"size": 2, "watch": True, "decisions": True, "stops": True},
    pytest.param({"size": 3, "ring": "packed", "memory": "tso", "event_idx": True}, marks=pytest.mark.slow),
    pytest.param({"size": 3, "ring": "packed", "caller": "any"}, marks=pytest.mark.slow),
    pytest.param({"size": 4}, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("options", STANDARD, ids=str)
def test_numbers_are_names_to_every_step_of_this_tool(options: dict[str, Any]) -> None:
    """What is not asked of each variant again: Z3 shows it of all states in which `BESIDE` holds."""
    system = rx(symmetry=True, **options)
    exchange = Exchange(system, [step.name for step in system.steps], BESIDE)
    assert len(exchange.reading.actions) > 30
    assert [found.who for found in exchange.steps()] == []


@pytest.mark.parametrize("options", [{}, {"ring": "packed"}, {"memory": "tso"}, {"watch": True}], ids=str)
def test_every_state_is_one_in_which_that_is_shown(options: dict[str, Any]) -> None:
    system = mended(rx(**options, **PLAIN)) if "ring" in options else rx(**options, **PLAIN)
    found = explore_native(system, BESIDE)
    assert found.complete and not found.violations


PLAIN: dict[str, Any] = {"size": 2, "max_packet": 1, "symmetry": True}


def test_numbers_are_names_to_every_question_of_this_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_of: list[Any] = []
    monkeypatch.setattr("vrx.models.variants.buffer_names.all_of", lambda run, known: run not in asked_of)
    for options in ({"watch": True}, {"ring": "packed"}):
        system = rx(**options, **PLAIN)
        asked, _ = standard_for(system.cfg)
        asked_of[:] = [function for question in asked for function in functions_of(question)]
        assert [question.name for question in asked if not_shown(system, question)] == []
