"""A value in words that say all of it, the same in every process: what a function of one's own closes over, a system, a
question.

Functions and classes are named, with their modules, whose code `source_closure` reads.  What cannot be described raises
NoDigest: nothing is left out.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from vrx.models.deciding.source_closure import NoDigest, code_digest

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
_CACHED = type(functools.cache(lambda: None))
"""What `functools.cache` makes of a function."""
_OF_CLASSES = (MemberDescriptorType, GetSetDescriptorType)
_NOTES = {"__doc__", "__module__", "__qualname__", "__firstlineno__", "__static_attributes__", "__weakref__"}
"""What a class has of which nothing depends on it."""
_HEAP, _CLOSED = 1 << 9, 1 << 7 | 1 << 8
"""Flags of a class: it is no static one of C's; nobody can make an object of it, or change it."""


@dataclass(frozen=True)
class Description:
    """What is said of a value.  digest: of all of it; modules: those of its functions and classes"""

    digest: str
    modules: frozenset[str]


def described(value: Any) -> Description:
    """Describe a value.  Raises NoDigest, also for what is too deep."""
    try:
        digest, modules, _ = _whole(value, {})
    except RecursionError:
        raise NoDigest(f"{type(value).__name__} is too deep to be described") from None
    return Description(digest, modules)


_Whole = tuple[str, frozenset[str], int]
"""The digest, the modules, and how far up among the values in hand something comes back to one of them."""
_known: dict[int, tuple[object, _Whole]] = {}
"""What was described, by its place in memory: it is kept, so that nothing else takes that place."""
_NOWHERE = 1 << 30


def _whole(value: Any, hand: dict[int, int]) -> _Whole:
    """hand: the values of which this is a part, with their numbers."""
    if type(value) in PLAIN:
        return f"{type(value).__name__} {value!r}", frozenset(), _NOWHERE
    if id(value) in hand:
        return f"the part {hand[id(value)] - len(hand)} above", frozenset(), hand[id(value)]
    if id(value) in _known:
        return _known[id(value)][1]
    here = hand[id(value)] = len(hand)
    said: list[str] = []
    modules: set[str] = set()
    back = _NOWHERE
    for part in _parts(value):
        if isinstance(part, _Word):
            said.append(part.text)
            modules |= part.modules
        else:
            digest, of, comes = _whole(part, hand)
            said.append(digest)
            modules |= of
            back = min(back, comes)
    del hand[id(value)]
    if isinstance(value, set | frozenset):
        said = [said[0], *sorted(said[1:])]
    found = hashlib.sha256("\0".join(said).encode()).hexdigest(), frozenset(modules), back if back < here else _NOWHERE
    if back >= here:  # else it says only a part of a circle
        _known[id(value)] = value, found
    return found


@dataclass(frozen=True)
class _Word:
    """A name among the parts of a value, and the modules that it is from."""

    text: str
    modules: frozenset[str] = frozenset()


def _named(name: str, of: Any) -> _Word:
    module = of.__module__
    if not isinstance(module, str) or module == "__main__":
        raise NoDigest(f"{name} is of no module that others can import")
    return _Word(f"{module}.{name}", frozenset({module}))


def _is_known(kind: type) -> bool:
    """Does the name of a class say which one it is?  Not of one that was made while the program ran."""
    if not kind.__flags__ & _HEAP:
        return True  # Python's own
    found: object = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is kind


def _plain(kind: type) -> bool:
    """Is a class written in Python, so that its attributes are all that its objects have?"""
    new: object = kind.__new__
    made = isinstance(new, FunctionType) or new is getattr(object, "__new__", None)
    written = kind.__flags__ & _HEAP and not kind.__flags__ & _CLOSED
    return bool(written and made and getattr(kind, "__reduce__", None) is getattr(object, "__reduce__", None))


def _parts(value: Any) -> Iterator[Any]:
    kind = type(value)
    yield _named(kind.__qualname__, kind) if _is_known(kind) else kind
    match value:
        case type():
            yield _named(value.__qualname__, value)
            if not _is_known(value):
                own = vars(value).items()
                yield value.__bases__
                yield {name: one for name, one in own if not isinstance(one, _OF_CLASSES) and name not in _NOTES}
        case Enum():
            yield value.name
        case FunctionType():
            yield _named(value.__qualname__, value)
            yield code_digest(value.__code__)
            yield from (value.__closure__, value.__defaults__, value.__kwdefaults__, dict(vars(value)))
        case CellType():
            try:
                yield value.cell_contents
            except ValueError:
                yield "empty"  # to call the function would be an error
        case MethodType():
            yield from (value.__func__, value.__self__)
        case functools.partial():
            yield from (value.func, value.args, value.keywords)
        case BuiltinFunctionType():
            if value.__module__ is None:
                raise NoDigest(f"{value!r} is described by nothing")
            yield _named(value.__qualname__, value)
        case ModuleType():
            yield _Word(value.__name__, frozenset({value.__name__}))
        case tuple() | list() | set() | frozenset():
            yield from value
            yield from getattr(value, "__dict__", {}).items()
        case Mapping():
            yield from value.items()
            yield from getattr(value, "__dict__", {}).items()
        case property():
            yield from (value.fget, value.fset, value.fdel)
        case classmethod() | staticmethod():
            yield value.__func__
        case functools.cached_property():
            yield value.func
        case _ if isinstance(value, _CACHED):
            yield value.__wrapped__
        case _ if is_dataclass(value):  # what it makes of its fields itself follows from them
            yield from (getattr(value, one.name) for one in fields(value) if one.init)
        case _ if _plain(kind):
            yield vars(value) if hasattr(value, "__dict__") else None
            yield from (getattr(value, name, None) for one in kind.__mro__ for name in vars(one).get("__slots__", ()))
        case _:
            raise NoDigest(f"{value!r} is described by nothing")
