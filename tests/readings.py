"""What every reading says of one state: the harness of the test that they agree.

A `Reader` is one reading of a system.  The integers are the reference; the
terms are evaluated in plain Python, so that an error of the reading is told
apart from one of the lowering; z3 evaluates the very formulas that the engines
use; the native code steps a state in C where there is a compiler.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import z3

from vrx.models.engines.z3.bitvectors import Encoded
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.relation import Relation
from vrx.models.symbolic.walk import Evaluator
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System
from vrx.spec import core
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.memory import model
from vrx.spec.properties import Property
from vrx.spec.qemu.state import Q
from vrx.spec.steps import ModelError, OutsideArray


@dataclass(frozen=True)
class Said:
    """What a reading says of a move.

    enabled: can it be taken; fits: is every new value in the range of its field; after: the successor, where both
    """

    enabled: bool
    fits: bool = True
    after: Values | None = None


DISABLED, SPILLS = Said(False), Said(True, False)


class Reader(Protocol):
    """One reading of a system."""

    name: str

    def moves(self, values: Values, wanted: Sequence[Move]) -> list[Said]:
        """What it says of each move in a state."""

    def properties(self, values: Values) -> tuple[bool, ...]:
        """The truth of each property's function in a state, and last whether the state is a rest."""


class OutsideModel(Exception):
    """A state from which a step has no meaning on integers: a call three deep."""


class Integers:
    """The steps themselves on integers."""

    name = "integers"

    def __init__(self, program: Program, props: Sequence[Property]) -> None:
        self.program, self.props = program, props

    def said(self, values: Values, move: Move) -> Said:
        """What the step does, or OutsideModel."""
        try:
            after = self.program.take(values, move)
        except OutsideArray:
            return SPILLS
        except ModelError as error:
            raise OutsideModel(str(error)) from None
        if after is None:
            return DISABLED
        if self.program.view.out_of_range(after):
            return SPILLS
        return Said(True, True, tuple(int(v) for v in after))

    def moves(self, values: Values, wanted: Sequence[Move]) -> list[Said]:
        return [self.said(values, move) for move in wanted]

    def properties(self, values: Values) -> tuple[bool, ...]:
        resting = True
        for move in all_moves(self.program):
            if not self.program.actions[move.action].step.environment and self.said(values, move).enabled:
                resting = False
                break
        self.program.view.set(values)
        return (*(bool(p.holds(self.program.state)) for p in self.props), resting)


class Terms:
    """The decision trees of the symbolic reading, evaluated in plain Python."""

    name = "terms"

    def __init__(self, reading: Reading, props: Sequence[Property]) -> None:
        self.reading = reading
        self.trees = [reading.property_tree(p) for p in props]
        self.counters = reading.program.counters

    def moves(self, values: Values, wanted: Sequence[Move]) -> list[Said]:
        by_name = {f.name: v for f, v in zip(self.reading.fields, values, strict=True)}
        return [self._said(values, by_name, move) for move in wanted]

    def _said(self, values: Values, by_name: dict[str, int], move: Move) -> Said:
        traced = self.reading.actions[move.action]
        action = traced.action
        if action.point >= 0 and values[self.counters[action.actor]] != action.point:
            return DISABLED
        names = (f"choice:{name}" for name, _ in action.choices)
        at = Evaluator({**by_name, **dict(zip(names, move.choice, strict=True))})
        leaf = at.leaf(traced.tree)
        if leaf.updates is None:
            return DISABLED
        after = list(values)
        for i, term in leaf.updates.items():
            after[i] = at.value(term)
        fits = all(0 <= v <= f.top for v, f in zip(after, self.reading.fields, strict=True))
        return Said(True, True, tuple(after)) if fits else SPILLS

    def properties(self, values: Values) -> tuple[bool, ...]:
        by_name = {f.name: v for f, v in zip(self.reading.fields, values, strict=True)}
        at = Evaluator(by_name)
        truths = []
        for tree in self.trees:
            result = at.leaf(tree).result
            assert result is not None
            truths.append(bool(at.value(result)))
        steps = [m for m in all_moves(self.reading.program) if not self._is_environment(m)]
        return (*truths, not any(self._said(values, by_name, m).enabled for m in steps))

    def _is_environment(self, move: Move) -> bool:
        return self.reading.program.actions[move.action].step.environment


