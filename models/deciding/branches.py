"""Which branches of the steps a search takes: each condition that a step asks of the state, answered yes and no.

A branch is a function of `spec.linux`, `spec.qemu` or `spec.layouts`, a condition in it,
and an answer.  A function of a ring has the layout before its name: both rings have a
`virtqueue_poll`.  What a condition is, the reading says: wherever tracing a step asks whether
something of the state is so, the expression that asks is looked up in the source.  A
condition that the configuration decides, or the range of a field, is none there.

The branches on the way to an end of a step become marks of that end, so that the
native explorer says which of them are passed; where one is passed is of no interest,
and no path is told.
"""

from __future__ import annotations

import dis
import linecache
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from math import inf
from pathlib import Path
from time import monotonic
from types import CodeType, FrameType
from typing import Any

from vrx import spec
from vrx.models.engines.native.codegen import generate, marks_of
from vrx.models.engines.native.explore import AT_LIMIT, COMPLETE, FEW, MARKED, STATES, Native
from vrx.models.symbolic import terms
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.terms import Truth
from vrx.models.symbolic.trees import Leaf, Tree, every_path
from vrx.models.systems.system import System

ROOT = str(Path(spec.__file__).parent)
SIDES = tuple(f"{ROOT}/{side}/" for side in ("linux", "qemu", "layouts"))
"""Where the steps of both sides stand."""
THE_STANDARDS = "/standard/"
"""A folder of what the standard itself has, which is no code of a side."""
MARK = "branch: "
"""How the mark of a branch begins."""


@dataclass(frozen=True, order=True)
class Branch:
    """A function (of a ring's: the layout, a dot, the function), the condition that it asks, as it is written there,
    and the answer."""

    function: str
    asks: str
    answer: bool

    def __str__(self) -> str:
        return f"{self.function}: {self.asks} is {'so' if self.answer else 'not so'}"


@dataclass(frozen=True)
class Taken:
    """What a completed search of a system takes.  there: all branches of its steps; taken: those that runs take."""

    system: str
    there: frozenset[Branch]
    taken: frozenset[Branch]
    states: int


class Unsearched(Exception):
    """A search did not come to its end, so that it does not say what is never taken."""


class Branching(Reading):
    """A reading whose ends have a mark for each branch on the way to them."""

    def __init__(self, system: System) -> None:
        self.names: dict[str, Branch] = {}
        super().__init__(system)

    def _explore(self, run: Callable[[Any], Leaf]) -> Tree:
        return every_path(lambda: self._noted(run))

    def _noted(self, run: Callable[[Any], Leaf]) -> Leaf:
        decide = terms.deciders[-1]
        asked: dict[Branch, None] = {}

        def noting(condition: Truth) -> bool:
            answer = decide(condition)
            if (where := _asked_at(sys._getframe(2))) is not None:
                asked[Branch(*where, answer)] = None
            return answer

        terms.deciders.append(noting)
        try:
            leaf = run(self._symbolic_state())
        finally:
            terms.deciders.pop()
        if leaf.updates is None:
            return leaf  # the step is not enabled: no way through it
        names = {MARK + str(branch): branch for branch in asked}
        self.names.update(names)
        return replace(leaf, marks=(*leaf.marks, *names))


def _asked_at(frame: FrameType | None) -> tuple[str, str] | None:
    """The function of one of the sides that asks, and what; None where something else of the specification does: a
    mark, a ghost, or whether the step is enabled."""
    while frame is not None and not frame.f_code.co_filename.startswith(ROOT):
        frame = frame.f_back
    if frame is None:
        return None
    file = frame.f_code.co_filename
    if not file.startswith(SIDES) or THE_STANDARDS in file.removeprefix(ROOT):
        return None
    match Path(file).relative_to(ROOT).parts:
        case "layouts", layout, _, *_:
            function = f"{layout}.{frame.f_code.co_name}"
        case _:
            function = frame.f_code.co_name
    return function, _expression(frame.f_code, frame.f_lasti)


ASKING = ("POP_JUMP", "TO_BOOL", "UNARY_NOT", "COPY", "NOP", "EXTENDED_ARG", "NOT_TAKEN", "JUMP_IF")
"""Instructions that ask whether something is so; before them stands the one that says what."""


@cache
def _expression(code: CodeType, at: int) -> str:
    """The source of the expression whose truth an instruction asks."""
    before = [i for i in dis.get_instructions(code) if i.offset <= at]
    says = next(i for i in reversed(before) if not i.opname.startswith(ASKING))
    where = says.positions
    assert where is not None and where.lineno is not None and where.end_lineno is not None
    lines = [linecache.getline(code.co_filename, n).encode() for n in range(where.lineno, where.end_lineno + 1)]
    lines[-1] = lines[-1][: where.end_col_offset]
    lines[0] = lines[0][where.col_offset :]
    return " ".join(b" ".join(lines).decode().split())


def taken(system: System, *, threads: int = 1, max_bytes: int = 0, seconds: float = 0) -> Taken:
    """The branches that a complete search of a system takes.  max_bytes, seconds: what it may take, 0 for no limit.

    Raises Unsearched where it does not end, and NoCompiler where there is no compiler.
    """
    reading = Branching(system)
    source = generate(reading)
    ends = monotonic() + seconds if seconds else inf
    for most, hasty in ((FEW, True), (0, False)):
        with Native(
            reading, source, threads=threads, limit=most, max_bytes=max_bytes, stop=False, hasty=hasty
        ) as native:
            status = native.run(ends=ends)
            states = native.count(STATES)
            if status == AT_LIMIT:
                continue
            if status != COMPLETE:
                raise Unsearched(f"{system.name}: the search did not end, {states:,} states")
            passed = {mark for number, mark in enumerate(source.marks) if native.sight(MARKED, number)}
    there = {reading.names[mark] for mark in marks_of(reading) if mark in reading.names}
    return Taken(system.name, frozenset(there), frozenset(b for b in there if MARK + str(b) in passed), states)


@dataclass(frozen=True)
class NeverTaken:
    """Branches that no search takes, and why: of a function, a condition and an answer."""

    function: str
    asks: str
    answer: bool
    reason: str

    @property
    def branch(self) -> Branch:
        """Which one it is."""
        return Branch(self.function, self.asks, self.answer)


def asked(system: System) -> frozenset[Branch]:
    """All branches of the steps of a system, without a search."""
    reading = Branching(system)
    return frozenset(reading.names[mark] for mark in marks_of(reading) if mark in reading.names)


def complaints(there: Iterable[Branch], found: Iterable[Taken], listed: Iterable[NeverTaken]) -> list[str]:
    """What is wrong: a branch that no search takes and that is not listed; one that is listed and taken, or that no
    step has.  there: branches of systems that need not be searched again"""
    there = set(there)
    passed: dict[Branch, str] = {}
    for one in found:
        there |= one.there
        passed.update((branch, passed.get(branch, one.system)) for branch in one.taken)
    known = {never.branch for never in listed}
    return [
        *(f"never taken: {branch}" for branch in sorted(there - passed.keys() - known)),
        *(f"listed as never taken, but taken: {b}, in {passed[b]}" for b in sorted(known & passed.keys())),
        *(f"listed as never taken, but no step asks it: {branch}" for branch in sorted(known - there)),
    ]
