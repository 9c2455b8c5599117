"""Bounded checks that begin at any ring index, with the proof that the states they begin in are reachable.

From the initial state a run comes to index 65535 after as many packets.  Here
is a shorter way to say that it does.  A *round* is a run of some hundred steps
in which the ring runs empty, the device parks, is woken, and all is asleep
again.  It is run once, on terms, with the start index a variable: z3 says that
each step is enabled at all of the 65536 indices, and that the round ends in the
very state that it began in, all indices moved by the same amount.  Two rounds
move them by amounts that differ by one, so every index is reached.  From there
the way to a named state is run on terms as well.

With 16 bits that is where the wrap, an event in the past, and indices that look
alike are found.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import gcd
from typing import Any

import z3

from vrx.models.engines.z3.bitvectors import BitVectors, Encoded
from vrx.models.engines.z3.bmc import Bounded, Progress, Unrolling, deepen, encode
from vrx.models.engines.z3.waypoints import NAMED, device_steps, driver_steps, search, start
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Leaf, Tree, every_path
from vrx.models.symbolic.walk import Evaluator, Term
from vrx.models.systems.fields import Values, View
from vrx.models.systems.system import Action, Move, Program, System
from vrx.models.systems.take_step import take_step
from vrx.spec.properties import Property
from vrx.spec.ring import idx_sub, turn
from vrx.spec.steps import ModelError, OutsideArray

OFFSET = "start offset"
ONE_AT_A_TIME = {"exhausted": 1, "budget": 0}
"""A poll with a budget of 1: each buffer goes back into the ring before the next is taken, and keeps its place."""


class NotEverywhere(ModelError):
    """A run cannot be taken at every index, or does not end where it should."""


@dataclass(frozen=True)
class Round:
    """A run from asleep to asleep.  moved: by how much it moves the indices."""

    moves: tuple[Move, ...]
    moved: int


@dataclass(frozen=True)
class Everywhere:
    """A state asleep that is reached at every index, and the rounds that show it."""

    way: tuple[Move, ...]
    values: Values
    rounds: tuple[Round, Round]


def everywhere(system: System) -> Everywhere:
    """Prove that a state asleep is reached at every index: its own indices moved by 0, 1, ... to the end of a turn.

    Raises NotEverywhere where that is not so: without the event index QEMU looks at avail.idx only now and then.
    """
    program = system.built()
    first = start(system, "asleep", program)
    before, _ = _round(program, first.values, 0)
    values = _after(program, first.values, before)
    rounds = []
    for extra in (0, 1):
        moves, moved = _round(program, values, extra)
        run = Symbolic(system)
        end = run.follow(run.moved(values), moves)
        run.must_be(end, run.moved(values, moved))
        rounds.append(Round(tuple(moves), moved))
    # Every amount modulo the turn is a sum of rounds if nothing but 1 divides both amounts and the turn.
    if (common := gcd(*(r.moved for r in rounds), turn(system.cfg))) != 1:
        told_of = f"the rounds move the indices by {rounds[0].moved} and {rounds[1].moved}"
        raise NotEverywhere(f"{told_of}: {common} divides both, and the turn of {turn(system.cfg)}")
    return Everywhere((*first.way, *before), values, (rounds[0], rounds[1]))


def _round(program: Program, values: Values, extra: int) -> tuple[list[Move], int]:
    """A way from asleep to asleep on which the device parks, after `extra` packets; and how many packets it takes."""
    asleep, parked = NAMED["asleep"].reached, NAMED["parked"].reached

    def woken(s: Any) -> bool:
        return bool(s.lines.kick) and asleep_but_for_the_kick(s)

    def asleep_but_for_the_kick(s: Any) -> bool:
        s.lines.kick, kick, s.net.queued, queued = False, s.lines.kick, 0, s.net.queued
        found = asleep(s)
        s.lines.kick, s.net.queued = kick, queued
        return found

    phases = [*[(device_steps, NAMED["interrupted"].reached), (driver_steps, asleep)] * extra]
    phases += [(device_steps, parked), (driver_steps, woken)]
    phases += [(device_steps, NAMED["interrupted"].reached), (driver_steps, asleep)]
    begin, path = values, list[Move]()
    for moves, reached in phases:
        found = search(program, values, moves, reached, ONE_AT_A_TIME)
        if found is None:
            raise NotEverywhere(f"{program.system.name}: no round from asleep to asleep")
        path += found[0]
        values = found[1]
    index = program.view.index["vq.last_used_idx"]
    return path, idx_sub(program.system.cfg, values[index], begin[index])


def _after(program: Program, values: Values, moves: Sequence[Move]) -> Values:
    for move in moves:
        after = program.take(values, move)
        if after is None:
            raise ModelError(f"{program.actions[move.action].name} is not enabled")
        values = after
    return values


def in_turn(low: BitVectors, values: int) -> z3.BoolRef:
    """The start offset is one of so many values; its bits have room for more where that is no power of two."""
    offset = low.number(terms.variable(OFFSET, values - 1))
    return z3.ULE(offset, z3.BitVecVal(values - 1, offset.size()))


class Symbolic:
    """Runs of a system on terms in one variable, the start offset, along moves that are given."""

    def __init__(self, system: System) -> None:
        self.system, self.turn = system, turn(system.cfg)
        self.program = system.built()
        self.offset = terms.variable(OFFSET, self.turn - 1)
        self._state = system.state()
        self._view = View(self._state)
        self._actors = list(system.actors(self._state))
        self._low = BitVectors()
        self._solver = z3.Solver()
        self._solver.add(in_turn(self._low, self.turn))
        self._zero = Evaluator({OFFSET: 0})
        self._plain: dict[int, Term] = {}

    def moved(self, values: Sequence[int], by: int = 0) -> list[Term]:
        """The state asleep, its indices moved by the offset and `by`."""
        return [
            (terms.const(v) + by + self.offset).modulo(self.turn)
            if f.name in self.system.cfg.layout.indices
            else (terms.truth(v) if f.kind is bool else terms.const(int(v)))
            for f, v in zip(self._view.fields, values, strict=True)
        ]

    def follow(self, values: list[Term], moves: Sequence[Move]) -> list[Term]:
        """The state after the moves; NotEverywhere where one is not enabled at every offset."""
        for move in moves:
            action = self.program.actions[move.action]
            found = self._resolved(every_path(partial(self._end, values, action, move.choice)))
            if found is None:
                raise NotEverywhere(f"{action.name} is not enabled at every index")
            values = [self._simple(v) if isinstance(v, Num) else v for v in found]
        return values

    def _end(self, values: list[Term], action: Action, choice: Sequence[int]) -> Leaf:
        """One path of a step; `updates` has every field."""
        actor = self._actors[action.actor]
        self._view.set([v if v.op != "const" else bool(v.data) if isinstance(v, Truth) else v.data for v in values])
        if action.point >= 0 and (isinstance(actor.pc, Num) or actor.pc != action.point):
            return Leaf(None)  # elsewhere, or elsewhere at some index
        try:
            return Leaf(take_step(self._state, actor, action.step, choice, self.system.may_run, self._all))
        except OutsideArray:
            return Leaf(None)

    def _all(self) -> dict[int, Term]:
        fields = zip(self._view.fields, self._view.get(), strict=True)
        return {i: terms.truth(v) if f.kind is bool else terms.num(v) for i, (f, v) in enumerate(fields)}

    def _resolved(self, tree: Tree) -> list[Term] | None:
        """The values at the end of a tree, conditional where a decision depends on the offset; None: not enabled.

        A walk of its own: on the way down it asks a solver which side there is, and goes to no other.
        """
        if isinstance(tree, Leaf):
            return None if tree.updates is None else list(tree.updates.values())
        if self._holds(tree.condition):
            return self._resolved(tree.yes)
        if self._holds(terms.negate(tree.condition)):
            return self._resolved(tree.no)
        yes, no = self._resolved(tree.yes), self._resolved(tree.no)
        if yes is None or no is None:
            return None
        return [terms.choose(tree.condition, a, b) for a, b in zip(yes, no, strict=True)]

    def must_be(self, found: Sequence[Term], wanted: Sequence[Term]) -> None:
        """NotEverywhere unless both are the same for every offset."""
        for field, a, b in zip(self._view.fields, found, wanted, strict=True):
            if not self._equal(a, b):
                raise NotEverywhere(f"{field.name} is not what it was, moved")

    def _equal(self, a: Term, b: Term) -> bool:
        if isinstance(a, Truth) or isinstance(b, Truth):
            return a is b or self._holds(terms.truth(terms.truth(a) == terms.truth(b)))
        return self._holds(terms.equal(a, b))

    def _simple(self, term: Num) -> Num:
        """The same number as a constant, or as a constant and the offset, where it is that."""
        if term.op == "const":
            return term
        if id(term) not in self._plain:
            at_zero = terms.const(self._zero.value(term))
            shapes = (at_zero, (at_zero + self.offset).modulo(self.turn))
            self._plain[id(term)] = next((s for s in shapes if self._holds(terms.equal(term, s))), term)
        simple = self._plain[id(term)]
        assert isinstance(simple, Num)
        return simple

    def _holds(self, condition: Truth) -> bool:
        """Is it true for every offset?"""
        if condition.op == "const":
            return bool(condition.data)
        self._solver.push()
        self._solver.add(z3.Not(self._low.truth(condition)))
        answer = self._solver.check()
        self._solver.pop()
        if answer == z3.unknown:
            raise NotEverywhere(f"z3 gave up: {self._solver.reason_unknown()}")
        return answer == z3.unsat


def begin_anywhere(system: System, name: str) -> list[Term]:
    """A named state at every index at once: the way there, on terms, from a state asleep that is reached everywhere."""
    proved = everywhere(system)
    program, run = system.built(), Symbolic(system)
    values, at = proved.values, run.moved(proved.values)
    chain = [NAMED[name]]
    while chain[0].after:
        chain.insert(0, NAMED[chain[0].after])
    for situation in chain:
        if situation.name == "asleep":
            continue
        found = search(program, values, situation.moves, situation.reached)
        if found is None:
            raise ModelError(f"{system.name}: no state {name!r} ({situation.sentence})")
        moves, values = found
        at = run.follow(at, moves)
    return at


def bmc_anywhere(
    system: System,
    prop: Property,
    depth: int,
    name: str,
    *,
    reached_in: System | None = None,
    encoded: Encoded | None = None,
    timeout: float = 0,
    progress: Progress | None = None,
) -> Bounded:
    """Like `bmc` from a named state, at every ring index at once.

    reached_in: the system that reaches it, where another is checked from there (one that is faulty does not)
    The trace of a refutation begins there (`begin`), and has no way there.
    """
    began = time.monotonic()
    encoded = encoded or encode(system)
    values = begin_anywhere(reached_in or system, name)
    low = encoded.lowering
    parts = [in_turn(low, turn(system.cfg))]
    for i in encoded.places:
        like, value = encoded.relation.variables[i], values[i]
        if isinstance(like, Truth):
            parts.append(low.truth(terms.truth(like == terms.truth(value))))
        else:
            parts.append(low.truth(terms.equal(like, terms.num(value))))
    unrolling = Unrolling(encoded, z3.And(parts))
    return deepen(unrolling, prop, depth, [], began, timeout, progress)
