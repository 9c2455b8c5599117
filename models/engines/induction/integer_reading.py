"""The integer reading of a system: ring size a number, ring arrays of that length, indices of up to 16 bits.

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

from vrx.models.engines.induction.integers import SIZE_NAME
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.trees import Leaf, TooManyPaths, as_term, every_path, mapped, paths
from vrx.models.systems.fields import walk
from vrx.models.systems.step_errors import told
from vrx.models.systems.system import ActionKey, System
from vrx.models.systems.take_step import take_step
from vrx.spec.layouts.view import view
from vrx.spec.ring import idx_sub
from vrx.spec.size import size_of
from vrx.spec.steps import ModelError, OutsideArray, Step
from vrx.spec.words import Bits, Keeps, Of, Upto

BASE = 16
"""The size of the state that is built and then made symbolic; no other array has this length."""
BITS = 16
Value = Num | Truth | Row
Decisions = tuple[tuple[Truth, bool], ...]
"""Conditions, and whether they hold."""
SIZE = terms.variable(SIZE_NAME, 1 << BITS - 1, 1)
"""The ring size, of which only 1..32768 and what is said of slots are used."""


def free_running(cfg: Any) -> bool:
    """Do the ring's indices have a width of their own, whatever the ring size is?"""
    return isinstance(cfg.layout.turn(replace(cfg, size=SIZE)), int)


def sized(cfg: Any, size: Any, bits: int = 0) -> Any:
    """A configuration with another ring size.  Where buffers merge, the largest packet fills the ring.

    bits: how wide its indices are, where they have a width of their own; 0: as wide as they were
    """
    packet = size if cfg.mergeable else cfg.max_packet
    return replace(cfg, size=size, max_packet=packet, idx_bits=(bits or cfg.idx_bits) if free_running(cfg) else 0)


class Cells(Keeps):
    """A ring array as a step sees it: read and written by index, of any length.

    ends: how a loop over it ends, for a property
    """

    def __init__(self, name: str, top: int | None, touched: list[Num], ends: Ends) -> None:
        self.name, self.top, self.touched, self.ends = name, top, touched, ends
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

    def leading(self, holds: Callable[[Any], Any]) -> Num:
        """Some number, of which is said what it means."""
        return self.ends.leading(self.name, holds)

    def __iter__(self) -> Any:
        raise ModelError(f"{self.name}: a step loops over the ring")


class Ends:
    """Up to where something holds along the ring: a number for each loop, and what is said of it.

    said: it holds there no longer, or the ring ends; and it holds at every place before, of which a few are said.  More
    would be right as well, and are not needed.
    """

    def __init__(self, distances: Callable[[], list[Num]]) -> None:
        self.distances = distances
        self.said: list[Truth] = []

    def leading(self, name: str, holds: Callable[[Any], Any]) -> Num:
        """The number of a loop over an array of this name."""
        end = terms.variable(f"end:{name}:{len(self.said)}", SIZE.high, -1)
        facts = [terms.negate(terms.less(end, terms.const(0))), terms.negate(terms.less(SIZE, end))]
        facts.append(terms.either(terms.equal(end, SIZE), terms.negate(terms.truth(holds(end)))))
        for place in self.distances():
            facts.append(terms.either(terms.negate(terms.less(place, end)), terms.truth(holds(place))))
        self.said.append(_all(facts))
        return end

    def all_said(self) -> Truth:
        """What is said of the loops of one run."""
        return _all(self.said)


def _all(facts: list[Truth]) -> Truth:
    result = terms.YES
    for fact in facts:
        result = terms.both(result, fact)
    return result


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


