"""What the names in a function of the user's meant when a variant or a question was made of it, and which of them mean
another thing now.

Python looks a name up when a function runs, and a variant runs long after it was made.  A step that is written in a
loop and reads what the loop changes is, in each variant, the step of the last turn: all of them would be one variant.
So with questions.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import CodeType, FunctionType, MethodType
from typing import Any

Run = Callable[..., Any]
_PLAIN = (int, float, str, bytes, type(None))
_MANY = (list, tuple, set, frozenset)
OURS = "vrx."
_PYTHON = ("builtins", "functools")
"""Whose classes functions are of."""
_when_made: dict[int, tuple[Run, dict[str, Any], tuple[str, ...]]] = {}
"""By the function's identity: the function, which so stays, what its names meant, and whose functions have no part."""


def remember(run: Run, known: tuple[str, ...]) -> None:
    """Keep what the names of a function mean now; the first time counts.

    known: how the names of modules begin whose functions are looked after elsewhere
    """
    if id(run) not in _when_made and (found := dict(_meanings(run, known))):
        _when_made[id(run)] = run, found, known


def remember_question(*asked: Run | None) -> None:
    """The same of the functions that a question is made of, unless they are this tool's own."""
    for run in asked:
        if run is not None and not all_of(run, (OURS,)):
            remember(run, (OURS,))


def written_in(run: Any) -> str:
    """The module that the code of a function stands in, whatever the function says: `wraps` makes it say another's."""
    while isinstance(run, (partial, MethodType)):
        run = run.func if isinstance(run, partial) else run.__func__
    said = run.__globals__.get("__name__") if isinstance(run, FunctionType) else getattr(run, "__module__", "")
    return said if isinstance(said, str) else type(run).__module__


def all_of(run: Any, known: tuple[str, ...]) -> bool:
    """Is everything that a function runs written in modules whose names begin so, what is handed to it included?"""
    stack, seen = [run], {id(run)}
    while stack:
        one = stack.pop()
        if not all(name.startswith(known) or name in _PYTHON for name in (written_in(one), type(one).__module__)):
            return False
        further = [inner for inner in _handed(one) if id(inner) not in seen]
        seen.update(map(id, further))
        stack += further
    return True


def _handed(run: Any) -> Iterator[Any]:
    """The functions that a function was made with, or is bound to."""
    if isinstance(run, partial):
        values = [run.func, *run.args, *run.keywords.values()]
    elif isinstance(run, FunctionType):
        kept = [*(run.__defaults__ or ()), *(run.__kwdefaults__ or {}).values()]
        values = [*kept, *(value for _, value in _cells(run))]
    else:
        values = [run.__func__, run.__self__] if isinstance(run, MethodType) else []
    yield from (value for value in values if callable(value) and not isinstance(value, type))


def of_another_meaning(run: Run) -> str:
    """A name in a function, or in one that it calls, that means something else than when a variant was made of it;
    empty where none does."""
    if id(run) not in _when_made:
        return ""
    _, before, known = _when_made[id(run)]
    now = dict(_meanings(run, known))
    return next((name for name in before if name in now and not _same(before[name], now[name])), "")


def _meanings(run: Run, known: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The free names of a function and of those of the user's that it calls, with their values."""
    stack: list[tuple[str, Any]] = [("", run)]
    seen: set[int] = set()
    while stack:
        where, one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, partial):
            stack += [(where, inner) for inner in (one.func, *one.args, *one.keywords.values())]
        elif isinstance(one, MethodType):
            stack.append((where, one.__func__))
        elif isinstance(one, FunctionType):
            if written_in(one).startswith(known):
                stack += [(f"{where}{name}: ", value) for name, value in _cells(one) if callable(value)]
                continue
            for name, value in _free(one):
                yield f"{where}{name}", list(value) if isinstance(value, _MANY) else value
                stack.append((f"{where}{name}: ", value))
        elif not isinstance(one, type) and callable(one):
            stack.append((where, type(one).__call__))


def _cells(function: FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue  # not bound yet


def _free(function: FunctionType) -> Iterator[tuple[str, Any]]:
    yield from _cells(function)
    for name in _globals_of(function.__code__):
        if name in function.__globals__:
            yield name, function.__globals__[name]


@cache
def _globals_of(code: CodeType) -> tuple[str, ...]:
    inner = [name for c in code.co_consts if isinstance(c, CodeType) for name in _globals_of(c)]
    names = [i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    return tuple(dict.fromkeys([*names, *inner]))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return id(one) == id(other) or (isinstance(one, _PLAIN) and isinstance(other, type(one)) and bool(one == other))
