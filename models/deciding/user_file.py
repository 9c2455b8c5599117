"""A user's own file: the systems, claims and exhibits that it has at its top level, and the questions that it asks.

The file is Python and is run, like any program of the user's.  What goes wrong in it
is told with its own line, not as a fault of this tool.
"""

from __future__ import annotations

import difflib
import importlib.util
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from vrx.models.claims import Claim, Exhibit, Question, Reached, Statement
from vrx.models.deciding.as_named import another_than_named
from vrx.models.deciding.file_checks import changed_tool, remarks, thrown_away, tool_as_it_is
from vrx.models.systems.system import System
from vrx.models.terminal.cache import fingerprint
from vrx.models.terminal.sources import from_source
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property

OWN = "vrx_user_"
"""How the module of a user's file is called, as a beginning."""


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
        if wrong := another_than_named(s.system):
            raise BadFile(f"{path}: {s.name}: {wrong}")
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
        parts = tuple(wanted + mark for mark in ":[.")
        every = list(found.values())
        found = {n: s for n, s in found.items() if n == wanted or n.startswith(parts)}
        found = {n: _with_others(s, every) for n, s in found.items()}
        if not found:
            raise BadFile(f"{path} has no {wanted!r}{_nearest(wanted, (s.name for s in _subjects(module)))}")
    there = _together(found.values())
    subjects = tuple(replace(s, name=f"{file}:{s.name}") for s in there)
    questions = tuple(_questions(module))
    notes = remarks(path, path.read_text(encoding="utf-8"), module, {q.name for q in questions})
    return UserFile(path, subjects, questions, tuple(notes))


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
    folder = path.parent.resolve()
    called = f"{OWN}{path.stem}_{fingerprint(str(path.resolve()))[:8]}"  # a file of one name elsewhere is another one
    spec = importlib.util.spec_from_file_location(called, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    _forget_others(folder)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(folder))
    before = tool_as_it_is()
    try:
        with from_source():
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise BadFile(told(error, path)) from None
    finally:
        sys.path.remove(str(folder))
        changed = changed_tool(path, before)
    if wrong := changed or thrown_away(path, path.read_text(encoding="utf-8")):
        raise BadFile(wrong)
    return module


def _forget_others(folder: Path) -> None:
    """Modules and packages beside the last file of the user's: one of the same name here is another one, and in the
    same place it may have been edited."""
    theirs = {n for n, module in list(sys.modules.items()) if n != "vrx" and _stands_in(module, _folders)}
    for name in list(sys.modules):
        if name.partition(".")[0] in theirs and not name.startswith(OWN):
            del sys.modules[name]
    _folders.clear()
    _folders.add(folder)


def _stands_in(module: ModuleType, folders: set[Path]) -> bool:
    """Does a module's file, or the folder of a package, stand directly in one of some folders?"""
    places = list(getattr(module, "__path__", ())) or [getattr(module, "__file__", None) or ""]
    return not folders.isdisjoint(Path(place).parent for place in places if place)


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
        for called, one in _all_in(name, value):
            if isinstance(one, (System, Claim, Exhibit)) and id(one) not in seen:
                seen.add(id(one))
                yield from _of(called, one, called != name)


def _all_in(name: str, value: Any, inside: tuple[int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """What a name has: itself, or what is in its lists, tuples, sets and dicts, however deep, as `name[0][1]`, and in
    classes of the file, as `name.x`."""
    if id(value) in inside:
        return
    if isinstance(value, dict):
        pairs = [(f"{name}[{n}]", one) for n, one in value.items()]
    elif isinstance(value, (list, tuple)):
        pairs = [(f"{name}[{n}]", one) for n, one in enumerate(value)]
    elif isinstance(value, (set, frozenset)):
        pairs = [(f"{name}[{n}]", one) for n, one in enumerate(sorted(value, key=repr))]
    elif isinstance(value, type) and value.__module__.startswith(OWN):
        pairs = [(f"{name}.{n}", one) for n, one in vars(value).items() if not n.startswith("_")]
    else:
        yield name, value
        return
    for called, one in pairs:
        yield from _all_in(called, one, (*inside, id(value)))


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
    known = _of_this_tool()
    for name, value in vars(module).items():
        for _, one in _all_in(name, value) if not name.startswith("__") else ():
            if isinstance(one, Reached) or (isinstance(one, (Property, Liveness)) and one not in known):
                yield one


def _of_this_tool() -> set[Property | Liveness]:
    """The questions of `vrx`, which a file only imports: the very ones, for a function may call itself as it likes."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("vrx.")]
    found = [one for module in modules for name, value in list(vars(module).items()) for _, one in _all_in(name, value)]
    return {one for one in found if isinstance(one, (Property, Liveness))}


def _nearest(name: str, words: Iterable[str]) -> str:
    known = list(dict.fromkeys(words))
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(close)}?" if close else f"; it has {', '.join(known)}"
