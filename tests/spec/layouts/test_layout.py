"""A layout is a table: one of a single slot, whose files stand under tests/, runs with all that is above the ring."""

from __future__ import annotations

import json
from dataclasses import replace
from math import gcd
from typing import Any

import pytest

from tests.one_slot import ONE_SLOT, SHAPE
from tests.one_slot.memory import USED, loc
from tests.one_slot.state import OneState
from vrx.models.claims import about
from vrx.models.deciding.many_claims import prove_here
from vrx.models.engines.explorer import explore
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3.any_index import NotEverywhere, everywhere
from vrx.models.engines.z3.bmc import bmc
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import System, rx
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.models.traces.trace_file import from_text, to_json
from vrx.proofs.induction.systems import any_size
from vrx.spec.config import BadConfiguration
from vrx.spec.linux.returns import got_buf, receive_over, stops_here, took_buf
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load
from vrx.spec.properties import Property, no_lost_interrupt, no_lost_kick, rest_is_idle, single_owner
from vrx.spec.qemu.returns import not_empty, popped
from vrx.spec.qemu.state import MainLoop
from vrx.spec.questions import standard_for
from vrx.spec.ring import idx_add, turn
from vrx.spec.rx import FREE, HELD, OFFERED, give
from vrx.spec.rx import USED as WITH_RING
from vrx.spec.steps import Machine
from vrx.spec.suppression import kicks_suppressed_while_taking
from vrx.spec.switches import EVENTS


def one(**options: Any) -> System:
    """A system with one slot; packets fit unless something else is said."""
    return rx(**{"layout": ONE_SLOT, "max_packet": 1, **options})


SYSTEMS = [
    one(), one(max_packet=2), one(memory="tso"), one(memory="tso", guest="up"), one(watch=True), one(irq="other"),
    one(notify=False), one(caller="any"), one(stops=True), one(decisions=True), one(busy_poll="same"),
]  # fmt: skip


def believes_the_last_lap(s: OneState, me: Softirq, exhausted: int) -> None:
    """Takes what the state word says for this lap's, whether or not the buffer is out."""
    if stops_here(s, me, exhausted) or load(s, me, loc.state) != USED:
        receive_over(s, me)
        return
    give(s, 0, WITH_RING, FREE)
    s.vq.num_free = 1
    s.vq.last_used_idx = idx_add(s.cfg, s.vq.last_used_idx, 1)
    took_buf(s, me)
    got_buf(s, me)


def never_empty(s: OneState, me: MainLoop) -> None:
    """Does not look whether a buffer is posted."""
    not_empty(s, me)


def pops_unseen(s: OneState, me: MainLoop) -> None:
    """Pops without a look."""
    give(s, 0, OFFERED, HELD)
    s.dev.last_avail_idx = idx_add(s.cfg, s.dev.last_avail_idx, 1)
    popped(s, me, 0)


def goes_to_sleep(s: OneState, me: Softirq) -> None:
    """Does not look once more."""
    me.opaque = 0
    me.goto(L.IDLE)


@pytest.mark.parametrize(
    "system", [SYSTEMS[0], *(pytest.param(s, marks=pytest.mark.slow) for s in SYSTEMS[1:])], ids=lambda s: s.name
)
def test_every_standard_question_is_answered_and_holds(system: System) -> None:
    asked, _ = standard_for(system.cfg)
    assert {q.name for q in asked} >= {"single_owner"}
    results = prove_here([about(q.name, system, q, "proved") for q in asked])
    assert [(r.claim.name, r.reason) for r in results if not r.ok] == []


def test_the_questions_are_those_of_a_split_ring() -> None:
    """A question has a meaning by what is configured, except that nobody asks of an event index where none can be."""
    there, _ = standard_for(rx().cfg)
    here, others = standard_for(one(max_packet=2).cfg)
    assert {q.name for q in there} - {q.name for q in here} == {"event_index_monotone"}
    assert [why for q, why in others if q.name == "event_index_monotone"] == [str(EVENTS.reason)]


@pytest.mark.parametrize("system", [one(arrivals=False), one(arrivals=False, memory="tso"), one(notify=False)], ids=str)
def test_the_reference_and_the_native_explorer_agree(system: System) -> None:
    asked = [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)]
    found, native = explore(system, asked), explore_native(system, asked)
    assert found.complete and not found.violations and not native.violations
    assert (found.states, found.depth, found.rests) == (native.states, native.depth, native.rests)


