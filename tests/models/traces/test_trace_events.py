"""A trace is a list of events: each says enough for a renderer, and the end says why, in the question's own words."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import Move, System, rx
from vrx.models.traces import narration
from vrx.models.traces.events import Access, End, Loop, Step, Trace
from vrx.models.traces.trace import Mismatch, replay
from vrx.models.traces.trace_file import BadTrace, from_text, to_json
from vrx.proofs.museum.device import forgets_unpop
from vrx.spec.liveness import Liveness, never_forever
from vrx.spec.properties import Property, at_rest, invariant
from vrx.spec.questions import STANDARD
from vrx.spec.rx import State

ENDS = Property("ends", lambda s: False, "always")


def run(system: System, seed: int = 3, packets: int = 3) -> Trace:
    """Some run."""
    return replay("run", system, ENDS, Simulator(system, (), seed).run(packets).moves)


def accesses(trace: Trace, kind: str) -> list[tuple[Step, Access]]:
    return [(step, a) for step in trace.steps for a in step.accesses if a.kind == kind]


@pytest.mark.parametrize(
    "options",
    [{"memory": "sc"}, {"memory": "tso"}, {"memory": "tso", "data": True, "irq": "other", "event_idx": True}],
    ids=["sc", "tso", "tso-data"],
)
@pytest.mark.parametrize("size", [1, 2])
def test_every_load_says_where_its_value_is_from(size: int, options: dict[str, Any]) -> None:
    """Its store has this value, and was visible, or waits in the own store buffer."""
    trace = run(rx(size=size, idx_bits=8, **options), packets=6)
    seen = {0}
    for step, load in accesses(trace, "load"):
        if load.source is None or load.source == 0:
            assert not any(load.value) if isinstance(load.value, tuple) else load.value == 0
            continue
        seen.add(load.source)
        store = next(a for a in trace.steps[load.source - 1].accesses if a.kind == "store")
        assert set(store.fields) & set(load.fields)
        if store.fields == load.fields:
            assert store.value == load.value
        mine = trace.steps[load.source - 1].who.cpu == step.who.cpu
        later = store.visible is None or store.visible > step.number
        assert (load.waits and mine) if later else not load.waits
    assert len(seen) > 5


def test_a_store_is_seen_when_it_drains() -> None:
    trace = run(rx(memory="tso", idx_bits=8))
    drains = accesses(trace, "drain")
    assert drains
    for step, drain in drains:
        assert drain.source is not None and step.who.name.endswith(" stores")
        store = next(a for a in trace.steps[drain.source - 1].accesses if a.kind == "store")
        assert (store.place, store.value, store.visible) == (drain.place, drain.value, step.number)
        assert trace.steps[drain.source - 1].who.cpu == step.who.cpu
    assert all(store.waits and store.visible != step.number for step, store in accesses(trace, "store"))
    plain = run(rx(memory="sc", idx_bits=8))
    assert not accesses(plain, "drain")
    assert all(store.visible == step.number and not store.waits for step, store in accesses(plain, "store"))


def test_a_step_says_who_did_what_by_which_rule() -> None:
    trace = run(rx(memory="tso", idx_bits=8).replace("virtqueue_unpop", forgets_unpop))
    sides = {step.who.name: step.who.side for step in trace.steps}
    assert sides["main loop"] == "device" and sides["cpu0 napi"] == "driver" and sides["cpu0 stores"] == "driver"
    for step in trace.steps:
        assert step.function.sentence and step.function.c and step.function.clause
        assert step.who in trace.contexts
    faulty = {s.function.name: s.function for s in trace.steps if s.function.exchanged}
    assert list(faulty) == ["virtqueue_unpop"] and faulty["virtqueue_unpop"].c.startswith("virtqueue_unpop(), ")
    assert faulty["virtqueue_unpop"].sentence == "The packet is dropped and the popped element forgotten."
    assert faulty["virtqueue_unpop"].instead_of.startswith("Give the last popped element back")
    step = next(s for s in trace.steps if s.function.name == "virtqueue_add_split__idx")
    assert step.point == "ADD_IDX" and step.function.c.startswith("virtqueue_add_split(), drivers/virtio/virtio_ring.c")
    changed = {c.field.name: (c.before, c.after) for c in step.changes}
    assert changed["vq.avail_idx_shadow"] == (0, 1)
    here = trace.initial
    for step in trace.steps:
        after = list(here)
        for change in step.changes:
            after[[f.name for f in trace.fields].index(change.field.name)] = change.after
        assert tuple(after) == step.after
        here = step.after


def test_a_peer_of_the_standard_has_a_side() -> None:
    for peer in ("any-device", "any-driver"):
        system = peers(peer=peer, idx_bits=4)
        program = system.built()
        moves, here = [], program.initial
        for _ in range(12):
            move, here = list(program.successors(here))[-1]
            moves.append(move)
        assert {who.side for who in replay("run", system, ENDS, moves).contexts} == {"driver", "device"}


def stops_and_goes_on(claim: Liveness) -> Trace:
    """The machine stops and goes on, for ever, from its second stop on."""
    program = rx(stops=True).built()
    moves: list[Move] = []
    here = program.initial
    for name in ("vm_stop", "vm_continue") * 2:
        named = (found for found in program.successors(here) if program.actions[found[0].action].step.name == name)
        move, here = next(named)
        moves.append(move)
    return replay("stops", program.system, claim, moves, loop=2)


@never_forever
def still_there(s: State) -> bool:
    """Descriptors do not stay free for ever, whether the machine runs or not."""
    return s.vq.num_free != 0 and (s.net.running or not s.net.running)


def test_a_loop_is_an_event_where_it_begins() -> None:
    trace = stops_and_goes_on(still_there)
    assert [type(e) for e in trace.events] == [Step, Step, Loop, Step, Step, End] and trace.loop == 2
    assert trace.end.how == "loop" and [f.name for f, _ in trace.end.values] == ["vq.num_free"]
    shown = narration.text(trace).splitlines()
    assert shown.index("     -- from here for ever --") == 5
    assert "   4  back at state 2, and so for ever: num_free 1" in shown
    data = to_json(trace)
    assert data["end"] == {"how": "loop", "said": "", "values": {"vq.num_free": 1}} and data["loop"] == 2
    system = rx(stops=True)
    again = from_text(json.dumps(data), lambda name, wanted: (system, still_there))
    assert again == trace
    for loop in (4, -1, True, "1"):
        with pytest.raises(BadTrace, match="not the number of a state that a step leaves"):
            from_text(json.dumps(data | {"loop": loop}), lambda name, wanted: (system, still_there))
    with pytest.raises(Mismatch, match="does not lead back to state 4"):
        replay("stops", system, still_there, trace.moves, loop=4)


def test_a_loop_is_told_in_the_words_of_its_question() -> None:
    told = replace(still_there, explain=lambda s: f"{s.vq.num_free} left")
    shown = narration.text(stops_and_goes_on(told))
    assert "   4  back at state 2, and so for ever: 1 left\n      num_free 1\n" in shown


def nothing_taken(s: State) -> str:
    return f"{s.cfg.size - s.vq.num_free} of {s.cfg.size} are out"


@invariant(explain=nothing_taken)
def all_free(s: State) -> bool:
    """Nothing is offered."""
    return s.vq.num_free == s.cfg.size


def offering() -> tuple[System, list[Move]]:
    """A run whose last step takes a descriptor."""
    system = rx()
    program = system.built()
    moves: list[Move] = []
    here = program.initial
    while all_free.holds(program.state):
        move, here = next(program.successors(here))
        moves.append(move)
        program.view.set(here)
    return system, moves


def test_a_question_says_in_its_own_words_what_is_wrong() -> None:
    system, moves = offering()
    trace = replay("x", system, all_free, moves)
    assert trace.end.how == "here" and trace.end.said == "1 of 1 are out"
    n = len(moves)
    assert f"\n{n:4}  here: 1 of 1 are out\n      num_free 0\n" in narration.text(trace)
    assert to_json(trace)["end"] == {"how": "here", "said": "1 of 1 are out", "values": {"vq.num_free": 0}}


def test_without_words_of_its_own_the_values_that_it_read_say_it() -> None:
    system, moves = offering()
    trace = replay("x", system, replace(all_free, explain=None), moves)
    assert trace.end.said == "" and f"\n{len(moves):4}  here: num_free 0\n" in narration.text(trace)


def test_an_explanation_that_fails_hides_no_run() -> None:
    system, moves = offering()
    trace = replay("x", system, replace(all_free, explain=lambda s: s.vq.no_such), moves)
    assert "here: (the explanation of all_free fails: AttributeError: " in narration.text(trace)


def test_a_question_asked_on_integers_only_is_told_without_values() -> None:
    system, moves = offering()
    asked = Property("small", lambda s: [True, False][s.cfg.size - int(s.vq.num_free)], "always")
    assert f"\n{len(moves):4}  here: " in narration.text(replay("x", system, asked, moves))


def test_decorators_take_an_explanation() -> None:
    @at_rest(explain=nothing_taken)
    def rests(s: State) -> bool:
        """It rests."""
        return True

    @never_forever(explain=nothing_taken)
    def lasts(s: State) -> bool:
        """It lasts."""
        return True

    assert rests.explain is nothing_taken and lasts.explain is nothing_taken


@pytest.mark.parametrize(
    "system",
    [rx(), rx(data=True), rx(caller="any"), rx(memory="tso"), rx(hostile="driver"), rx(hostile="device"),
     peers(peer="any-device"), peers(peer="any-driver")],
    ids=lambda s: s.name[:40],
)  # fmt: skip
def test_the_standard_questions_explain_wherever_they_have_a_meaning(system: System) -> None:
    state = system.state()
    said = [q.explain(state) for q in STANDARD if q.explain is not None and not q.meaningless(system.cfg)]
    assert said and all(isinstance(one, str) and one and "\n" not in one for one in said)


def test_the_narration_reads_events_alone() -> None:
    """It imports nothing that takes a step, runs on terms, or knows a question; of the memory it has the names."""
    tree = ast.parse(Path(narration.__file__).read_text(encoding="utf-8"))
    ours = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("vrx.")}
    assert ours == {
        "vrx.models.systems.fields",
        "vrx.models.traces.events",
        "vrx.models.traces.legend",
        "vrx.spec.explanations",
        "vrx.spec.memory",
    }


def test_a_step_says_which_barriers_it_takes() -> None:
    def taken(system: System) -> list[tuple[str, str, str, bool]]:
        moves = Simulator(system, (), 0).run(3).moves
        steps = replay("run", system, Property("ends", lambda s: False, "always"), moves).steps
        return [(s.function.name, b.kind, b.name, b.orders) for s in steps for b in s.barriers]

    buffered = rx(memory="tso", event_idx=True)
    found = taken(buffered)
    assert {kind for _, kind, _, _ in found} == {"mb", "rmb", "wmb", "lock"}
    assert all(orders == (kind in ("mb", "lock")) for _, kind, _, orders in found)
    assert ("virtqueue_poll", "mb", "virtqueue_poll__mb", True) in found
    assert not any(name == "virtqueue_poll__mb" for *_, name, _ in taken(buffered.without("virtqueue_poll__mb")))
    assert not any(orders for *_, orders in taken(rx(event_idx=True)))
    moves = Simulator(buffered, (), 0).run(3).moves
    assert "full barrier" in narration.text(replay("run", buffered, ENDS, moves))
    assert "barrier" not in narration.text(replay("run", rx(event_idx=True), ENDS, Simulator(rx(event_idx=True), (), 0)
                                                  .run(3).moves))  # fmt: skip
    assert "lock" not in {kind for _, kind, _, _ in taken(rx(memory="tso", guest="up"))}
