"""The steps and the questions as compiled C with arrays say what they say on integers, in whatever state.

The same states as in `tests/models/symbolic/test_readings.py`: drawn, or reached and then disturbed.  What the native
simulator says rests on this, and on the runs of `test_same_run.py`.
"""

from __future__ import annotations

import ctypes
import random
from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.symbolic.test_readings import OUTSIDE_LIMIT, PROPERTIES, SYSTEMS
from tests.readings import DISABLED, SPILLS, Integers, OutsideModel, Said, States, all_moves, difference
from vrx.models.simulation.native.compiled import compile_walk
from vrx.models.simulation.simulator import Scheduled
from vrx.models.simulation.simulator import kinds as kinds_of
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, System, rx
from vrx.spec.accounts import ACCOUNTS
from vrx.spec.properties import ALL, Property, free_list_intact

REAL = {
    "a ring of 16 with data, TSO": rx(size=16, data=True, mergeable=True, max_packet=9, memory="tso", idx_bits=16),
    "a ring of 12 entries in use": rx(size=16, data=True, segments=3, indirect=True, event_idx=True, idx_bits=6),
}
ALL_SYSTEMS = {**SYSTEMS, **REAL}


class Walk:
    """A compiled walk, one state at a time."""

    def __init__(self, system: System, props: Sequence[Property]) -> None:
        self.program = system.built()
        kinds = [Scheduled(a.step.environment, 1, False, False, kinds_of(a), a.step.name, "")
                 for a in self.program.actions]  # fmt: skip
        self.compiled = compile_walk(system, self.program, props, kinds)
        assert not self.compiled.by_python
        self.props = props
        self.lib, self.walk = self.compiled.lib, self.compiled.lib.vrx_new()
        self.values = (ctypes.c_int64 * self.compiled.fields)()

    def put(self, values: Values) -> None:
        """Another state."""
        self.values[:] = [int(v) for v in values]
        self.lib.vrx_put(self.walk, self.values)

    def get(self) -> Values:
        """The state as it is."""
        self.lib.vrx_get(self.walk, self.values)
        return tuple(self.values)

    def said(self, values: Values, move: Move) -> Said:
        """What the C says of a move."""
        action = self.program.actions[move.action]
        if action.point >= 0 and values[self.program.counters[action.actor]] != action.point:
            return DISABLED
        self.put(values)
        choice = (ctypes.c_int * max(1, len(move.choice)))(*move.choice)
        enabled = self.lib.vrx_take(self.walk, move.action, choice)
        if enabled == 1:
            return Said(True, True, self.get())
        assert self.get() == values  # who does not take a step changes nothing
        return SPILLS if enabled else DISABLED

    def holds(self, values: Values) -> list[bool]:
        """What the C says of each property."""
        self.put(values)
        always, rest = list(self.compiled.always), list(self.compiled.rest)
        return [
            bool(self.lib.vrx_holds(self.walk, (rest if p in rest else always).index(p), p in rest)) for p in self.props
        ]


class Bench:
    """A system, its walk and its states."""

    def __init__(self, name: str) -> None:
        system = ALL_SYSTEMS[name]
        standard = (*ALL, *ACCOUNTS, free_list_intact) if name in REAL else ALL
        props = PROPERTIES.get(name, tuple(p for p in standard if not p.meaningless(system.cfg)))
        self.walk = Walk(system, props)
        self.reference = Integers(system.built(), props)
        self.states = States(self.reference.program, seed=1, walks=2, length=150)
        self.moves = list(all_moves(self.reference.program))
        self.counted: Counter[str] = Counter()

    def compare(self, values: Values, moves: Sequence[Move]) -> None:
        """The moves and the properties in a state."""
        for move in moves:
            self.counted["moves"] += 1
            try:
                known = self.reference.said(values, move)
            except OutsideModel:
                self.counted["outside"] += 1
                continue
            said = self.walk.said(values, move)
            assert said == known, difference(self.reference.program, move, values, known, said)
        self.reference.program.view.set(values)
        for prop, holds in zip(self.walk.props, self.walk.holds(values), strict=True):
            try:
                assert bool(prop.holds(self.reference.program.state)) == holds, prop.name
            except IndexError:
                self.counted["outside"] += 1


@cache
def bench(name: str) -> Bench:
    return Bench(name)


@pytest.mark.draws
@pytest.mark.parametrize("name", [
    n if n in ("smallest", "data, TSO, stops", "a ring of 12 entries in use") else
    pytest.param(n, marks=pytest.mark.slow) for n in ALL_SYSTEMS])  # fmt: skip
def test_compiled_steps_say_what_integers_say(name: str) -> None:
    b = bench(name)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False), st.sampled_from(b.moves), st.integers(0, 12))
    def compare(rng: random.Random, move: Move, changes: int) -> None:
        values = b.states.uniform(rng) if changes == 12 else b.states.disturbed(rng, changes)
        b.compare(b.states.aimed(rng, values, move), [move, *rng.sample(b.moves, min(5, len(b.moves)))])

    compare()
    assert b.counted["outside"] <= OUTSIDE_LIMIT * b.counted["moves"] + 5, b.counted
