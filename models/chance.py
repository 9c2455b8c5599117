"""Chance and clocks: what a step asks that no state holds, and that no two runs need answer alike.

Whether a draw changes what a step does may show in no sampled state, so nobody waits for it: a step that
can reach a clock or a source of chance is refused for that.  What it reaches is found in its code, and in that of the
functions that it calls.  A draw from Python's own random numbers by code that cannot be looked into is seen by their
state, which every draw changes.
"""

from __future__ import annotations

import dis
import random
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

WHOLE = frozenset(("random", "_random", "secrets", "time", "uuid", "numpy.random"))
"""Modules of which every function is a clock or a source of chance."""
PARTS = {
    "os": frozenset(("urandom", "getrandom", "times", "getpid")),
    "posix": frozenset(("urandom", "getrandom", "times", "getpid")),
    "datetime": frozenset(("now", "utcnow", "today")),
    "numpy": frozenset(("random",)),
}
"""The same of modules that have other functions, too."""
BUILT_IN = frozenset(("id", "open", "input"))
"""Functions of Python that ask something outside of their arguments."""


def random_state() -> str:
    """A text that every draw from Python's random numbers changes."""
    return str(hash(random.getstate()))


def reached(path: str, function: FunctionType) -> Iterator[str]:
    """The clocks and sources of chance that the code of a function names, each after the path to the function."""
    names, used = set(_names(function.__code__)), set(_globals(function.__code__))
    for name in sorted(used & names):
        if name in function.__globals__:
            yield from (f"{path}: {found}" for found in _of(name, function.__globals__[name], names))
        elif name in BUILT_IN:
            yield f"{path}: {name}()"
    for module in sorted(set(_imported(function.__code__))):
        if module in WHOLE or names & PARTS.get(module, frozenset()):
            yield f"{path}: {module}"


def is_source(value: Any) -> bool:
    """Is a value that a function keeps (in a closure, as a default) one of these functions?"""
    return not isinstance(value, (type, ModuleType)) and bool(list(_of("", value, ())))


def _of(name: str, value: Any, names: Iterable[str]) -> Iterator[str]:
    """What a global is of this, by the other names in the code."""
    if isinstance(value, ModuleType):
        parts = sorted(PARTS.get(value.__name__, frozenset()) & set(names))
        if value.__name__ in WHOLE or parts:
            yield ".".join([name, *parts[:1]])
        return
    owner = getattr(value, "__self__", None)
    module = getattr(value, "__module__", None) or (owner if isinstance(owner, type) else type(owner)).__module__
    if isinstance(value, type) and module == "datetime":
        yield from (f"{name}.{part}" for part in sorted(PARTS["datetime"] & set(names))[:1])
    elif callable(value) and (module in WHOLE or getattr(value, "__name__", "") in PARTS.get(module, ())):
        yield name


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _names(code: CodeType) -> Iterator[str]:
    for here in _codes(code):
        yield from here.co_names


def _told(code: CodeType, operation: str) -> Iterator[str]:
    for here in _codes(code):
        yield from (str(i.argval) for i in dis.get_instructions(here) if i.opname == operation)


def _globals(code: CodeType) -> Iterator[str]:
    return _told(code, "LOAD_GLOBAL")


def _imported(code: CodeType) -> Iterator[str]:
    return _told(code, "IMPORT_NAME")
