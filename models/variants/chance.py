"""Chance and clocks: what a step asks that no state holds, and that no two runs need answer alike.

Whether a draw changes what a step does may show in no sampled state, so nobody waits for it: a step that
can reach a module which may ask a clock, chance or the machine is refused for that, and only modules that are known to
ask nothing are let through.  What it reaches is found in its code, and in that of the functions that it
calls.  A draw from Python's own random numbers by code that cannot be looked into is seen by their
state, which every draw changes.
"""

from __future__ import annotations

import builtins
import dis
import random
import sys
from collections.abc import Iterator
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

HARMLESS = frozenset((
    "__future__", "_collections", "_collections_abc", "_functools", "_operator", "abc", "builtins", "collections",
    "copy", "dataclasses", "enum", "fractions", "functools", "itertools", "math", "numbers", "operator", "re",
    "types", "typing", "vrx",
))  # fmt: skip
"""Modules of Python, and this tool, whose functions give equal answers to equal questions; any other may not."""
BUILT_IN = frozenset((
    "__import__", "breakpoint", "compile", "eval", "exec", "globals", "hash", "help", "id", "input", "locals", "open",
))  # fmt: skip
"""Functions of Python itself that ask something outside of their arguments, or hide what they ask."""


def random_state() -> str:
    """A text that every draw from Python's random numbers changes."""
    return str(hash(random.getstate()))


def reached(path: str, function: FunctionType) -> Iterator[str]:
    """The clocks and sources of chance that the code of a function names, each after the path to the function."""
    names, used = set(_names(function.__code__)), set(_globals(function.__code__))
    for name in sorted(used & names):
        if name in function.__globals__:
            if is_source(function.__globals__[name]):
                yield f"{path}: {name}"
        elif name in BUILT_IN:
            yield f"{path}: {name}()"
    kept = [c.cell_contents for c in function.__closure__ or () if _filled(c)]
    for value in (*kept, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
        if isinstance(value, ModuleType) and foreign(value.__name__):
            yield f"{path}: {value.__name__}"
    for module in sorted(set(_imported(function.__code__))):
        if foreign(module):
            yield f"{path}: {module}"


def _filled(cell: CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False  # not bound yet
    return True


def foreign(module: str) -> bool:
    """May a module of this name ask a clock, chance or the machine?  One of the user's own is looked into instead."""
    top = module.partition(".")[0]
    if top in HARMLESS:
        return False
    if top in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(module) or sys.modules.get(top), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file


def is_source(value: Any) -> bool:
    """May a value that a function reaches ask a clock, chance or the machine?"""
    if isinstance(value, ModuleType):
        return foreign(value.__name__)
    owner = getattr(value, "__self__", None)
    if isinstance(owner, ModuleType):
        return foreign(owner.__name__) or (owner is builtins and value.__name__ in BUILT_IN)
    named = getattr(value, "__module__", None) if callable(value) else None
    return foreign(named or (owner if isinstance(owner, type) else type(value if owner is None else owner)).__module__)


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
