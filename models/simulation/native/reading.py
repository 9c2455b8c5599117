"""The reading of a system whose arrays stay arrays: what a step does on a ring of 1,024 is as long as on one of 2.

`models.symbolic.reading` makes a field of each element, and of each access by a number
of the state a choice among all of them, which a search needs: its states are small and
are compared.  Here an access is an access.  A write that a path does not make goes to the
element behind the last, so that paths that differ in little can become one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vrx.models.symbolic import terms
from vrx.models.symbolic.loops import PROBE, bound_variable, counted, for_all, innermost_free, up_to, walked
from vrx.models.symbolic.reading import Traced
from vrx.models.symbolic.terms import Num, Truth
from vrx.models.symbolic.trees import Leaf, TooManyPaths, Tree, as_term, every_path
from vrx.models.systems.fields import inner_parts, parts, top_of, walk
from vrx.models.systems.step_errors import told, told_question
from vrx.models.systems.system import Action, Program, System
from vrx.models.systems.take_step import take_step
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError, OutsideArray
from vrx.spec.words import Keeps, Of

MOST_WRITES = 64
"""Writes to one array in one step: a store buffer that drains moves all its entries."""


class Cells(Keeps):
    """An array as a step sees it here: a row of elements with the writes of this path.

    top: the largest element; None for truth values
    """

    def __init__(self, name: str, length: int, top: int | None) -> None:
        self.name, self.length, self.top = name, length, top
        self.row = terms.row("var", (), name, top)
        self.reset()

    def reset(self) -> None:
        """As it was before the step."""
        self.writes: list[tuple[Num, Num | Truth]] = []
        self.cleared = False

    def clear(self) -> None:
        """Every element becomes zero."""
        self.writes, self.cleared = [], True

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [self[k] for k in range(self.length)[i]]
        index = self._inside(i)
        value: Any = self._first(index)
        for where, written in self.writes:
            value = terms.choose(terms.equal(index, where), written, value)
        return value

    def __setitem__(self, i: Any, value: Any) -> None:
        if isinstance(i, slice):
            for k, one in zip(range(self.length)[i], value, strict=True):
                self[k] = one
            return
        index = self._inside(i)
        try:
            term: Num | Truth = terms.truth(value) if self.top is None else terms.num(value)
        except ModelError as error:
            raise ModelError(f"{self.name}[i]: {error}") from None
        if len(self.writes) == MOST_WRITES:
            raise ModelError(f"{self.name}: more than {MOST_WRITES} elements are written in one step")
        self.writes.append((index, term))

    def _first(self, index: Num) -> Num | Truth:
        if self.cleared:
            return terms.NO if self.top is None else terms.const(0)
        return self.row.at(index)

    def _inside(self, i: Any) -> Num:
        """The index; the run forks where it may be none, and ends there, as on integers."""
        index = terms.num(i)
        below = index.low < 0 and terms.less(index, terms.const(0))
        if below or (index.high >= self.length and not terms.less(index, terms.const(self.length))):
            raise IndexError(f"array index is outside 0..{self.length - 1}")
        return index

    def __iter__(self) -> Any:
        return (self[i] for i in range(self.length))

    def count(self, value: Any) -> Any:
        """How many elements are the value."""
        if self.writes or self.cleared:
            raise ModelError(f"{self.name}: a step counts the elements of an array")
        return counted(self.row, terms.truth(value) if self.top is None else terms.num(value), self.length)

    def every(self, count: Any, holds: Callable[[Any], Any]) -> Truth:
        """Whether it holds of each number below `count`."""
        if self.length < 2:
            return self._only(terms.num(count), holds)
        bound, body = _bound(self.name, self.length - 1, holds)
        return for_all(terms.num(count), bound, body)

    def leading(self, holds: Callable[[Any], Any]) -> Num:
        """Of how many numbers, from 0 on without a gap, it holds."""
        if self.length < 2:
            only = self._only(terms.const(1), holds)
            return terms.num(terms.choose(only, terms.const(self.length), terms.const(0)))
        bound, body = _bound(self.name, self.length - 1, holds)
        return up_to(bound, body, self.length)

    def each_once(self, first: Any, count: Any, holds: Callable[[Any], Any]) -> Truth:
        """Whether each of `count` elements, from the first on along the array, is there once, and it holds of it."""
        if self.length < 2:
            return self._only(terms.num(count), holds)
        start = self._inside(first)
        if self.top is None or self.top >= self.length or start.low < 0 or start.high >= self.length:
            raise ModelError(f"{self.name} leads out of itself")
        bound, body = _bound(self.name, max(self.top, 1), holds)
        return walked(self.row, start, terms.num(count), bound, body)

    def _only(self, count: Num, holds: Callable[[Any], Any]) -> Truth:
        """Both, of an array that has one element or none."""
        if not self.length:
            return terms.YES
        return terms.either(terms.less(count, terms.const(1)), _body(holds, terms.const(0)))


def _bound(array: str, top: int, holds: Callable[[Any], Any]) -> tuple[Num, Truth]:
    """A variable for the elements in a loop, and the body with it: another one than any loop within the body has.

    The body is read twice, first with a variable that no other loop has.  What loops there are within does not depend
    on it, and equal loops, wherever they stand, are one term.
    """
    _PROBES[0] += 1
    try:
        body = _body(holds, bound_variable(array, PROBE + _PROBES[0], top))
    finally:
        _PROBES[0] -= 1
    bound = bound_variable(array, innermost_free(body), top)
    return bound, _body(holds, bound)


_PROBES = [0]
"""How many bodies are being read for the first time, one within the other."""


def _body(holds: Callable[[Any], Any], bound: Num) -> Truth:
    return as_term(every_path(lambda: Leaf({}, (), terms.truth(holds(bound)))))


@dataclass(frozen=True)
class Slot:
    """What a step may change, by number: a field; of an array its clearing, or the index or the value of a write.

    kind: "field", "clear", "index", "value"; top: the largest value that it may be given
    """

    kind: str
    array: str
    top: int
    default: Num | Truth


class ArrayReading:
    """The decision trees of a system's actions and properties, with arrays.

    The numbers of updates are those of `slots`.  Raises ModelError for a step that cannot be read.
    """

    def __init__(self, system: System, program: Program) -> None:
        self.system, self.program = system, program
        self.state = system.state()
        self.scalars: list[tuple[str, Any, str, Num | Truth, int]] = []
        self.arrays: list[Cells] = []
        self._held: list[tuple[Any, str, Any, str]] = []
        for name, owner, attribute, kind, spec in list(walk(self.state, "")):
            if isinstance(spec, Of):
                top = None if spec.element is bool else top_of(spec.element, system.cfg)
                cells = Cells(name, len(getattr(owner, attribute)), top)
                setattr(owner, attribute, cells)
                self.arrays.append(cells)
                self._held.append((owner, attribute, cells, name))
            else:
                top = top_of(spec, system.cfg)
                term = terms.truth_variable(name) if kind is bool else terms.variable(name, top)
                self.scalars.append((name, owner, attribute, term, top))
        for path, owner in [("", self.state), *((f"{path}.", part) for path, part in parts(self.state))]:
            self._held += [(owner, n, p, path + n) for n, p in inner_parts(owner) if not isinstance(p, tuple)]
        self.slots: list[Slot] = [Slot("field", name, top, term) for name, _, _, term, top in self.scalars]
        self._first: dict[str, int] = {}
        self.actors = list(system.actors(self.state))
        self.counters = self._counters()
        self.actions = [self._trace(number, action) for number, action in enumerate(program.actions)]
        self.variables: list[Num | Truth] = [slot.default for slot in self.slots]

    def property_tree(self, prop: Property) -> Tree:
        """A property as a decision tree whose leaves have a `result`."""

        def run() -> Leaf:
            self._reset()
            try:
                return Leaf({}, (), terms.truth(prop.holds(self.state)))
            except (Exception, SystemExit) as error:
                raise told_question(error, prop.name, self.state) from error

        return every_path(run)

    def value_tree(self, value: Callable[[Any], Any]) -> Tree:
        """A number that depends on the state, as a decision tree whose leaves have it as their update 0."""

        def run() -> Leaf:
            self._reset()
            return Leaf({0: terms.num(value(self.state))})

        return every_path(run)

    def _counters(self) -> dict[int, str]:
        """The name of the field that is the program counter of a context, by its number."""
        where = {id(owner): name for name, owner, attribute, _, _ in self.scalars if attribute == "pc"}
        return {number: where[id(a)] for number, a in enumerate(self.actors) if id(a) in where}

    def _reset(self) -> None:
        for _, owner, attribute, term, _ in self.scalars:
            setattr(owner, attribute, term)
        for cells in self.arrays:
            cells.reset()

    def _trace(self, number: int, action: Action) -> Traced:
        step = action.step
        choices = tuple(terms.variable(f"choice:{name}", count - 1) for name, count in action.choices)

        def run() -> Leaf:
            self._reset()
            marks: list[str] = []
            actor = self.actors[action.actor]
            try:
                changed = take_step(
                    self.state, actor, step, choices, self.system.may_run, self._changes, marks, action.point
                )
            except OutsideArray:
                return self._spill()
            return Leaf(changed, tuple(marks))

        try:
            return Traced(number, action, choices, every_path(run))
        except TooManyPaths as error:
            raise told(error, step.name, action.actor_name, self.state) from error

    def _spill(self) -> Leaf:
        """The end of a path on which integers have no result: a value that its field cannot hold."""
        return Leaf({0: terms.const(self.slots[0].top + 1)})

    def _changes(self) -> dict[int, Num | Truth]:
        changed: dict[int, Num | Truth] = {}
        for owner, attribute, held, path in self._held:
            if getattr(owner, attribute) is not held:
                raise ModelError(f"{path} is exchanged as a whole, which no engine sees: write into it")
        for i, (name, owner, attribute, before, _) in enumerate(self.scalars):
            value = getattr(owner, attribute)
            if value is before:
                continue
            try:
                term = terms.truth(value) if isinstance(before, Truth) else terms.num(value)
            except ModelError as error:
                raise ModelError(f"{name}: {error}") from None
            if term is not before:
                changed[i] = term
        for cells in self.arrays:
            if cells.writes or cells.cleared:
                changed |= self._written(cells)
        return changed

    def _written(self, cells: Cells) -> dict[int, Num | Truth]:
        """The slots of what a path does to an array.  A write that is written over by a later one is left out."""
        first = self._first_slot(cells)
        out: dict[int, Num | Truth] = {first: terms.YES} if cells.cleared else {}
        last = {id(index): n for n, (index, _) in enumerate(cells.writes)}
        kept = [write for n, write in enumerate(cells.writes) if last[id(write[0])] == n]
        for n, (index, value) in enumerate(kept):
            out[first + 1 + 2 * n] = index
            out[first + 2 + 2 * n] = value
        return out

    def _first_slot(self, cells: Cells) -> int:
        if cells.name not in self._first:
            self._first[cells.name] = len(self.slots)
            self.slots.append(Slot("clear", cells.name, 1, terms.NO))
            zero: Num | Truth = terms.NO if cells.top is None else terms.const(0)
            for _ in range(MOST_WRITES):
                self.slots.append(Slot("index", cells.name, cells.length, terms.const(cells.length)))
                self.slots.append(Slot("value", cells.name, 1 if cells.top is None else cells.top, zero))
        return self._first[cells.name]

