"""Bounded model checking with z3: is there a way of k steps to a state where a property fails?

The relation is built once; a frame costs one `substitute` call.  The solver is
incremental: depth after depth it is asked whether the property can fail there.
Whatever it finds is replayed on integers, every field of every state compared,
before anyone sees it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import z3

from vrx.models.engines.z3.bitvectors import Encoded
from vrx.models.engines.z3.waypoints import Start
from vrx.models.symbolic.independence import commuting
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.relation import Relation
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError

Progress = Callable[[int, float], None]
"""Called with the depth that was just checked and the seconds since the beginning."""


class Disagreement(ModelError):
    """Two readings of one system differ: an error of this project, never a verdict."""


@dataclass
class Bounded:
    """What a bounded check found.

    verdict: "refuted": moves lead from the initial state to a state that breaks the property, `steps` of them
        after the start state; "bounded": no way of at most `depth` steps from the start; "undecided": see reason
    depth: the greatest depth that was decided
    begin: the values of the start state (chosen by the solver where the start was symbolic)
    """

    verdict: Literal["refuted", "bounded", "undecided"]
    depth: int
    begin: Values
    way: list[Move] = field(default_factory=list)
    steps: list[Move] = field(default_factory=list)
    reason: str = ""
    seconds: float = 0.0

    @property
    def moves(self) -> list[Move]:
        """The whole trace: the way to the start state, then the solver's steps."""
        return [*self.way, *self.steps]


class Unrolling:
    """The frames of a system in a solver, one after the other, from a start state.

    reduced: of actions that commute, only one order is looked at (`models.symbolic.independence`)
    """

    def __init__(self, encoded: Encoded, begin: z3.BoolRef, *, reduced: bool = True) -> None:
        self.encoded = encoded
        # The solver for finite domains turns everything into clauses at once and keeps what it has
        # learnt from depth to depth; z3's general solver needs a hundred times as long here.
        self.solver = z3.SolverFor("QF_FD")
        self.frames = [encoded.frame(0)]
        self.solver.add(encoded.moved(begin, self.frames[0], []))
        self._next = z3.BitVec("next action", encoded.act.size())
        self._order: z3.BoolRef | None = self._canonical() if reduced else None

    def _canonical(self) -> z3.BoolRef:
        """The next action is none that commutes with this one and has a smaller number."""
        parts = []
        for number, smaller in commuting(self.encoded.relation).items():
            others = [self._next != z3.BitVecVal(a, self._next.size()) for a in smaller]
            parts.append(z3.Implies(self.encoded.is_action(number), z3.And(others)))
        return z3.And(parts)

    def ask(self, formula: z3.BoolRef, k: int) -> z3.CheckSatResult:
        """Can a formula about one frame hold in frame k?"""
        marker = z3.Bool(f"asked@{k}@{formula.get_id()}")
        self.solver.add(z3.Implies(marker, self.encoded.moved(formula, self.frames[k], [])))
        return self.solver.check(marker)

    def extend(self) -> None:
        """One more step."""
        k = len(self.frames)
        self.frames.append(self.encoded.frame(k))
        self.solver.add(self.encoded.moved(self.encoded.step, self.frames[k - 1], self.frames[k]))
        if self._order is not None and k > 1:
            at = len(self.encoded.now)
            here, there = self.frames[k - 2][at], self.frames[k - 1][at]
            self.solver.add(z3.substitute(self._order, (self.encoded.act, here), (self._next, there)))

    def fix(self, k: int, move: Move) -> None:
        """Step k is this move."""
        encoded = self.encoded
        parts = [encoded.is_action(move.action)]
        rule = encoded.relation.rules[move.action]
        choices = encoded.relation.reading.actions[move.action].choices
        values = {id(c): value for c, value in zip(choices, move.choice, strict=True)}
        low = encoded.lowering
        for c in rule.choices:
            parts.append(low.number(c) == low.constant(values[id(c)], c))
        self.solver.add(encoded.moved(z3.And(parts), self.frames[k], []))

    def values(self, model: z3.ModelRef, k: int) -> Values:
        """The state of frame k in a model."""
        encoded = self.encoded
        out = [0] * len(encoded.relation.fields)
        for place, v in zip(encoded.places, self.frames[k], strict=False):
            out[place] = encoded.lowering.read(model.eval(v, True))
        return tuple(out)

    def move(self, model: z3.ModelRef, k: int) -> Move:
        """The step of frame k in a model."""
        encoded = self.encoded
        act, *picks = self.frames[k][len(encoded.now) :]
        number = encoded.lowering.read(model.eval(act, True))
        read = encoded.lowering.read
        picked = {i: read(model.eval(p, True)) for i, p in zip(encoded.choices, picks, strict=True)}
        chosen = encoded.relation.reading.actions[number].choices
        return Move(number, tuple(picked.get(id(c), 0) for c in chosen))