@pytest.mark.parametrize(
    "barrier, prop",
    [
        ("one_slot_kick__mb", no_lost_kick),
        ("one_slot_recheck__mb", no_lost_kick),
        ("one_slot_should_notify__mb", no_lost_interrupt),
        ("one_slot_poll__mb", no_lost_interrupt),
    ],
)
def test_each_full_barrier_is_needed_under_tso(barrier: str, prop: Property) -> None:
    system = one(memory="tso", guest="up").without(barrier)
    found = explore_native(system, [prop], stop_at_violation=True).violations[prop.name]
    told = text(replay(barrier, system, prop, found.path))
    assert "state <- 1 (store buffer)" in told and "at rest: " in told
    assert "num_free: how many buffers are free, one or none" in told


def test_z3_finds_what_the_explorers_find() -> None:
    system = one().replace({"one_empty": never_empty, "one_pop": pops_unseen})
    found = [e(system, [single_owner], stop_at_violation=True) for e in (explore, explore_native)]
    bounded = bmc(system, single_owner, 6)
    assert {len(f.violations["single_owner"].path) for f in found} == {len(bounded.moves)} == {5}
    assert bmc(one(), single_owner, 6).verdict == "bounded"


def test_a_word_of_the_last_lap_is_not_believed() -> None:
    system = one().replace("one_get_buf", believes_the_last_lap)
    assert single_owner.name in explore_native(system, [single_owner], stop_at_violation=True).violations


def test_a_lost_interrupt_is_told_in_the_words_of_the_view() -> None:
    system = one().replace("one_poll", goes_to_sleep)
    path = explore(system, [no_lost_interrupt], stop_at_violation=True).violations["no_lost_interrupt"].path
    trace = replay("one slot", system, no_lost_interrupt, path)
    assert "1 used entry that the driver has not taken, NAPI asleep, no interrupt on its way" in text(trace)
    again = from_text(json.dumps(to_json(trace)), lambda subject, wanted: (system, no_lost_interrupt))
    assert again.states == trace.states


@pytest.mark.parametrize("options", [{}, {"memory": "tso"}, {"watch": True, "irq": "any"}], ids=str)
def test_the_simulator_runs_it(options: dict[str, Any]) -> None:
    asked = [q for q in standard_for(one(**options).cfg)[0] if isinstance(q, Property)]
    run = Simulator(one(**options), asked, 5).run(200)
    counts = run.counts()
    assert run.finished and run.violated is None
    assert counts["packets delivered"] == counts["buffers taken by the driver"] == 200
    assert counts["packets published by the device"] == 200 and counts["polls"] > 0 and counts["kicks sent"] > 0


def test_the_state_asleep_is_reached_at_every_index_of_a_turn() -> None:
    proved = everywhere(one())
    assert gcd(*(r.moved for r in proved.rounds), turn(one().cfg)) == 1 and turn(one().cfg) == 3
    forgotten = replace(ONE_SLOT, shape=replace(SHAPE, indices=SHAPE.indices[1:]))
    with pytest.raises(NotEverywhere, match=r"vq\.added is not what it was"):
        everywhere(one(layout=forgotten))


@pytest.mark.parametrize("gone", ["one_recheck", "one_irq", "one_empty"])
def test_a_shared_point_without_a_step_shows(gone: str) -> None:
    (device,) = ONE_SLOT.device
    less = Machine(device.name)
    less.steps, less.helpers = [s for s in device.steps if s.name != gone], device.helpers
    system = one(layout=replace(ONE_SLOT, device=(less,)))
    assert rest_is_idle.name in explore_native(system, [rest_is_idle]).violations


def test_a_location_that_is_not_listed_shows() -> None:
    less = replace(ONE_SLOT, shape=replace(SHAPE, stored=lambda cfg: (loc.state, loc.no_interrupt)))
    found = explore_native(one(layout=less, memory="tso"), [kicks_suppressed_while_taking])
    assert kicks_suppressed_while_taking.name in found.violations


def test_two_steps_of_one_name_are_refused() -> None:
    first, *_ = ONE_SLOT.driver
    with pytest.raises(BadConfiguration, match=f"two steps are called {first.steps[0].name}"):
        one(layout=replace(ONE_SLOT, driver=(*ONE_SLOT.driver, first)))


def test_the_proof_for_every_size_says_that_it_has_no_lemmas_about_it() -> None:
    with pytest.raises(BadConfiguration, match="layout=one slot: the proof for every ring size has no lemmas about"):
        any_size(one())


def test_its_rules_are_its_own() -> None:
    with pytest.raises(BadConfiguration, match="one slot; use 1"):
        one(size=2)
    with pytest.raises(BadConfiguration, match="nobody has written one for this layout"):
        one(hostile="device", notify=False)
