"""What a function of the user's reaches outside of the state: names that it reads, what it was made with, objects."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from functools import partial
from types import CodeType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

from vrx.models.variants.telling_apart import of_python
from vrx.spec.bound_names import written_in

ATOMS = (int, float, str, bytes, complex, range, type(None), Enum)
"""Values that reach nothing."""


def below(one: Any) -> Iterator[tuple[str, Any]]:
    """What is reached from a value, each with the end of its path."""
    if isinstance(one, FunctionType):
        if of_this_tool(written_in(one)) or of_python(one):
            yield from _handed(one)
            return
        code = one.__code__
        for name, cell in zip(code.co_freevars, one.__closure__ or (), strict=False):
            try:
                yield f": {name}", cell.cell_contents
            except ValueError:
                continue  # not bound yet
        yield from ((f": default {n}", value) for n, value in enumerate(one.__defaults__ or ()))
        yield from ((f": default {n}", value) for n, value in (one.__kwdefaults__ or {}).items())
        yield from ((f".{n}", value) for n, value in list(vars(one).items()))
        for name in _names(code):
            if name in one.__globals__:
                yield f": {name}", one.__globals__[name]
                yield from _makers(f": {name}", one.__globals__[name])
    elif isinstance(one, partial):
        yield from ((": ", one.func), (": an argument", one.args), (": an argument", one.keywords))
    elif isinstance(one, MethodType):
        yield from ((": self", one.__self__), (": ", one.__func__))
    elif isinstance(one, (staticmethod, classmethod)):
        yield "", one.__func__
    elif isinstance(one, property):
        yield from (("", asked) for asked in (one.fget, one.fset) if asked)
    elif isinstance(one, (list, tuple, deque, set, frozenset)):
        yield from ((f"[{i}]", inner) for i, inner in enumerate(one))
    elif isinstance(one, (dict, MappingProxyType)):
        yield from ((f"[{key!r}]", inner) for key, inner in one.items())
        yield from ((": a key", key) for key in one if not isinstance(key, ATOMS))
    elif isinstance(one, ModuleType):
        file = getattr(one, "__file__", None) or ""
        if file and not of_this_tool(one.__name__) and "/lib/python" not in file:
            for name, value in list(vars(one).items()):
                if not name.startswith("__"):
                    yield f".{name}", value
                    yield from _makers(f".{name}", value)
    elif isinstance(one, type):
        if not of_this_tool(one.__module__) and one.__module__ != "builtins":
            of_users = ((n, v) for n, v in vars(one).items() if not n.startswith("__") or _is_called(n, v))
            yield from ((f".{n}", v) for n, v in of_users if not _of_every_class(v))
    elif not of_this_tool(type(one).__module__) and type(one).__module__ != "builtins":
        yield ": its class", type(one)
        yield from ((f".{n}", v) for n, v in list(getattr(one, "__dict__", {}).items()))
        for kind in type(one).__mro__:
            slots = vars(kind).get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if hasattr(one, name):
                    yield f".{name}", getattr(one, name)


def _is_called(name: str, value: Any) -> bool:
    """Is it a method that Python calls by itself (`__eq__`), written by hand, and not for making or showing objects?"""
    return isinstance(value, FunctionType) and name not in _MAKES and value.__code__.co_filename != "<string>"


def _of_every_class(method: Any) -> bool:
    """Is it one that Python gives to each enumeration, or named tuple?"""
    return isinstance(method, FunctionType) and written_in(method) in ("collections", "enum", "typing")


_MAKES = (
    "__init__", "__new__", "__post_init__", "__repr__", "__str__", "__hash__", "__init_subclass__", "__set_name__",
)  # fmt: skip


def _makers(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a function runs that makes an object of a class of the user's."""
    if isinstance(value, type) and not of_this_tool(value.__module__):
        for name in _MAKES[:3]:
            made = vars(value).get(name)
            if isinstance(made, FunctionType) and made.__code__.co_filename != "<string>":
                yield f"{path}.{name}", made


def _names(code: CodeType) -> Iterator[str]:
    stack = [code]
    while stack:
        here = stack.pop()
        yield from here.co_names
        stack += [c for c in here.co_consts if isinstance(c, CodeType)]


def _handed(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """What a function of this tool's or of Python's runs that is somebody else's: `invariant` makes such a one."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        with suppress(ValueError):  # not bound yet
            if callable(cell.cell_contents):
                yield f": {name}", cell.cell_contents
    given = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    yield from ((f": default {n}", value) for n, value in enumerate(given) if callable(value))


OURS = ("vrx.spec", "vrx.models")


def of_this_tool(module: str) -> bool:
    """Is it a module of this tool, whose functions are not the variant's?"""
    return module == "vrx" or module.startswith(OURS)
