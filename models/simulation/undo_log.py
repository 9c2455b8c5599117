"""A system run in place: one state that changes, for long runs on rings of real sizes.

`models.systems.system.Program` copies every field for every step, which a search needs
and a ring of 1024 entries makes slow.  Here the state itself changes; every write
notes what it overwrites, so that a step that turns out disabled halfway is undone.
Values are checked against their ranges where they changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from vrx.models.systems.fields import Field, Values, View, top_of, walk
from vrx.models.systems.step_errors import out_of_range
from vrx.models.systems.system import Move, Program, System, step_of
from vrx.models.systems.take_step import take_step
from vrx.spec.memory import StoreBuffer
from vrx.spec.steps import ModelError
from vrx.spec.words import Array, Of

Log = list[tuple[Any, Any, Any]]
"""What writes overwrote, oldest first: a part of the state or an array, the attribute or the index, the value."""
_read, _write, _set = list.__getitem__, list.__setitem__, object.__setattr__


class Logged(Array[Any]):
    """An array that notes what a write overwrites, and keeps count of its values once somebody asks."""

    __slots__ = ("log", "name", "numbers", "top")

    def __init__(self, items: Sequence[Any], log: Log, name: str, top: int) -> None:
        super().__init__(items)
        self.log, self.name, self.top = log, name, top
        self.numbers: Counter[Any] | None = None

    def __getitem__(self, i: Any) -> Any:
        if i.__class__ is slice:
            return _read(self, i)
        if i < 0:
            raise IndexError(f"{self.name}: index {i} is below 0")
        return _read(self, i)

    def __setitem__(self, i: Any, value: Any) -> None:
        if i < 0:
            raise IndexError(f"{self.name}: index {i} is below 0")
        old = _read(self, i)
        if old != value:
            self.log.append((self, i, old))
            if self.numbers is None:
                _write(self, i, value)
            else:
                self.put(i, value)

    def put(self, i: int, value: Any) -> None:
        """Write without a note."""
        if self.numbers is not None:
            self.numbers[_read(self, i)] -= 1
            self.numbers[value] += 1
        _write(self, i, value)

    def count(self, value: Any) -> int:
        """How many elements are the value."""
        if self.numbers is None:
            self.numbers = Counter(self)
        return self.numbers[value]


def noting(part: Any, log: Log, fields: dict[str, Field]) -> None:
    """From now on the part of a state notes what a write to one of its attributes overwrites.

    fields: each of its numbers, and their ranges
    """
    kind = type(part)

    class Noting(kind):  # type: ignore[misc, valid-type]
        __slots__ = ()  # of the same layout as its kind, so that the part can become one
        known = fields

        def __setattr__(self, name: str, value: Any) -> None:
            old = getattr(self, name)
            if old is not value:
                if old.__class__ is Logged:
                    raise ModelError(f"{old.name} is exchanged as a whole: write its elements, {old.name}[i] = ...")
                log.append((self, name, old))
                _set(self, name, value)

    Noting.__name__ = kind.__name__
    part.__class__ = Noting


def _taken() -> bool:
    return True


class InPlace(Program):
    """A system whose state is changed by `step`.

    The state, its actors and its actions are those of `Program`; `view` shows all values.
    log: what the last step has overwritten
    """

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.log: Log = []
        self.arrays: list[Logged] = []
        known: dict[int, dict[str, Field]] = {}
        parts: dict[int, Any] = {}
        for name, owner, attribute, kind, spec in list(walk(self.state, "")):
            parts[id(owner)] = owner
            mine = known.setdefault(id(owner), {})
            if isinstance(spec, Of):
                held = getattr(owner, attribute)
                self.arrays.append(Logged(held, self.log, name, top_of(spec.element, system.cfg)))
                setattr(owner, attribute, self.arrays[-1])
            else:
                mine[attribute] = Field(name, top_of(spec, system.cfg), kind)
        for number, part in parts.items():
            noting(part, self.log, known[number])
        self._parts = parts
        self.view = View(self.state)
        self._steps = [(self.actors[a.actor], a.step) for a in self.actions]
        self._first_moves = [Move(n, (0,) * len(a.choices)) for n, a in enumerate(self.actions)]
        self._waiting: list[tuple[Any, bool, list[int], list[list[int]]]] = []
        for actor, points in zip(self.actors, self._by_point, strict=True):
            at = [points.get(p, []) for p in range(max(points, default=-1) + 1)]
            self._waiting.append((actor, isinstance(actor, StoreBuffer), points.get(-1, []), at))

    def candidates(self) -> list[int]:
        """Actions that the program counters allow, and drains of stores that wait."""
        found: list[int] = []
        for actor, buffer, anywhere, at in self._waiting:
            if buffer:
                if actor.count:
                    found += anywhere
            else:
                found += anywhere
                if actor.pc < len(at):
                    found += at[actor.pc]
        return found

    def names(self) -> dict[tuple[int, Any], str]:
        """The name of each field by its owner's identity and its attribute, of each array by its own and None."""
        named = {(id(array), None): array.name for array in self.arrays}
        for owner in self._parts.values():
            named |= {(id(owner), attribute): field.name for attribute, field in owner.known.items()}
        return named

    def move(self, number: int, choice: tuple[int, ...]) -> Move:
        """The move; one object for all moves without a choice."""
        return Move(number, choice) if choice else self._first_moves[number]

    def put(self, values: Values) -> None:
        """Another state."""
        self.view.set(values)
        self.log.clear()
        for array in self.arrays:
            array.numbers = None

    def step(self, number: int, choice: Sequence[int], marks: list[str]) -> bool:
        """Take an action; False, and nothing has changed, where it is not enabled.

        marks: cleared, then those that the step passes.  Raises ModelError where a value leaves its range.
        """
        log = self.log
        actor, step = self._steps[number]
        marks.clear()
        log.clear()
        if take_step(self.state, actor, step, choice, self.system.may_run, _taken, marks) is None:
            self.undo()
            return False
        for owner, where, _ in log:
            if owner.__class__ is Logged:
                value = _read(owner, where)
                if (value.__class__ is not int and not isinstance(value, int)) or not 0 <= value <= owner.top:
                    raise self._spoiled(number, f"{owner.name}[{where}]", value, owner.top)
            elif where in owner.known:
                field = owner.known[where]
                value = getattr(owner, where)
                kind = value.__class__
                usual = kind is int or kind is field.kind or (isinstance(value, int) and not field.foreign(value))
                if not usual or not 0 <= value <= field.top:
                    raise self._spoiled(number, field.name, value, field.top)
        return True

    def _spoiled(self, number: int, name: str, value: Any, top: int) -> ModelError:
        """The error of a field that a step gave a value which it cannot have."""
        action = step_of(self.actions[number])
        if isinstance(value, int) and 0 <= value <= top:
            return ModelError(f"{action}: {self.view.fields[self.view.index[name]].foreign(value)}")
        bad = f"{name}={int(value)} is outside 0..{top}" if isinstance(value, int) else f"{name}={value!r} is no number"
        return out_of_range([bad], action, bool(self.system.changed))

    def undo(self) -> None:
        """The state before the last step."""
        for owner, where, value in reversed(self.log):
            if owner.__class__ is Logged:
                owner.put(where, value)
            else:
                _set(owner, where, value)
        self.log.clear()

    def enabled(self, number: int, choice: Sequence[int]) -> bool:
        """Could the action be taken?"""
        if not self.step(number, choice, []):
            return False
        self.undo()
        return True
