"""Properties of a state that changes in place: asked again only when something that they may read has changed.

Whatever a property reads, it reads by an attribute's name, and the name stands in
its code or in that of a function that it calls.  So a property that walks the
ring costs nothing in the steps that change no attribute of those names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any

from models.inplace import InPlace
from spec.properties import Property

BY_ANY_NAME = {"getattr", "vars", "__dict__", "fields"}
"""Where one of these is used, the names do not say what is read."""


def names_read(function: Callable[..., Any]) -> set[str] | None:
    """The attribute names that a function may read, with all that it calls; None where that cannot be told."""
    names: set[str] = set()
    for one in _called(function, set()):
        for code in _codes(one.__code__):
            names.update(code.co_names)
    return None if names & BY_ANY_NAME else names


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


class Asked:
    """The properties of a program that runs in place."""

    def __init__(self, program: InPlace, properties: Sequence[Property]) -> None:
        self._program = program
        self._properties = [(p, names_read(p.holds)) for p in properties]
        self._first = True

    def broken(self) -> Property | None:
        """A property that does not hold now.  To be asked after every step."""
        changed, state = self._program.changed, self._program.state
        for prop, names in self._properties:
            if self._first or names is None or not names.isdisjoint(changed):
                if not prop.holds(state):
                    return prop
        self._first = False
        return None
