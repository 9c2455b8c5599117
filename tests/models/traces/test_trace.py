"""Traces: believed only after a replay, told step by step, written and read back, and robust against any file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrx.models.claims import cover, reached
from vrx.models.deciding.counterexample import shortest
from vrx.models.deciding.engine import search_for
from vrx.models.deciding.user_file import Subject
from vrx.models.engines.explorer import explore
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.step_errors import OutOfRange
from vrx.models.systems.system import Move, System, rx
from vrx.models.traces import narration
from vrx.models.traces.events import Trace
from vrx.models.traces.trace import Mismatch, replay, way_to_fault
from vrx.models.traces.trace_file import BadTrace, from_text, to_json
from vrx.proofs.museum import data as museum
from vrx.proofs.museum.data import big, uses_last_length
from vrx.proofs.museum.device import forgets_unpop
from vrx.spec.explanations import entries_not_taken
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.properties import Property, descriptors_conserved, no_lost_interrupt, used_entries_exact

LEAKS = rx().replace("virtqueue_unpop", forgets_unpop)
NOTHING_HOLDS = Property("nothing_holds", lambda s: s.vq.num_free != 0, "always")


def found(system: System, prop: Property) -> list[Move]:
    return explore(system, [prop], stop_at_violation=True).violations[prop.name].path


@pytest.fixture(scope="module")
def leak() -> Trace:
    return replay("leak", LEAKS, descriptors_conserved, found(LEAKS, descriptors_conserved))


@pytest.fixture(scope="module")
def buffered() -> Trace:
    system = rx(memory="tso", arrivals=False)
    return replay("t", system, NOTHING_HOLDS, found(system, NOTHING_HOLDS))


def known(name: str, wanted: str) -> tuple[System, Property] | None:
    return (LEAKS, descriptors_conserved) if name == "leak" else None


def test_a_trace_is_what_the_integers_do(leak: Trace) -> None:
    assert replay("leak", LEAKS, descriptors_conserved, leak.moves, leak.states).steps == leak.steps
    assert len(leak.states) == len(leak.steps) + 1


OF_EACH_KIND = {
    "small": "header-counted-twice",
    "mergeable": "num-buffers-after-publication",
    "chains": "used-id-of-last-descriptor",
    "length": "used-len-unchecked-mergeable",
}


@pytest.mark.parametrize("bug", [*OF_EACH_KIND.values(), "tables"])
def test_traces_with_data_are_what_the_integers_do(bug: str) -> None:
    """Of each kind of buffer: the engine's way to a bug, field by field, through a file, and as a person reads it."""
    exhibits = {e.id: e for e in museum.exhibits()}
    system = exhibits[bug].faulty if bug != "tables" else big(indirect=True).replace(museum.FILL, uses_last_length)
    prop = exhibits[bug].asks if bug != "tables" else used_entries_exact
    assert isinstance(prop, Property)
    way = search_for(system, prop)
    assert way is not None
    trace = replay(bug, system, prop, way.path)
    assert trace.states[0] == system.built().initial and not prop.holds(_state(system, trace))
    again = from_text(json.dumps(to_json(trace)), lambda name, wanted: (system, prop))
    assert again.steps == trace.steps and again.states == trace.states
    told = narration.text(trace)
    assert "REFUTED" in told and prop.name in told and "used.ring" in told and "buffer.data" in told


def _state(system: System, trace: Trace) -> Any:
    """The state at the end."""
    program = system.built()
    program.view.set(trace.states[-1])
    return program.state


def test_a_state_that_an_engine_got_wrong_is_named_with_its_field(leak: Trace) -> None:
    states = leak.states
    field = [f.name for f in leak.fields].index("ring.avail_idx")
    states[9] = tuple(v + 1 if i == field else v for i, v in enumerate(states[9]))
    with pytest.raises(Mismatch, match=r"step 9 differs: ring.avail_idx is 1 on integers, 2 in the trace"):
        replay("leak", LEAKS, descriptors_conserved, leak.moves, states)
    with pytest.raises(Mismatch, match="states"):
        replay("leak", LEAKS, descriptors_conserved, leak.moves, leak.states[:-1])


