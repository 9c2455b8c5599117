"""The integer reading of a system: ring size a number, ring arrays of that length, indices of 16 bits.

The steps are those of `spec/`, unchanged.  They run once per path on a state
whose numbers are terms and whose ring arrays are `Cells`; `cfg.size` is itself
a term, 1..32768.  What comes out is a list of paths per action: the decisions,
the new values, and the array indices that were used, each of which must be
proved to lie inside the ring.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.trees import Leaf, TooManyPaths, as_term, every_path, paths
from vrx.models.systems.fields import walk
from vrx.models.systems.step_errors import told
from vrx.models.systems.system import System
from vrx.models.systems.take_step import take_step
from vrx.spec.steps import ModelError, OutsideArray, Step
from vrx.spec.words import Bits, Of, Upto, said

BASE = 16
"""The size of the state that is built and then made symbolic; no other array has this length."""
BITS = 16
Value = Num | Truth | Row
Decisions = tuple[tuple[Truth, bool], ...]
"""Conditions, and whether they hold."""
SIZE = terms.variable("N", 1 << BITS - 1, 1)
"""The ring size: a power of two, of which only 1..32768 and the slot axiom are used."""


def sized(cfg: Any, size: Any) -> Any:
    """A configuration with another ring size.  Where buffers merge, the largest packet fills the ring."""
    return replace(cfg, size=size, max_packet=size) if cfg.mergeable else replace(cfg, size=size)


class Cells:
    """A ring array as a step sees it: read and written by index, of any length."""

    def __init__(self, name: str, top: int | None, touched: list[Num]) -> None:
        self.name, self.top, self.touched = name, top, touched
        self.row = terms.row("var", (), name, top)

    def __getitem__(self, i: Any) -> Any:
        index = terms.num(i)
        self.touched.append(index)
        return self.row.at(index)

    def __setitem__(self, i: Any, value: Any) -> None:
        index = terms.num(i)
        self.touched.append(index)
        self.row = self.row.put(index, terms.truth(value) if self.top is None else terms.num(value))

    def clear(self) -> None:
        """Every element becomes zero."""
        self.row = terms.row("zeros", (), None, self.top)

    def __iter__(self) -> Any:
        raise ModelError(f"{self.name}: a step loops over the ring")


@dataclass(frozen=True)
class Place:
    """One field of the state: where it is, its term, and the bound that its value must keep.

    bound: for a number, the largest value, itself a term; None for truth values and rows
    """

    name: str
    owner: Any
    attribute: str
    index: int
    variable: Value
    bound: Num | None

    def get(self) -> Value:
        """The present value, as a term."""
        held = getattr(self.owner, self.attribute)
        if isinstance(held, Cells):
            return held.row
        if self.index >= 0:
            held = held[self.index]
        return terms.truth(held) if isinstance(self.variable, Truth) else terms.num(held)

    def set(self, value: Value) -> None:
        """Another value."""
        held = getattr(self.owner, self.attribute)
        if isinstance(held, Cells):
            assert isinstance(value, Row)
            held.row = value
        elif self.index >= 0:
            held[self.index] = value
        else:
            setattr(self.owner, self.attribute, value)


@dataclass(frozen=True)
class Ending(Leaf):
    """The end of a path of the integer reading.  touched: the ring indices that it used; outside: see `Path`."""

    touched: tuple[Num, ...] = ()
    outside: bool = False


@dataclass(frozen=True)
class Path:
    """One way through a step: what it decided, what it changed, which ring indices it used.

    outside: it ends at an index that an array of fixed length does not have; such a path must be impossible
    """

    decisions: Decisions
    updates: dict[int, Value]
    touched: tuple[Num, ...]
    outside: bool = False


@dataclass(frozen=True)
class Taken:
    """One step of one context, with its enabled paths.  choices: its free choices and how many values each has."""

    name: str
    step: Step
    point: int
    counter: Value | None
    choices: tuple[tuple[Num, Num], ...]
    paths: tuple[Path, ...] = field(repr=False, default=())


class IntegerReading:
    """Every action of a system as paths over integers of any size.

    places: the fields of the state; state: the draft that lemmas and steps run on
    """

    def __init__(self, system: System) -> None:
        self.system = system
        base = sized(replace(system.cfg, idx_bits=BITS), BASE)
        self.state = system.state(base)
        self.cfg = sized(base, SIZE)
        self.state.cfg = self.cfg
        self.touched: list[Num] = []
        self.places: list[Place] = []
        for name, owner, attribute, kind, spec in walk(self.state, ""):
            self._add(name, owner, attribute, kind, spec)
        self.index = {p.name: i for i, p in enumerate(self.places)}
        self.actors = list(system.actors(self.state))
        self.actions = [t for a in self.actors for t in self._steps(a)]

    def fact(self, holds: Callable[..., Any], *arguments: Any) -> Truth:
        """A predicate over the state as one term.  It is false where it asks for an element that an array has not."""

        def run() -> Leaf:
            self.reset()
            try:
                return Leaf({}, (), terms.truth(holds(self.state, *arguments)))
            except IndexError:
                return Leaf({}, (), terms.NO)

        return as_term(every_path(run))

    def reset(self) -> None:
        """Every field is its variable again."""
        for place in self.places:
            place.set(place.variable)

    def _add(self, name: str, owner: Any, attribute: str, kind: type[Any], spec: Any) -> None:
        held = getattr(owner, attribute)
        if not isinstance(spec, Of):
            if kind is bool:
                self.places.append(Place(name, owner, attribute, -1, terms.truth_variable(name), None))
            else:
                bound = self._bound(spec) if isinstance(spec, (Bits, Upto)) else terms.const(max(int(p) for p in kind))
                self.places.append(Place(name, owner, attribute, -1, terms.variable(name, bound.high), bound))
            return
        truths = spec.element is bool
        bound = terms.const(1) if truths else self._bound(spec.element)
        if len(held) == BASE:
            cells = Cells(name, None if truths else bound.high, self.touched)
            setattr(owner, attribute, cells)
            self.places.append(Place(name, owner, attribute, -1, cells.row, None))
            return
        for i in range(len(held)):
            each = f"{name}[{i}]"
            variable: Value = terms.truth_variable(each) if truths else terms.variable(each, bound.high)
            self.places.append(Place(each, owner, attribute, i, variable, None if truths else bound))

    def _bound(self, spec: Any) -> Num:
        n = said(spec.n, self.cfg)
        return terms.const((1 << n) - 1) if isinstance(spec, Bits) else terms.num(n)

    def _steps(self, actor: Any) -> list[Taken]:
        taken = []
        for step in self.system.steps:
            if step.belongs_to(self.cfg) and isinstance(actor, step.runs_on):
                taken += [self._trace(actor, step, int(point)) for point in step.at or (-1,)]
        return taken

    def _trace(self, actor: Any, step: Step, point: int) -> Taken:
        counts = [terms.num(getattr(self.cfg, c) if isinstance(c, str) else c) for c in step.choices.values()]
        choices = [terms.variable(f"choice:{n}", c.high - 1) for n, c in zip(step.choices, counts, strict=True)]

        def run() -> Leaf:
            self.reset()
            self.touched.clear()
            try:
                changed = take_step(self.state, actor, step, choices, self.system.may_run, self._changed, point=point)
            except OutsideArray:
                return Ending({}, (), None, tuple(self.touched), True)
            return Ending(changed, (), None, tuple(self.touched))

        counter: Value | None = None
        if point >= 0:
            self.reset()
            counter = actor.pc
        try:
            tree = every_path(run)
        except TooManyPaths as error:
            raise told(error, step.name, actor.name, self.state) from error
        found = []
        for decisions, leaf in paths(tree):
            assert isinstance(leaf, Ending)
            if leaf.updates is not None:
                found.append(Path(decisions, dict(leaf.updates), leaf.touched, leaf.outside))
        name = f"{actor.name}: {step.name}"
        if len(step.at) > 1:
            name += f" at {point}"
        return Taken(name, step, point, counter, tuple(zip(choices, counts, strict=True)), tuple(found))


    def _changed(self) -> dict[int, Any]:
        changed: dict[int, Any] = {}
        for i, place in enumerate(self.places):
            value = place.get()
            if value is not place.variable:
                changed[i] = value
        return changed
