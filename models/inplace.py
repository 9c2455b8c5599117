"""A system run in place: one state that changes, for long runs on rings of real sizes.

`models.system.Program` copies every field for every step, which a search needs
and a ring of 1024 entries makes slow.  Here the state itself changes; a step
that turns out disabled halfway is undone.  Values are checked against their
ranges where they changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from models.fields import Field, Values, View, top_of, walk
from models.system import Program, System
from spec.memory import StoreBuffer
from spec.steps import Disabled, ModelError
from spec.words import Array, Of


class Logged(Array[Any]):
    """An array that notes what a write overwrites, and keeps count of its values once somebody asks."""

    __slots__ = ("attribute", "log", "name", "numbers", "top")

    def __init__(self, items: Sequence[Any], log: list[tuple[Any, int, Any]], name: str, top: int) -> None:
        super().__init__(items)
        self.log, self.name, self.top = log, name, top
        self.attribute = name.rpartition(".")[2]
        self.numbers: Counter[Any] | None = None

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, int) and i < 0:
            raise IndexError(f"{self.name}: index {i} is below 0")
        return list.__getitem__(self, i)

    def __setitem__(self, i: Any, value: Any) -> None:
        if i < 0:
            raise IndexError(f"{self.name}: index {i} is below 0")
        self.log.append((self, i, list.__getitem__(self, i)))
        self.put(i, value)

    def put(self, i: int, value: Any) -> None:
        """Write without a note."""
        if self.numbers is not None:
            self.numbers[list.__getitem__(self, i)] -= 1
            self.numbers[value] += 1
        list.__setitem__(self, i, value)

    def count(self, value: Any) -> int:
        """How many elements are the value."""
        if self.numbers is None:
            self.numbers = Counter(self)
        return self.numbers[value]


class InPlace(Program):
    """A system whose state is changed by `step`.

    The state, its actors and its actions are those of `Program`; `view` shows all values.
    changed: the names of the attributes that the last step has changed
    """

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.log: list[tuple[Logged, int, Any]] = []
        self._arrays: list[Logged] = []
        self._fields: dict[int, dict[str, Field]] = {}
        self.changed: set[str] = set()
        parts: dict[int, Any] = {}
        for name, owner, attribute, kind, spec in list(walk(self.state, "")):
            parts[id(owner)] = owner
            if isinstance(spec, Of):
                held = getattr(owner, attribute)
                self._arrays.append(Logged(held, self.log, name, top_of(spec.element, system.cfg)))
                setattr(owner, attribute, self._arrays[-1])
            else:
                self._fields.setdefault(id(owner), {})[attribute] = Field(name, top_of(spec, system.cfg), kind)
        self.view = View(self.state)
        self._parts = [vars(p) for p in parts.values()]
        self._before = [part.copy() for part in self._parts]
        self._known = [self._fields.get(i, {}) for i in parts]

    def candidates(self) -> Iterator[int]:
        """Actions that the program counters allow, and drains of stores that wait."""
        for number, actor in enumerate(self.actors):
            points = self._by_point[number]
            if isinstance(actor, StoreBuffer):
                if actor.count:
                    yield from points.get(-1, ())
            else:
                yield from points.get(-1, ())
                yield from points.get(int(actor.pc), ())

    def put(self, values: Values) -> None:
        """Another state."""
        self.view.set(values)
        self.log.clear()
        for array in self._arrays:
            array.numbers = None

    def step(self, number: int, choice: Sequence[int], marks: list[str]) -> bool:
        """Take an action; False, and nothing has changed, where it is not enabled.

        marks: cleared, then those that the step passes.  Raises ModelError where a value leaves its range.
        """
        action, state = self.actions[number], self.state
        actor = self.actors[action.actor]
        state.accesses = 0
        state.marks = marks
        marks.clear()
        self.log.clear()
        self._before = before = [part.copy() for part in self._parts]
        try:
            self.system.may_run(state, actor)
            action.step.run(state, actor, **dict(zip(action.step.choices, choice, strict=True)))
        except Disabled:
            self.undo()
            marks.clear()
            return False
        self.changed = changed = set()
        for part, old, known in zip(self._parts, before, self._known, strict=True):
            if part != old:
                self._check(part, old, known)
        for array, i, _ in self.log:
            changed.add(array.attribute)
            if not 0 <= list.__getitem__(array, i) <= array.top:
                raise ModelError(f"{array.name}[{i}]={list.__getitem__(array, i)} is outside 0..{array.top}")
        return True

    def undo(self) -> None:
        """The state before the last step."""
        for part, old in zip(self._parts, self._before, strict=True):
            part.update(old)
        for array, i, value in reversed(self.log):
            array.put(i, value)
        self.log.clear()

    def enabled(self, number: int, choice: Sequence[int]) -> bool:
        """Could the action be taken?"""
        if not self.step(number, choice, []):
            return False
        self.undo()
        return True

    def _check(self, part: dict[str, Any], old: dict[str, Any], known: dict[str, Field]) -> None:
        for name, field in known.items():
            value = part[name]
            if value is not old[name]:
                self.changed.add(name)
                if not 0 <= value <= field.top:
                    raise ModelError(f"{field.name}={int(value)} is outside 0..{field.top}")