def test_a_run_that_is_none_or_shows_nothing_is_refused(leak: Trace) -> None:
    moves = leak.moves
    with pytest.raises(Mismatch, match=r"step 5 is not possible: .* cannot be taken with .* at "):
        replay("leak", LEAKS, descriptors_conserved, [*moves[:4], *moves[5:]])
    with pytest.raises(Mismatch, match="descriptors_conserved holds in the last state"):
        replay("leak", LEAKS, descriptors_conserved, moves[:-1])
    with pytest.raises(Mismatch, match="not at rest"):
        replay("leak", LEAKS, no_lost_interrupt, moves)
    with pytest.raises(Mismatch, match="does not pass the mark"):
        replay("leak", LEAKS, reached("the device parks"), moves)


def test_a_cycle_must_close() -> None:
    system = rx()
    run = Simulator(system, (), 1).run(5)
    trace_property = Property("no_spin", lambda s: True, "always")
    with pytest.raises(Mismatch, match="does not lead back"):
        replay("spin", system, trace_property, run.moves, loop=0)


def test_the_text_names_lanes_functions_accesses_and_changes(leak: Trace) -> None:
    lines = narration.text(leak).splitlines()
    assert lines[0] == f"REFUTED  descriptors_conserved   {LEAKS.name}   12 steps"
    assert lines[1].strip() == descriptors_conserved.sentence
    assert any(line.startswith("  12  ") for line in lines) and not any(line.startswith("  13  ") for line in lines)
    assert any("virtqueue_add_split__idx" in s and "avail.idx <- 1; avail_idx_shadow 0 -> 1" in s for s in lines)
    assert any("reads avail.idx 1" in s for s in lines)
    end = next(line for line in lines if line.startswith("  12  here:"))
    assert "num_free" in end and "num_free 0" in lines[lines.index(end) + 1]
    assert "virtqueue_unpop is exchanged: The packet is dropped and the popped element forgotten." in lines
    assert "  num_free: how many descriptors are on it" in lines
    assert not any(hidden in "\n".join(lines) for hidden in ("ghost.owner", ".pc", "ring."))


def test_stores_wait_in_the_store_buffer_and_drain(buffered: Trace) -> None:
    text = narration.text(buffered)
    assert "avail.ring[0] <- 0 (store buffer)" in text and "buffers0" not in text
    system = rx(memory="tso", arrivals=False)
    run = Simulator(system, (), 0).run(0)
    prop = Property("p", lambda s: s.ring.avail_idx == 0, "always")
    drained = replay("t", system, prop, found(system, prop))
    assert run.steps and "cpu0 stores" in narration.text(drained)
    assert "avail.idx = 1, visible to all" in narration.text(drained)


def test_a_cover_reads_as_reached() -> None:
    system = rx()
    claim = cover("c", system, "the device parks")
    path = explore(system, (), limit=2000).covers["the device parks"].path
    text = narration.text(replay("c", system, claim.asks, path))
    assert text.startswith("REACHED  the device parks") and "[the device parks]" in text


def test_written_and_read_back(leak: Trace) -> None:
    data = to_json(leak)
    again = from_text(json.dumps(data), known)
    assert again.steps == leak.steps and to_json(again) == data
    assert narration.text(again) == narration.text(leak)


def test_a_trace_of_a_plain_system_needs_no_claim() -> None:
    system = rx(memory="tso", guest="up", event_idx=True).without("virtqueue_poll__mb")
    search = search_for(system, no_lost_interrupt)
    assert search is not None
    path = search.path
    written = json.dumps(to_json(replay("gone", system, no_lost_interrupt, path)))
    assert from_text(written, lambda name, wanted: None).moves == path


