"""The foundation: every reading of every step and property says the same.

Whatever any engine claims rests on this.  On random states of several systems
each action with each choice is taken on integers, as terms in plain Python, and
in z3; enabledness, every field of the successor, and every property must agree.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.native_step import NativeStep
from tests.needs import need
from tests.readings import OutsideModel, Reader, Said, States, all_moves, core_system, difference, readers
from vrx.models.claims import Safety
from vrx.models.deciding.engine import decide
from vrx.models.engines.explorer import explore
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3 import bitvectors
from vrx.models.engines.z3.bitvectors import BitVectors
from vrx.models.engines.z3.bmc import bmc
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.terms import Num
from vrx.models.systems.fields import Values
from vrx.models.systems.standard_systems import peers, standard, watched
from vrx.models.systems.system import Move, System, litmus_test, rx
from vrx.proofs.standard import ANY, FOLLOWS, LINUX, QEMU
from vrx.spec import core
from vrx.spec.broken import LIES
from vrx.spec.layouts.packed.properties import PACKED
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.litmus import fenced
from vrx.spec.properties import (
    ALL,
    SPINE,
    Property,
    free_list_intact,
    inuse_exact,
    length_within_buffer,
    rest_is_idle,
    ring_not_broken,
    single_owner,
)
from vrx.spec.standard.abstract import ABSTRACT
from vrx.spec.steps import ModelError

CORE = (Property("no_lost_wakeup", core.no_lost_wakeup, "rest"), Property("windows", core.windows, "always"))
SYSTEMS: dict[str, System] = {
    "smallest": rx(),
    "event index, TSO, UP": rx(event_idx=True, memory="tso", guest="up"),
    "two CPUs, TSO": rx(size=2, event_idx=True, memory="tso", irq="any", idx_bits=4),
    "threaded, flags, TSO": rx(size=2, memory="tso", irq="other", stops=True),
    "data, flags": rx(size=2, data=True),
    "data, TSO, stops": rx(size=2, data=True, memory="tso", event_idx=True, stops=True, filter=True),
    "mergeable data": rx(size=4, data=True, mergeable=True, max_packet=5, idx_bits=4),
    "mergeable data, TSO, free wake-ups": rx(
        size=2, data=True, mergeable=True, max_packet=3, memory="tso", notify=False, idx_bits=2, max_elements=1
    ),
    "chains of three": rx(size=4, data=True, segments=3, max_packet=4, buffer_len=3, hdr_room=2, notify=False),
    "chains in tables, TSO": rx(size=2, data=True, segments=2, indirect=True, memory="tso"),
    "any caller": rx(size=2, caller="any", event_idx=True, memory="tso", positions=True),
    "a task and a timer, two CPUs, TSO": rx(
        size=2, busy_poll="other", gro_flush_timeout=True, defer_hard_irqs=2, memory="tso", irq="any"
    ),
    "netpoll, event index": rx(size=2, netpoll="same", event_idx=True),
    "opened by a task, a timer": rx(size=2, opens="task", gro_flush_timeout=True),
    "four buffers, merging, 16 bits": rx(size=4, mergeable=True, max_packet=4, event_idx=True, idx_bits=16),
    "four buffers, everything": rx(
        size=4, data=True, max_packet=3, memory="tso", event_idx=True, irq="any", idx_bits=16
    ),
    "beside a liar": rx(size=4, data=True, mergeable=True, max_packet=5, notify=False, hostile="device"),
    "beside a driver that lies": rx(size=4, data=True, segments=2, indirect=True, event_idx=True, hostile="driver"),
    "any caller beside one": rx(size=4, caller="any", event_idx=True, hostile="driver"),
    "packed, beside a liar": rx(ring="packed", size=3, data=True, mergeable=True, max_packet=5, hostile="device"),
    "packed, beside a driver that lies": rx(
        ring="packed", size=3, data=True, segments=2, indirect=True, event_idx=True, hostile="driver"
    ),
    "packed, any caller beside one": rx(ring="packed", size=3, caller="any", event_idx=True, hostile="driver"),
    "packed, lists over the end": rx(
        ring="packed", size=5, data=True, segments=3, max_packet=4, buffer_len=3, hdr_room=2, event_idx=True
    ),
    "packed, tables, TSO": rx(ring="packed", size=3, data=True, segments=2, indirect=True, memory="tso"),
    "packed, lists that merge": rx(ring="packed", size=5, data=True, segments=2, mergeable=True, event_idx=True),
    "packed, merging, TSO": rx(ring="packed", size=3, data=True, mergeable=True, max_packet=5, memory="tso"),
    "without a barrier": rx(event_idx=True, memory="tso", guest="up").without("virtqueue_poll__mb"),
    "the core": core_system(core.CoreConfig(size=4, idx_bits=4, memory="tso")),
    "store buffering": litmus_test(fenced("SB"), "tso"),
    "any device, TSO": peers(peer="any-device", size=2, memory="tso", irq="any"),
    "any with any, event index": peers(peer="any", size=2, event_idx=True),
    "the standard's queue": standard(size=2, mergeable=True, lengths=True, header=0, idx_bits=16),
    "watched, any driver": watched(peers(peer="any-driver", size=2, event_idx=True, max_packet=1)),
    "watched, Linux and QEMU": watched(peers(idx_bits=2)),
}
PROPERTIES: dict[str, tuple[Property, ...]] = {
    "the core": CORE,
    "store buffering": (),
    "beside a liar": (free_list_intact, length_within_buffer, single_owner, ring_not_broken),
    # Of the lies those that both sides are asked about.
    "packed, beside a liar": (free_list_intact, length_within_buffer, *LIES),
    "packed, beside a driver that lies": (inuse_exact, length_within_buffer, *LIES[:3]),
    "packed, any caller beside one": (inuse_exact, rest_is_idle, *LIES[:3]),
    "packed, lists over the end": (*ALL, *PACKED),
    "packed, tables, TSO": (*ALL, *PACKED),
    "packed, lists that merge": (*ALL, *PACKED),
    "packed, merging, TSO": (*ALL, *PACKED),
    "any device, TSO": LINUX,
    "any with any, event index": ANY,
    "the standard's queue": ABSTRACT,
    "watched, any driver": (*QEMU, *FOLLOWS),
    "watched, Linux and QEMU": (*SPINE, *FOLLOWS),
}
"""Where they are not those of the receive path."""
OUTSIDE_LIMIT = 0.03
"""At most this part of what was drawn may have no meaning on integers."""


class Bench:
    """One system with its readings, its random states, and what was counted."""

    def __init__(self, system: System, props: tuple[Property, ...]) -> None:
        self.props = props
        self.reading = Reading(system)
        self.reference, self.others = readers(self.reading, props)
        self.program = self.reference.program
        self.states = States(self.program, seed=1)
        self.moves = list(all_moves(self.program))
        self.counted: Counter[str] = Counter()

    def compare_moves(self, values: Values, moves: list[Move]) -> set[Move]:
        """Compare all readings on some moves in a state; those that are enabled."""
        known = {}
        for move in moves:
            try:
                known[move] = self.reference.said(values, move)
            except OutsideModel:
                self.counted["outside"] += 1
        self.counted["moves"] += len(moves)
        asked = list(known)
        for reader in self.others:
            for move, said in zip(asked, reader.moves(values, asked), strict=True):
                if said != known[move]:
                    text = difference(self.program, move, values, known[move], said)
                    pytest.fail(f"{reader.name} differs from the integers: {text}")
        enabled = {move for move, said in known.items() if said.enabled}
        self.counted["enabled"] += len(enabled)
        return enabled

    def compare_properties(self, values: Values) -> None:
        """Compare all readings on all properties in a state."""
        try:
            known = self.reference.properties(values)
        except OutsideModel:
            self.counted["outside, properties"] += 1
            return
        for reader in self.others:
            said = reader.properties(values)
            names = [*(p.name for p in self.props), "rest"]
            wrong = [n for n, a, b in zip(names, known, said, strict=True) if a != b]
            assert not wrong, f"{reader.name} differs from the integers about {wrong} in {values}"

    def assert_inside(self) -> None:
        """Few of the states that were drawn had no meaning."""
        assert self.counted["outside"] <= OUTSIDE_LIMIT * self.counted["moves"], self.counted


@cache
def bench(name: str) -> Bench:
    return Bench(SYSTEMS[name], PROPERTIES.get(name, ALL))


QUICK = (
    "smallest", "event index, TSO, UP", "two CPUs, TSO", "data, TSO, stops", "mergeable data", "chains of three",
    "any caller", "netpoll, event index", "the core", "any device, TSO", "watched, any driver",
)  # fmt: skip
"""Of these the quick tests ask: every kind of buffer, of caller and of side, both memory models."""
each_system = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in SYSTEMS], scope="module"
)
"""By module: all tests of a system stand together, so that one process makes its readings, once."""


@pytest.mark.draws
@each_system
def test_readings_agree_on_random_states(name: str) -> None:
    """Any state: uniform, or a reached one with some fields overwritten; all actions, all choices."""
    b = bench(name)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.integers(0, 7))
    def compare(rng: random.Random, changes: int) -> None:
        values = b.states.uniform(rng) if changes == 7 else b.states.disturbed(rng, changes)
        b.compare_moves(values, b.moves)
        b.compare_properties(values)

    compare()
    b.assert_inside()


@pytest.mark.draws
@each_system
def test_readings_agree_where_the_step_is_aimed_at(name: str) -> None:
    """Any move: states in which its context stands where the step is taken."""
    b = bench(name)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.sampled_from(b.moves), st.integers(0, 12))
    def compare(rng: random.Random, move: Move, changes: int) -> None:
        values = b.states.uniform(rng) if changes == 12 else b.states.disturbed(rng, changes)
        b.compare_moves(b.states.aimed(rng, values, move), [move])

    compare()
    b.assert_inside()


@each_system
def test_every_action_is_compared_where_it_is_enabled(name: str) -> None:
    """No action escapes the comparison: each is found enabled, with each choice that it ever has."""
    b = bench(name)
    rng = random.Random(7)
    missing = []
    for move in b.moves:
        times = 0
        for _ in range(400):
            values = b.states.disturbed(rng, rng.randint(0, 12))
            times += len(b.compare_moves(b.states.aimed(rng, values, move), [move]))
            if times == 3:
                break
        if times == 0 and not any(move.choice):
            missing.append(b.program.actions[move.action].name)
    assert not missing, f"never enabled: {missing}"
    b.assert_inside()


@each_system
def test_readings_agree_along_a_run(name: str) -> None:
    """Reached states, where the properties are about something: every one of them, and whether it is a rest."""
    b = bench(name)
    reached = b.states.reached
    for values in random.Random(3).sample(reached, min(12, len(reached))):
        b.compare_properties(values)


@pytest.mark.draws
@each_system
def test_the_native_reading_agrees(name: str) -> None:
    """The generated C: all successors of a state, which actions fire, and every property."""
    b = bench(name)
    need("compiler")
    native = NativeStep(b.reading, b.props)
    counted: Counter[str] = Counter()

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.sampled_from(b.moves), st.integers(0, 8))
    def compare(rng: random.Random, move: Move, changes: int) -> None:
        values = b.states.aimed(rng, b.states.disturbed(rng, changes), move)
        counted["states"] += 1
        try:
            known = {m: b.reference.said(values, m) for m in b.moves}
            *holds, rest = b.reference.properties(values)
        except OutsideModel:
            counted["outside"] += 1
            return
        said = native.expand(values)
        assert said.spills == any(not s.fits for s in known.values())
        assert said.busy != rest
        assert said.holds == tuple(holds)
        if not said.spills:  # the C stops at the first value out of its range
            assert said.fired == Counter(m.action for m, s in known.items() if s.enabled)
            assert said.after == Counter(s.after for s in known.values() if s.after is not None)

    compare()
    assert counted["outside"] <= 0.2 * counted["states"], counted


def _cut(self: BitVectors, term: Num, bits: int) -> Any:
    """Extends every number as if it were never negative."""
    lowered = self._known[id(term)]
    missing = bits - lowered.size()
    return z3.Extract(bits - 1, 0, lowered) if missing < 0 else z3.ZeroExt(missing, lowered)


def _narrow(low: int, high: int) -> int:
    """One bit too few for what may be negative."""
    return max(1, high.bit_length())


@pytest.mark.parametrize("fault", ["sign", "width", "signed"])
def test_a_wrong_lowering_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison can fail: lowerings with the usual mistakes do not pass."""
    if fault == "sign":
        monkeypatch.setattr(BitVectors, "fitted", _cut)
    elif fault == "width":
        monkeypatch.setattr(bitvectors, "width", _narrow)
    else:
        monkeypatch.setattr(z3, "ULT", lambda a, b: a < b)
    b = bench("two CPUs, TSO")
    wrong = readers(b.reading, b.props)[1][1]
    assert _differs(b, wrong, b.moves, 20)


