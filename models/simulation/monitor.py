"""Properties of a state that changes in place: asked again only when something that they have read has changed.

A property is a function of the state and of nothing else, so its answer stands as
long as every value that it read does.  It is asked of a *twin* of the state, which
looks the same and notes what is read from it.  Another answer may rest on other
values, so each is noted anew.  A property that walks the ring costs nothing in the
steps that change nothing of what it saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from vrx.models.simulation.undo_log import InPlace, Logged
from vrx.spec.properties import Property

Places = set[tuple[int, Any]]
"""Values of a state: whose (`id` of a part or an array), and the attribute or the index."""
WHOLE = "every element"
NOBODY: frozenset[int] = frozenset()


class Monitor:
    """The properties of a program that runs in place."""

    def __init__(self, program: InPlace, properties: Sequence[Property]) -> None:
        self._program = program
        self._properties = list(properties)
        self._read: Places = set()
        self._twin = _twin(program.state, self._read)
        self._to_ask = set(range(len(self._properties)))
        self._rests_on: list[Places] = [set() for _ in self._properties]
        self._readers: dict[int, dict[Any, set[int]]] = defaultdict(lambda: defaultdict(set))

    def broken(self) -> Property | None:
        """A property that does not hold now.  To be asked after every step."""
        readers, to_ask = self._readers, self._to_ask
        for owner, where, _ in self._program.log:
            concerned = readers.get(id(owner))
            if concerned:
                to_ask |= concerned.get(where, NOBODY)
                to_ask |= concerned.get(WHOLE, NOBODY)
        for number in sorted(to_ask):
            if not self._holds(number):
                return self._properties[number]
            to_ask.discard(number)
        return None

    def again(self) -> None:
        """The state has become another one: ask everything."""
        self._to_ask = set(range(len(self._properties)))

    def asked(self, prop: Property) -> tuple[bool, Places]:
        """Does a property hold now, and which values does the answer rest on?"""
        self._read.clear()
        holds = bool(prop.holds(self._twin))
        return holds, self._read.copy()

    def _holds(self, number: int) -> bool:
        self._read.clear()
        holds = bool(self._properties[number].holds(self._twin))
        before = self._rests_on[number]
        if self._read != before:
            for owner, where in before - self._read:
                self._readers[owner][where].discard(number)
            for owner, where in self._read - before:
                self._readers[owner][where].add(number)
            self._rests_on[number] = self._read.copy()
        return holds


def _twin(thing: Any, read: Places) -> Any:
    """What a property gets instead of a state, of a part or of an array; of anything else the thing itself."""
    if isinstance(thing, tuple):
        return tuple(_twin(one, read) for one in thing)
    if isinstance(thing, Logged):
        return _Elements(thing, read)
    if not is_dataclass(thing) or getattr(thing, "__dataclass_params__").frozen:  # noqa: B009
        return thing
    kind: type[Any] = type(thing)

    class Twin(kind):  # type: ignore[misc]
        """It has no values of its own; what is no field of the state is noted too."""

        __slots__ = ()

        def __getattr__(self, name: str) -> Any:
            read.add((id(thing), name))
            return getattr(thing, name)

    for field in fields(thing):
        twin = _twin(getattr(thing, field.name), read)
        changes = twin is getattr(thing, field.name) and field.name != "cfg"
        setattr(Twin, field.name, property(_noting(thing, field.name, read)) if changes else twin)
    Twin.__name__ = kind.__name__
    return object.__new__(Twin)


def _noting(thing: Any, name: str, read: Places) -> Callable[[Any], Any]:
    """A reader of an attribute that notes that it was read."""
    place, note = (id(thing), name), read.add

    def value(_: Any) -> Any:
        note(place)
        return getattr(thing, name)

    return value


class _Elements(Sequence[Any]):
    """What a property gets instead of an array."""

    __slots__ = ("_array", "_note", "_place", "_whole")

    def __init__(self, array: Logged, read: Places) -> None:
        self._array, self._note, self._place, self._whole = array, read.add, id(array), (id(array), WHOLE)

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, i: Any) -> Any:
        self._note((self._place, i))
        return self._array[i]

    def __iter__(self) -> Iterator[Any]:
        self._note(self._whole)
        return iter(self._array)

    def __contains__(self, value: object) -> bool:
        self._note(self._whole)
        return value in self._array

    def __eq__(self, other: object) -> bool:
        self._note(self._whole)
        return bool([*self._array] == other)

    __hash__ = None  # type: ignore[assignment]

    def count(self, value: Any) -> int:
        """How many elements are the value."""
        self._note(self._whole)
        return self._array.count(value)