def _begins(end: Leaf) -> Leaf:
    """Does a step go on to this end of a path?"""
    inside = isinstance(end, Ending) and not end.outside and end.updates is not None
    return Leaf({}, (), terms.YES if inside else terms.NO)


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
    """One step of one context, with its enabled paths.

    context: whose step it is; actor: its number; choices: its free choices and how many values each has
    enabled: where one of the paths begins, the point aside: what all of them decide alike is no part of it
    """

    actor: int
    context: Any = field(repr=False)
    step: Step
    point: int
    counter: Value | None
    choices: tuple[tuple[Num, Num], ...]
    paths: tuple[Path, ...] = field(repr=False, default=())
    enabled: Truth = terms.NO

    @property
    def name(self) -> str:
        """For people, and for the tables of proofs: the context, the step, the point where it has several."""
        name = f"{self.context.name}: {self.step.name}"
        return f"{name} at {self.point}" if len(self.step.at) > 1 else name

    @property
    def key(self) -> ActionKey:
        """What it is in any system of this shape."""
        return self.actor, self.step.name, self.point


class IntegerReading:
    """Every action of a system as paths over integers of any size.

    places: the fields of the state; state: the draft that lemmas and steps run on
    """

    def __init__(self, system: System) -> None:
        self.system = system
        base = sized(system.cfg, BASE, BITS)
        self.state = system.state(base)
        self.cfg = sized(base, SIZE)
        self.state.cfg = self.cfg
        self.turn = terms.num(self.cfg.layout.turn(self.cfg))
        self.touched: list[Num] = []
        self.ends = Ends(self._distances)
        self.places: list[Place] = []
        for name, owner, attribute, kind, spec in walk(self.state, ""):
            self._add(name, owner, attribute, kind, spec)
        self.index = {p.name: i for i, p in enumerate(self.places)}
        self.actors = list(system.actors(self.state))
        self.actions = [t for n, a in enumerate(self.actors) for t in self._steps(n, a)]

    def _distances(self) -> list[Num]:
        """How far some indices are from the driver's next one: there a loop from that one on may end."""
        ring = view(self.state)
        return [terms.const(0), *(terms.num(idx_sub(self.cfg, i, ring.received)) for i in (ring.used, ring.added))]

    def fact(self, holds: Callable[..., Any], *arguments: Any) -> Truth:
        """A predicate over the state as one term.  It is false where it asks for an element that an array has not.

        Where it asks how long something holds along the ring, it is a term to be proved, not to be known: it says that
        whatever that number is, if it is what is asked for, the predicate holds.
        """

        def run() -> Leaf:
            self.reset()
            self.ends.said.clear()
            try:
                found = terms.truth(holds(self.state, *arguments))
                return Leaf({}, (), terms.either(terms.negate(self.ends.all_said()), found))
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
            cells = Cells(name, None if truths else bound.high, self.touched, self.ends)
            setattr(owner, attribute, cells)
            self.places.append(Place(name, owner, attribute, -1, cells.row, None))
            return
        for i in range(len(held)):
            each = f"{name}[{i}]"
            variable: Value = terms.truth_variable(each) if truths else terms.variable(each, bound.high)
            self.places.append(Place(each, owner, attribute, i, variable, None if truths else bound))

    def _bound(self, spec: Any) -> Num:
        n = size_of(spec.n, self.cfg)
        return terms.const((1 << n) - 1) if isinstance(spec, Bits) else terms.num(n)

    def _steps(self, number: int, actor: Any) -> list[Taken]:
        taken = []
        for step in self.system.steps:
            if step.belongs_to(self.cfg) and isinstance(actor, step.runs_on):
                taken += [self._trace(number, actor, step, int(point)) for point in step.at or (-1,)]
        return taken

    def _trace(self, number: int, actor: Any, step: Step, point: int) -> Taken:
        counts = [terms.num(size_of(c, self.cfg)) for c in step.choices.values()]
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
        ranges = tuple(zip(choices, counts, strict=True))
        return Taken(number, actor, step, point, counter, ranges, tuple(found), as_term(mapped(tree, _begins)))

    def _changed(self) -> dict[int, Any]:
        changed: dict[int, Any] = {}
        for i, place in enumerate(self.places):
            value = place.get()
            if value is not place.variable:
                changed[i] = value
        return changed