def _differs(b: Bench, wrong: Reader, moves: list[Move], times: int) -> bool:
    rng = random.Random(5)
    for move in moves:
        for _ in range(times):
            values = b.states.aimed(rng, b.states.disturbed(rng, 4), move)
            try:
                known: Said = b.reference.said(values, move)
            except OutsideModel:
                continue
            if wrong.moves(values, [move]) != [known]:
                return True
    return False


def test_a_wrong_reading_is_noticed() -> None:
    """The comparison can fail: a reading of another system (its barrier missing) does not pass."""
    b = bench("event index, TSO, UP")
    moves = [m for m in b.moves if b.program.actions[m.action].step.name == "virtqueue_poll"]
    assert _differs(b, bench("without a barrier").others[1], moves, 200)


def reads_one_too_far(s: SplitState, me: Softirq) -> None:
    """The free list is asked about the descriptor after the last."""
    s.vq.num_free = s.vq.num_free + s.vq.next[s.vq.free_head + 1]


def writes_one_too_far(s: SplitState, me: Softirq) -> None:
    """The token of the descriptor after the last is set."""
    s.vq.token[s.vq.free_head + 1] = True
    me.goto(SplitL.ADD_RING)


@pytest.mark.parametrize("run", [reads_one_too_far, writes_one_too_far])
def test_an_index_that_the_array_does_not_have_is_an_error_in_every_engine(run: Any) -> None:
    system = rx(arrivals=False).replace("try_fill_recv", run)
    claim = Safety("x", system, single_owner, "proved")
    engines: list[Callable[[], object]] = [
        lambda: explore(system, [single_owner]),
        lambda: explore_native(system, [single_owner]),
        lambda: bmc(system, single_owner, 6),
    ]
    for engine in engines:
        with pytest.raises(ModelError, match=r"step try_fill_recv \(cpu0 napi\): array index 1 is outside 0\.\.0"):
            engine()
    (outcome,) = decide([claim]).outcomes
    assert outcome.verdict == "undecided" and outcome.fault and "array index 1" in outcome.reason