def encode(system: System) -> Encoded:
    """The transition relation of a system, ready for any number of checks."""
    return Encoded(Relation(Reading(system)))


def bmc(
    system: System,
    prop: Property,
    depth: int,
    start: Start | None = None,
    *,
    encoded: Encoded | None = None,
    timeout: float = 0,
    progress: Progress | None = None,
    reduced: bool = True,
) -> Bounded:
    """Look for a way of at most `depth` steps from the start state to one that breaks the property.

    start: a named state, by default the initial one; timeout: seconds for the whole check, 0 for none;
    reduced: look at one order of steps that commute.
    """
    began = time.monotonic()
    encoded = encoded or encode(system)
    begin = start or Start("initial", encoded.relation.reading.initial)
    unrolling = Unrolling(encoded, encoded.at(begin.values), reduced=reduced)
    return deepen(unrolling, prop, depth, list(begin.way), began, timeout, progress)


def deepen(
    unrolling: Unrolling, prop: Property, depth: int, way: list[Move], began: float, timeout: float,
    progress: Progress | None,
) -> Bounded:
    """Ask depth after depth.  way: how the start state was reached, empty where it was not."""
    encoded, solver = unrolling.encoded, unrolling.solver
    # A step out of a field's range is an error that no bound may hide: it counts as a find.
    wanted = z3.Or(encoded.broken(prop), encoded.spills)
    program = encoded.relation.reading.program
    for k in range(depth + 1):
        if timeout:
            left = timeout - (time.monotonic() - began)
            solver.set("timeout", max(1, int(left * 1000)))
        answer = unrolling.ask(wanted, k)
        spent = time.monotonic() - began
        if answer == z3.unknown:
            reason = f"z3 gave up at depth {k} after {spent:.1f} s: {solver.reason_unknown()}"
            return Bounded("undecided", k - 1, program.initial, way, [], reason, spent)
        if answer == z3.sat:
            return _found(unrolling, prop, k, way, spent)
        if progress:
            progress(k, spent)
        if k < depth:
            unrolling.extend()
    return Bounded("bounded", depth, program.initial, way, [], "", time.monotonic() - began)


def _found(unrolling: Unrolling, prop: Property, k: int, way: list[Move], spent: float) -> Bounded:
    program = unrolling.encoded.relation.reading.program
    model = unrolling.solver.model()
    states = [unrolling.values(model, i) for i in range(k + 1)]
    moves = [unrolling.move(model, i) for i in range(k)]
    replay(program, states, moves)
    if not breaks(program, states[-1], prop):
        last = unrolling.move(model, k)
        outside = program.take(states[-1], last)
        if outside is not None:
            program.checked(outside, last)  # raises: this is the step out of range that was found
        raise Disagreement(f"z3 says that {prop.name} fails, but on integers it holds")
    if way:
        begin = program.initial
        for move in way:
            begin = _taken(program, begin, move)
        if begin != states[0]:
            raise Disagreement("the way to the start state leads elsewhere")
    return Bounded("refuted", k, states[0], way, moves, "", spent)


def replay(program: Program, states: Sequence[Values], moves: Sequence[Move]) -> None:
    """Take the moves on integers and compare every field of every state; Disagreement where they differ."""
    for k, move in enumerate(moves):
        after = _taken(program, states[k], move)
        if tuple(int(v) for v in after) != states[k + 1]:
            wrong = program.view.differences(states[k + 1], after)
            raise Disagreement(f"step {k + 1}, {program.actions[move.action].name}: z3 and integers differ: {wrong}")


def _taken(program: Program, values: Values, move: Move) -> Values:
    after = program.take(values, move)
    if after is None:
        raise Disagreement(f"{program.actions[move.action].name} is not enabled on integers")
    return program.checked(after, move)


def breaks(program: Program, values: Values, prop: Property) -> bool:
    """Does a state break a property, on integers?"""
    if prop.when == "rest":
        for move, _ in program.successors(values):
            if not program.actions[move.action].step.environment:
                return False
    program.view.set(values)
    return not prop.holds(program.state)


def confirm(
    system: System, moves: Sequence[Move], prop: Property | None, *, encoded: Encoded | None = None,
    start: Values | None = None,
) -> bool:
    """Does z3, its actions fixed, find that these moves end in a state that breaks the property (None: in any state)?

    The solver is told the first state and the schedule; the states in between are its own.
    """
    encoded = encoded or encode(system)
    reading = encoded.relation.reading
    unrolling = Unrolling(encoded, encoded.at(start or reading.initial), reduced=False)
    for k, move in enumerate(moves):
        unrolling.extend()
        unrolling.fix(k, move)
    if unrolling.ask(encoded.broken(prop) if prop else z3.BoolVal(True), len(moves)) != z3.sat:
        return False
    model = unrolling.solver.model()
    replay(reading.program, [unrolling.values(model, i) for i in range(len(moves) + 1)], moves)
    return True