class Z3:
    """The formulas of `models.engines.z3`, evaluated by z3 under a model that says what the variables are."""

    name = "z3"

    def __init__(self, encoded: Encoded, props: Sequence[Property]) -> None:
        self.encoded = encoded
        low = encoded.lowering
        relation = encoded.relation
        self._step = Packed([encoded.enabled, encoded.spills, *encoded.after])
        self._properties = Packed([low.truth(t) for t in (*(relation.holds(p) for p in props), relation.rest())])

    def model(self, values: Values) -> z3.ModelRef:
        """The model that gives the fields of a state their values."""
        encoded = self.encoded
        model = z3.Model()
        for variable, place in zip(encoded.now, encoded.places, strict=True):
            term = encoded.relation.variables[place]
            model.update_value(variable, encoded.lowering.constant(values[place], term))
        return model

    def moves(self, values: Values, wanted: Sequence[Move]) -> list[Said]:
        model = self.model(values)
        return [self._said(model, values, move) for move in wanted]

    def _said(self, model: z3.ModelRef, values: Values, move: Move) -> Said:
        encoded = self.encoded
        model.update_value(encoded.act, z3.BitVecVal(move.action, encoded.act.size()))
        for choice, value in zip(encoded.relation.reading.actions[move.action].choices, move.choice, strict=True):
            if choice.op == "var":
                model.update_value(encoded.lowering.number(choice), encoded.lowering.constant(value, choice))
        enabled, spills, *after = self._step(model)
        if not enabled:
            return DISABLED
        if spills:
            return SPILLS
        out = list(values)
        for place, value in zip(encoded.places, after, strict=True):
            out[place] = value
        return Said(True, True, tuple(out))

    def properties(self, values: Values) -> tuple[bool, ...]:
        return tuple(bool(v) for v in self._properties(self.model(values)))


class Packed:
    """Several formulas as one, so that z3 evaluates what they share once and Python crosses over once."""

    def __init__(self, formulas: Sequence[z3.ExprRef]) -> None:
        one, zero = z3.BitVecVal(1, 1), z3.BitVecVal(0, 1)
        parts = [f if isinstance(f, z3.BitVecRef) else z3.If(f, one, zero) for f in formulas]  # type: ignore[call-overload]
        self.sizes = [p.size() for p in parts]
        self.formula = z3.Concat(parts) if len(parts) > 1 else parts[0]

    def __call__(self, model: z3.ModelRef) -> list[int]:
        """The value of each formula."""
        left: int = model.eval(self.formula, True).as_long()
        out = []
        for size in reversed(self.sizes):
            out.append(left & ((1 << size) - 1))
            left >>= size
        return out[::-1]


def all_moves(program: Program) -> Iterator[Move]:
    """Every action with every choice."""
    for number, action in enumerate(program.actions):
        for choice in product(*(range(n) for _, n in action.choices)):
            yield Move(number, choice)