def changed(leak: Trace, **values: Any) -> str:
    return json.dumps(to_json(leak) | values)


def test_files_that_are_no_trace(leak: Trace) -> None:
    data = to_json(leak)
    system = data["system"]
    cases = [
        ("", "not JSON"),
        ("{", "cut off"),
        ("[" * 100_000, ""),
        ("[]", "not a trace of vrx"),
        ('{"version": 1, "claims": []}', "not a trace of vrx"),
        (changed(leak, version=1), "reads version 4: write the trace again"),
        (changed(leak, version=3), "reads version 4"),
        (changed(leak, version=2), "reads version 4: write the trace again"),
        (changed(leak, steps="none"), '"steps" is missing or not a list'),
        (changed(leak, steps=[7]), "step 1 is not an object"),
        (changed(leak, steps=[{}]), '"actor" is missing'),
        (changed(leak, subject=None), '"subject" is missing'),
        (changed(leak, subject="other"), "not known here"),
        (changed(leak, property="no_lost_kick"), "is now about descriptors_conserved"),
        (changed(leak, system=system | {"changed": []}), "it changes [\"virtqueue_unpop"),
        (changed(leak, system=system | {"config": {}}), "now about another system"),
        (
            changed(leak, system=system | {"config": system["config"] | {"idx_bits": 5}}),
            "leak is now about another system: idx_bits is 3, 5 in the trace",
        ),
        (changed(leak, end=None), '"end" is missing'),
        (changed(leak, subject="other", system=system | {"changed": [], "config": {"size": 3}}), "power of two"),
        (changed(leak, subject="other", system=system | {"changed": [], "config": {"size": "x"}}), "configuration"),
        (changed(leak, subject="other", system=system | {"changed": [], "config": {"sz": 1}}), "is called sz"),
        (changed(leak, subject="other", property="luck", system=system | {"changed": []}), "no property is called"),
        (changed(leak, initial={"ring.avail_idx": 0}), "another version of the specification"),
        (changed(leak, loop=99), '"loop" is 99'),
        (changed(leak, steps=[data["steps"][0] | {"step": "hope"}]), "no step 'hope'"),
        (changed(leak, steps=[data["steps"][0] | {"choice": {}}]), "has the choices"),
        (changed(leak, steps=[data["steps"][0] | {"choice": {"size": 9, "watch": 0}}]), "has size 0..1"),
        (changed(leak, steps=[data["steps"][0] | {"changes": {"hope": 1}}]), "no field is called 'hope'"),
    ]
    for text, says in cases:
        with pytest.raises(BadTrace) as error:
            from_text(text, known)
        assert says in str(error.value) and "\n" not in str(error.value), str(error.value)


def test_a_trace_that_says_something_else_than_the_steps_do(leak: Trace) -> None:
    data = to_json(leak)
    data["steps"][6]["changes"]["main.size"] = 0
    with pytest.raises(Mismatch, match=r"step 7 differs: main.size becomes"):
        from_text(json.dumps(data), known)
    with pytest.raises(Mismatch, match=r"step 0 differs: ring.avail_idx begins as 0, 1 in the trace"):
        from_text(changed(leak, initial=to_json(leak)["initial"] | {"ring.avail_idx": 1}), known)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("accesses", [["store", "avail.idx", 7]], "its accesses are"),
        ("accesses", None, "none in the trace"),
        ("barriers", [["mb", "hope"]], 'hope"]] in the trace'),
        ("marks", ["luck"], "its marks are"),
    ],
)
def test_what_the_file_says_beside_the_states_is_compared_too(buffered: Trace, key: str, value: Any, said: str) -> None:
    asked = lambda name, wanted: (rx(memory="tso", arrivals=False), NOTHING_HOLDS)  # noqa: E731
    data = to_json(buffered)
    entry = next(e for e in data["steps"] if "accesses" in e)
    if value is None:
        del entry[key]
    else:
        entry[key] = value
    with pytest.raises(Mismatch, match=r"step \d+ differs: its") as error:
        from_text(json.dumps(data), asked)
    assert said in str(error.value)


