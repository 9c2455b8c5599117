"""A user's own file: the systems, claims and exhibits that it has at its top level, and the questions that it asks.

The file is Python and is run, like any program of the user's.  What goes wrong in it
is told with its own line, not as a fault of this tool.
"""

from __future__ import annotations

import ast
import difflib
import importlib.util
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from vrx.models.claims import Claim, Exhibit, Question, Reached, Statement
from vrx.models.systems.system import System
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property


class BadFile(Exception):
    """A user's file that cannot be read or run, or that has no such name; the text is one line."""


@dataclass(frozen=True)
class Subject:
    """A system that is asked about.

    name: as the user says it; own: questions that belong to it alone; claims: those of a file that are about it
    """

    name: str
    system: System
    own: tuple[Question, ...] = ()
    claims: tuple[Claim, ...] = ()

    def of(self, system: System) -> Subject:
        """The same with another system, of which nothing is claimed."""
        return self if system is self.system else Subject(self.name, system, self.own)


@dataclass(frozen=True)
class UserFile:
    """What a file has: systems by name, the questions that it asks of all of them, and remarks about it.

    claims: those with an engine of their own, which need no system of the file's
    """

    path: Path
    subjects: tuple[Subject, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()


def is_file(name: str) -> bool:
    """Does the user mean a file: `FILE.py` or `FILE.py:NAME`?"""
    return split(name)[0].endswith(".py")


def split(name: str) -> tuple[str, str]:
    """`FILE.py:NAME` as its two parts; the second is empty where none is said."""
    head, colon, tail = name.rpartition(":")
    return (head, tail) if colon and head.endswith(".py") else (name, "")


def load(name: str) -> UserFile:
    """Run the file and look at what it has.  name: `FILE.py`, or `FILE.py:NAME` for one system, claim or exhibit of it.

    Raises BadFile.
    """
    file, wanted = split(name)
    path = Path(file)
    module = _run(path)
    found: dict[str, Subject] = {}
    for s in _subjects(module):
        name_of, n = s.name, 1
        while name_of in found:  # two claims of one name are two
            n += 1
            name_of = f"{s.name}#{n}"
        found[name_of] = replace(s, name=name_of)
    if not found:
        raise BadFile(
            f"{path} has no system at its top level: write one there, "
            'e.g. `system = rx().replace("virtqueue_poll", mine)`'
        )
    if wanted:
        every = list(found.values())
        found = {n: s for n, s in found.items() if n == wanted or n.startswith((f"{wanted}:", f"{wanted}["))}
        found = {n: _with_others(s, every) for n, s in found.items()}
        if not found:
            raise BadFile(f"{path} has no {wanted!r}{_nearest(wanted, (s.name for s in _subjects(module)))}")
    there = _together(found.values())
    subjects = tuple(replace(s, name=f"{file}:{s.name}") for s in there)
    return UserFile(path, subjects, tuple(_questions(module)), tuple(_notes(path, module)))


def _with_others(one: Subject, every: Iterable[Subject]) -> Subject:
    """The subject, asked also what other claims of the file ask of its system."""
    own = [q for s in every if one.claims and s.claims and s.system == one.system for q in s.own]
    return replace(one, own=tuple(dict.fromkeys((*one.own, *own))))


def _together(subjects: Iterable[Subject]) -> list[Subject]:
    """Subjects where each system stands once: what several claims say of one system is asked of it together."""
    found: list[Subject] = []
    for one in subjects:
        n = next((n for n, other in enumerate(found) if one.claims and other.system == one.system), None)
        if n is None:
            found.append(one)
        else:
            first = found[n]
            own = (*first.own, *(q for q in one.own if q not in first.own))
            found[n] = replace(first, own=own, claims=(*first.claims, *one.claims))
    return found


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise BadFile(f"{path}: there is no such file")
    spec = importlib.util.spec_from_file_location(f"vrx_user_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    _forget_others(path.parent.resolve())
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise BadFile(told(error, path)) from None
    finally:
        sys.path.pop(0)
    return module


def _forget_others(folder: Path) -> None:
    """Modules beside another file of the user's: one of the same name here is another one."""
    if folder not in _folders:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file and Path(file).parent in _folders and not name.startswith("vrx"):
                del sys.modules[name]
    _folders.clear()
    _folders.add(folder)


_folders: set[Path] = set()
"""Where the last file was."""


def told(error: BaseException, path: Path) -> str:
    """An exception in a user's file on one line, with the line of the file where it came up."""
    what = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
    if isinstance(error, SyntaxError):
        return f"{path}:{error.lineno or 1}: {type(error).__name__}: {error.msg}"
    mine = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == path.resolve()]
    at = f"{path}:{mine[-1].lineno}" if mine else str(path)
    line = f" (in `{mine[-1].line}`)" if mine and mine[-1].line else ""
    return f"{at}: {what}{line}"


def _subjects(module: ModuleType) -> Iterator[Subject]:
    """Everything at the top level that has a system; what has two names is there once."""
    seen: set[int] = set()
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        many = isinstance(value, (list, tuple, dict))
        for n, one in value.items() if isinstance(value, dict) else enumerate(value if many else [value]):
            if isinstance(one, (System, Claim, Exhibit)) and id(one) not in seen:
                seen.add(id(one))
                yield from _of(f"{name}[{n}]" if many else name, one, many)


def _of(name: str, one: System | Claim | Exhibit, many: bool) -> Iterator[Subject]:
    if isinstance(one, System):
        yield Subject(name, one)
    elif isinstance(one, Exhibit):
        about = (one.asks,)
        called = one.id if many else name
        yield Subject(f"{called}:faulty", one.faulty, about)
        yield Subject(f"{called}:fixed", one.fixed, about)
    elif not isinstance(one, Statement) and one.decide is None:
        yield Subject(one.name if many else name, one.system, (one.asks,), (one,))


def _questions(module: ModuleType) -> Iterator[Question]:
    """The properties and covers of the file and of modules of the user's that it imports; those of `vrx` are known
    already."""
    for value in vars(module).values():
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
        for one in inside:
            if isinstance(one, Reached) or (isinstance(one, Property) and not _of_this_tool(one.name, one.holds)):
                yield one
            elif isinstance(one, Liveness) and not _of_this_tool(one.name, one.lasts):
                yield one


def _of_this_tool(name: str, function: Any) -> bool:
    """Is it a question of `vrx`, which the file only imports?"""
    module = getattr(function, "__module__", "") or ""
    return module.startswith("vrx.") and name in (getattr(function, "__name__", ""), "no_spin_device", "no_spin_driver")


def _made_in(module: ModuleType, function: Any) -> bool:
    return getattr(function, "__module__", "") == module.__name__


def _notes(path: Path, module: ModuleType) -> Iterator[str]:
    """What looks like a question and is none: a function from a state to bool that nobody uses."""
    functions = [f for f in vars(module).values() if isinstance(f, FunctionType) and _made_in(module, f)]
    names = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name))
    used = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    for f in functions:
        count = f.__code__.co_argcount
        if f.__annotations__.get("return") in ("bool", bool) and count == 1 and f.__name__ not in used:
            yield (
                f"{path}:{f.__code__.co_firstlineno}: {f.__name__} is not asked: "
                "put @invariant, @at_rest or @never_forever above it if it is a question"
            )


def _nearest(name: str, words: Iterable[str]) -> str:
    known = list(dict.fromkeys(words))
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(close)}?" if close else f"; it has {', '.join(known)}"