class States:
    """Random states of a system: reached by random walks, and what becomes of them when fields are overwritten."""

    def __init__(self, program: Program, seed: int, walks: int = 6, length: int = 300) -> None:
        self.program = program
        self.fields = program.view.fields
        self.counters = program.counters
        self.index = program.view.index
        # Array elements are many, and what decides a path is mostly not among them.
        plain = [i for i, f in enumerate(self.fields) if not f.name.endswith("]")]
        flags = [i for i in plain if self.fields[i].kind is bool]
        self.groups = [group for group in (flags, plain, range(len(self.fields))) if group]
        rng = random.Random(seed)
        reached: dict[Values, None] = {}
        for _ in range(walks):
            values = program.initial
            for _ in range(length):
                reached[tuple(int(v) for v in values)] = None
                following = [after for _, after in program.successors(values)]
                if not following:
                    break
                values = rng.choice(following)
        self.reached = list(reached)

    def edge(self, rng: random.Random, i: int) -> int:
        """A value of field i: an end of its range, next to one, or any."""
        top = self.fields[i].top
        return rng.choice((0, top, min(1, top), max(0, top - 1), rng.randint(0, top), rng.randint(0, top)))

    def uniform(self, rng: random.Random) -> Values:
        """Every field drawn by itself."""
        return self.tame(rng, [self.edge(rng, i) for i in range(len(self.fields))])

    def disturbed(self, rng: random.Random, changes: int) -> Values:
        """A reached state with some fields overwritten, half of them by the value of another field."""
        values = list(rng.choice(self.reached))
        for _ in range(changes):
            i = rng.choice(rng.choice(self.groups))
            value = self.edge(rng, i)
            if rng.random() < 0.5:
                value = min(self.fields[i].top, max(0, rng.choice(values) + rng.choice((-1, 0, 1))))
            values[i] = value
        return self.tame(rng, values)

    def aimed(self, rng: random.Random, values: Values, move: Move) -> Values:
        """The state with the program counters set so that the move may be enabled."""
        action = self.program.actions[move.action]
        out = list(values)
        if action.point >= 0:
            for number, i in self.counters.items():
                if number != action.actor and rng.random() < 0.8:
                    out[i] = 0
            out[self.counters[action.actor]] = action.point
        return self.tame(rng, out)

    def tame(self, rng: random.Random, values: list[int]) -> Values:
        """Mostly keep away from what has no meaning on integers: array indices outside, calls three deep."""
        for name, i in self.index.items():
            if name.endswith(".ret1") and rng.random() < 0.9:
                values[i] = 0
        if "main.held" in self.index and rng.random() < 0.95:
            held, filled, point = (self.index[f"main.{name}"] for name in ("held", "filled", "pc"))
            room = sum(name.startswith("main.elems[") for name in self.index)
            popping = values[point] in range(Q.POP_EMPTY, SplitQ.POP_NEXT + 1)
            values[held] = min(values[held], room - 1) if popping else min(max(1, values[held]), room)
            values[filled] = min(values[filled], room - 1)
            if "main.sg_addr[0]" in self.index:
                self.tame_data(values)
        return tuple(values)

    def tame_data(self, values: list[int]) -> None:
        """Addresses that are none, and descriptor numbers that only a table of another size has."""
        for name, i in self.index.items():
            if name.startswith("main.sg_addr[") or name == "main.mhdr":
                values[i] = max(1, values[i])
            elif name == "main.desc":
                values[i] = min(values[i], self.program.system.cfg.slots)


def core_system(cfg: core.CoreConfig) -> System:
    """The core of the path as a closed system."""
    return System(cfg, (model(cfg).steps, core.core), core.new_state, core.actors, core.may_run, core.BARRIERS)


def readers(reading: Reading, props: Sequence[Property]) -> tuple[Integers, list[Reader]]:
    """The reference, and the readings to compare with it."""
    others: list[Reader] = [Terms(reading, props), Z3(Encoded(Relation(reading)), props)]
    return Integers(reading.program, props), others


def difference(program: Program, move: Move, values: Values, one: Said, other: Said) -> str:
    """Where two readings differ, for a person."""
    action = program.actions[move.action]
    text = f"{action.name} {move.choice}: "
    if one.after is not None and other.after is not None:
        changed: Any = program.view.differences(one.after, other.after)
        return text + f"successors differ: {changed}"
    return text + f"{one} against {other} in {dict(zip((f.name for f in program.view.fields), values, strict=True))}"