def test_the_end_and_the_name_in_a_file_are_compared_too(leak: Trace) -> None:
    data = to_json(leak)
    ends: list[dict[str, Any]] = [{"said": "all is well"}, {"how": "rest"}, {"values": {}}]
    for end in ends:
        with pytest.raises(Mismatch, match=f"the end differs: {next(iter(end))} is"):
            from_text(changed(leak, end=data["end"] | end), known)
    with pytest.raises(Mismatch, match=r"the system is called .* here, mine in the trace"):
        from_text(changed(leak, system=data["system"] | {"name": "mine"}), known)
    assert from_text(changed(leak, end=data["end"] | {"later": 1}, later=2), known).steps == leak.steps


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_no_damage_to_a_file_is_anything_but_a_clear_error(leak: Trace, data: st.DataObject) -> None:
    text = json.dumps(to_json(leak))
    at = data.draw(st.integers(0, len(text) - 1))
    damage = data.draw(st.sampled_from(["cut", "drop", "change"]))
    if damage == "cut":
        text = text[:at]
    else:
        put = "" if damage == "drop" else data.draw(st.sampled_from('0179"{}[],:xn\x00'))
        text = text[:at] + put + text[at + 1 :]
    try:
        from_text(text, known)
    except (BadTrace, Mismatch) as error:
        assert "\n" not in str(error)


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 2**32),
    options=st.fixed_dictionaries(
        {"size": st.sampled_from([1, 2, 4]), "event_idx": st.booleans(), "memory": st.sampled_from(["sc", "tso"]),
         "data": st.booleans(), "irq": st.sampled_from(["same", "other", "any"])}
    ),
)
def test_any_run_is_told_written_and_replayed(seed: int, options: dict[str, Any]) -> None:
    system = rx(idx_bits=8, **options)
    moves = Simulator(system, (), seed).run(3).moves
    ending = Property("ends", lambda s: False, "always")
    trace = replay("run", system, ending, moves)
    steps = [line for line in narration.text(trace).splitlines() if re.match(r" {0,3}\d+  (cpu|main|net)", line)]
    assert len(steps) == len(moves)
    again = from_text(json.dumps(to_json(trace)), lambda name, wanted: (system, ending))
    assert again.states == trace.states


def counts_on(s: SplitState, me: Softirq) -> None:
    """num_added is not set back."""
    s.vq.num_added = s.vq.num_added + 1
    me.ret()


@pytest.mark.needs("compiler")
def test_the_run_to_a_value_without_room_is_shown_beside_the_advice(capsys: pytest.CaptureFixture[str]) -> None:
    system = rx(idx_bits=2, max_packet=1).replace("virtqueue_kick_prepare_split", counts_on)
    with pytest.raises(OutOfRange, match=r"num_added=2 is outside 0\.\.1; if it is meant, widen") as found:
        shortest(Subject("mine", system, ()), None)
    shown = narration.text(way_to_fault(*found.value.of, found.value.moves)).splitlines()
    assert shown[0].endswith("5 steps")
    assert shown[6] == "   5  cpu0 napi  virtqueue_kick_prepare_split  num_added 1 -> 2"
    assert shown[7:9] == ["", "   5  vq.num_added=2 is outside 0..1"]


def test_a_rest_says_where_the_napi_is() -> None:
    s: Any = rx().state()
    s.ring.used_idx = 1
    said = []
    for s.napi.sched, s.napi.poll_list in ((False, 0), (True, 0), (True, 1)):
        said.append(entries_not_taken(s).split(", ")[1])
    assert said == ["NAPI asleep", "SCHED set and the NAPI on no list", "NAPI on the list of CPU 0"]
