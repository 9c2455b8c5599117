"""Properties of a state that changes in place: asked again only when something that they may read has changed.

Whatever a property reads, it reads by an attribute's name, and the name stands in
its code or in that of a function that it calls; where `s.vq.num_free` stands, so
does the owner's.  So a property that walks the ring costs nothing in the steps
that change no field of those names.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

from vrx.models.inplace import WHOLE, InPlace, Logged
from vrx.spec.properties import Property

BY_ANY_NAME = {"getattr", "vars", "__dict__", "fields"}
"""Where one of these is used, the names do not say what is read."""


def names_read(function: Callable[..., Any]) -> set[str] | None:
    """What a function may read, with all that it calls; None where that cannot be told.

    `owner.name` where the attribute is read right behind its owner's; `.name` where the owner has no name; `.name()`
    for a method.  What a parameter of type Config has is no part of the state.
    """
    names: set[str] = set()
    for one in _called(function, set()):
        constant = {name for name, kind in one.__annotations__.items() if kind == "Config"}
        for code in _codes(one.__code__):
            if BY_ANY_NAME & {*code.co_names}:
                return None
            names.update(_attributes(code, constant if code is one.__code__ else set()))
    return names


def _attributes(code: CodeType, constant: set[str]) -> Iterator[str]:
    """The attributes that a piece of code reads, but those of constant local variables."""
    owner, skip = "", False
    for instruction in dis.get_instructions(code):
        if instruction.is_jump_target:
            owner, skip = "", False
        name = str(instruction.argval)
        if instruction.opname == "LOAD_ATTR":
            if not skip:
                yield f"{owner}.{name}"
            owner = name
        else:
            if instruction.opname == "LOAD_METHOD":
                yield f".{name}()"
            owner = ""
        skip = instruction.opname == "LOAD_FAST" and name in constant


def _called(function: Any, seen: set[int]) -> Iterator[FunctionType]:
    """The function and every function that its names and its closure lead to."""
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    yield function
    for code in _codes(function.__code__):
        for name in code.co_names:
            yield from _called(function.__globals__.get(name), seen)
    for cell in function.__closure__ or ():
        yield from _called(cell.cell_contents, seen)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code and that of the functions inside it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


@dataclass
class _Asked:
    """A property, the fields that it may read by name (None: any), the arrays among them, and what of these it read."""

    property: Property
    keys: set[str] | None
    arrays: list[Logged]
    elements: dict[str, set[int]] = field(default_factory=dict)


class Asked:
    """The properties of a program that runs in place."""

    def __init__(self, program: InPlace, properties: Sequence[Property]) -> None:
        self._program = program
        self._all = [self._listening(p) for p in properties]
        self._arrays = {array.key for array in program.arrays}
        self._first = True
        self._touched: dict[frozenset[str], list[tuple[_Asked, bool]]] = {}

    def _listening(self, prop: Property) -> _Asked:
        keys = self._keys(names_read(prop.holds))
        return _Asked(prop, keys, [a for a in self._program.arrays if keys is not None and a.key in keys])

    def _keys(self, names: set[str] | None) -> set[str] | None:
        """The keys of the fields that go by the names, as `InPlace.changed` has them; None: any."""
        if names is None or any(self._is_code(name.rpartition(".")[2].rstrip("()")) for name in names):
            return None
        return {key for key in self._program.keys if key in names or "." + key.rpartition(".")[2] in names}

    def _is_code(self, name: str) -> bool:
        """Does a part of the state compute the attribute?  Then its name does not say what is read."""
        kinds = {type(part) for part in self._program.parts}
        return any(isinstance(getattr(kind, name, None), (FunctionType, property)) for kind in kinds)

    def broken(self) -> Property | None:
        """A property that does not hold now.  To be asked after every step."""
        for one, surely in self._concerned():
            if surely or self._element_changed(one):
                if not self._holds(one):
                    return one.property
        self._first = False
        return None

    def _concerned(self) -> list[tuple[_Asked, bool]]:
        """The properties that what has changed may concern, and whether more than elements of arrays has."""
        changed = frozenset(self._program.changed)
        if self._first or changed not in self._touched:
            plain = changed - self._arrays
            found = [
                (one, bool(self._first or one.keys is None or one.keys & plain))
                for one in self._all
                if self._first or one.keys is None or one.keys & changed
            ]
            if self._first:
                return found
            self._touched[changed] = found
        return self._touched[changed]

    def _element_changed(self, one: _Asked) -> bool:
        """Was an element written that the property has read?"""
        for owner, where, _ in self._program.log:
            if isinstance(owner, Logged):
                read = one.elements.get(owner.key)
                if read and (where in read or WHOLE in read):
                    return True
        return False

    def _holds(self, one: _Asked) -> bool:
        """Ask, and listen which elements are read; where all are, there is no need to listen again."""
        for array in one.arrays:
            array.read = one.elements[array.key] = set()
        holds = one.property.holds(self._program.state)
        for array in one.arrays[:]:
            array.read = None
            if WHOLE in one.elements[array.key]:
                one.arrays.remove(array)
        return holds
