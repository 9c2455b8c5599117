"""The native explorer: the same search as `models.engines.explorer`, at millions of states a second."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from vrx.models.claims import Why
from vrx.models.engines.explorer import Found, Search, by_name, out_of_time
from vrx.models.engines.native.build import FLAGS, HASTY, LARGE, PARTS, compiled
from vrx.models.engines.native.codegen import Source, generate, wider
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.fields import Values
from vrx.models.systems.step_errors import OutOfRange
from vrx.models.systems.system import Move, Program, System
from vrx.models.systems.variant_names import whose_fault
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError

CHUNK_MS = 100
"""How long the C runs before Python may look at signals and report progress."""
THREADS = 64
FEW = 500_000
"""States that are found in less time than it takes to compile the C well."""
NONE = 0xFFFFFFFF

RUNNING, COMPLETE, AT_LIMIT, NO_MEMORY, VIOLATION, RANGE, TOO_MANY = range(7)
STATES, LEVELS, RESTS, TRANSITIONS, BYTES = range(5)
FAILED, MARKED, ERROR = range(3)


class Sight(ctypes.Structure):
    """Where something was seen first: the state, the action taken in it, its choices as one number."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("state", "action", "choice", "level", "seen")]


def available_memory() -> int:
    """Bytes that a search may use unless told otherwise: three quarters of what is free, or of what the group may."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
        group = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        free = min(free, int(group)) if group.isdigit() else free
    except OSError:
        pass
    return free // 4 * 3


def library(source: Source, hasty: bool = False) -> ctypes.CDLL:
    """The compiled C of a system.  hasty: for a search that takes less time than compiling it well."""
    halves = PARTS if len(source.text) > LARGE and not hasty else ()
    return compiled(source.text, HASTY if hasty else FLAGS, halves)


class Native:
    """One native search under way: the compiled system and the states it holds.  Close it, or use it in a `with`."""

    def __init__(
        self,
        reading: Reading,
        source: Source,
        *,
        threads: int,
        limit: int,
        max_bytes: int,
        stop: bool,
        hasty: bool = False,
    ) -> None:
        if not 1 <= threads <= THREADS:
            raise ValueError(f"threads={threads}: use 1..{THREADS}")
        self.reading, self.threads = reading, threads
        self.program: Program = reading.program
        self.max_bytes = max_bytes or available_memory()
        self.options = limit, self.max_bytes, int(stop)
        self.hasty = hasty
        self.handle: int | None = None
        self._begin(source)

    def _begin(self, source: Source) -> None:
        self.source = source
        self.lib = library(source, self.hasty)
        self._declare()
        self.handle = self.lib.vrx_new(self.threads, *self.options)
        if not self.handle:
            raise MemoryError("the native explorer could not reserve its memory")

    def _declare(self) -> None:
        u32, u64, pointer = ctypes.c_uint32, ctypes.c_uint64, ctypes.c_void_p
        words = ctypes.POINTER(u64)
        for name, result, arguments in (
            ("vrx_new", pointer, (u32, u64, u64, ctypes.c_int)),
            ("vrx_free", None, (pointer,)),
            ("vrx_run", ctypes.c_int, (pointer, ctypes.c_int)),
            ("vrx_count", u64, (pointer, ctypes.c_int)),
            ("vrx_fired", u64, (pointer, u32)),
            ("vrx_sight", ctypes.POINTER(Sight), (pointer, ctypes.c_int, u32)),
            ("vrx_parent", u32, (pointer, u32)),
            ("vrx_state", words, (pointer, u32)),
            ("vrx_states", ctypes.c_int, (pointer, words)),
        ):
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments

    def __enter__(self) -> Native:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        if self.handle:
            self.lib.vrx_free(self.handle)
        self.handle = None

    def count(self, what: int) -> int:
        """One of the counters STATES, LEVELS, RESTS, TRANSITIONS, BYTES."""
        return int(self.lib.vrx_count(self.handle, what))

    def depth(self) -> int:
        """How far the search is: the length of the shortest path to the level under way."""
        return max(0, self.count(LEVELS) - 1)

    def sight(self, kind: int, which: int = 0) -> Sight | None:
        """The first sight of a failed property, a mark, or a value out of its range."""
        found = self.lib.vrx_sight(self.handle, kind, which)
        return found.contents if found else None

    def values(self, number: int) -> Values:
        """The state of a number."""
        words = self.lib.vrx_state(self.handle, number)
        if not words:
            raise MemoryError("no memory to find a state again")
        return self.source.layout.unpack(words[: self.source.layout.words])

    def states(self) -> set[Values]:
        """All states."""
        layout = self.source.layout
        words = (ctypes.c_uint64 * (self.count(STATES) * layout.words))()
        if not self.lib.vrx_states(self.handle, words):
            raise ModelError("the table of states has become too crowded to list them")
        return set(layout.unpack_all(words[:]))

    def path(self, number: int) -> list[Move]:
        """The moves of a shortest path to a state, found again by running the steps on integers."""
        chain = [number]
        while (number := int(self.lib.vrx_parent(self.handle, number))) != NONE:
            chain.append(number)
        chain.reverse()
        here = self.values(chain[0])
        if here != self.program.initial:
            raise ModelError("the native search does not begin where the integers do")
        path: list[Move] = []
        for number in chain[1:]:
            there = self.values(number)
            move = next((m for m, after in self.program.successors(here) if after == there), None)
            if move is None:
                raise ModelError(
                    f"the native search takes a step after {len(path)} moves that the integers do not have"
                    f"{whose_fault(self.program.system)}"
                )
            path.append(move)
            here = there
        return path

    def move(self, sight: Sight) -> Move:
        """The move of a sight."""
        choice, left = [], int(sight.choice)
        for _, count in reversed(self.program.actions[sight.action].choices):
            choice.append(left % count)
            left //= count
        return Move(int(sight.action), tuple(reversed(choice)))

    def run(
        self,
        progress: Callable[[int, int], None] | None = None,
        chunk_ms: int = CHUNK_MS,
        ends: float = inf,
    ) -> int:
        """Search on until something stops it; the C returns every now and then, so that Ctrl-C works.

        ends: on the clock `time.monotonic`; what is still RUNNING then has run out of time.
        It begins afresh, with more room for them, where the numbers of a state's parts are too many for their words.
        """
        while (status := int(self.lib.vrx_run(self.handle, chunk_ms))) in (RUNNING, TOO_MANY):
            if status == TOO_MANY:
                self.close()
                self._begin(wider(self.source))
            if progress:
                progress(self.count(STATES), self.depth())
            if monotonic() >= ends:
                return RUNNING
        if status == RANGE:
            self._out_of_range()
        return status

    def _out_of_range(self) -> None:
        """Raise what the integers say of the step that left a field's range."""
        at = self.sight(ERROR)
        assert at is not None
        move = self.move(at)
        after = self.program.take(self.values(at.state), move)
        if after is not None:
            try:
                self.program.checked(after, move)
            except OutOfRange as error:
                error.moves = (*self.path(at.state), move)
                raise
        name = self.program.actions[move.action].name
        raise ModelError(f"{name}: out of range natively, but not on integers{whose_fault(self.program.system)}")


def write(
    system: System, properties: Sequence[Property], reading: Reading | None = None
) -> tuple[Reading, Source]:
    """A system and properties of it as C.  reading: the system's, where that is there already."""
    reading = reading or Reading(system)
    return reading, generate(reading, properties)


WHY: dict[int, Why] = {
    COMPLETE: "", AT_LIMIT: "too_large", NO_MEMORY: "memory", VIOLATION: "violation", RUNNING: "time"
}  # fmt: skip
"""Status of the C -> why the search ended."""


def explore_native(
    system: System,
    properties: Sequence[Property] = (),
    *,
    threads: int = 1,
    limit: int = 0,
    max_bytes: int = 0,
    seconds: float = 0,
    stop_at_violation: bool = False,
    keep_states: bool = False,
    few: bool = True,
    written: tuple[Reading, Source] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Search:
    """Visit every reachable state.  limit, max_bytes: stop there, 0 for no limit and for most of the free memory.

    seconds: stop after that time, compiling included; 0 for no limit.
    few: it may be over within `FEW` states: so many are searched with C that was compiled in haste.  False where more
        are known to come.
    written: the system and these properties as C, where that is there already.
    Raises `NoCompiler` where there is none.
    """
    ends = monotonic() + seconds if seconds else inf
    reading, source = written or write(system, properties)
    attempts = [(FEW, True)] if few and not 0 < limit <= FEW else []
    attempts.append((limit, few and 0 < limit <= FEW))
    for most, hasty in attempts:
        with Native(
            reading, source, threads=threads, limit=most, max_bytes=max_bytes, stop=stop_at_violation, hasty=hasty
        ) as native:
            try:
                status = native.run(progress, ends=ends)
            except KeyboardInterrupt:
                return collect(native, False, "interrupted", "interrupted", keep_states=keep_states)
            if status == AT_LIMIT and most != limit:
                continue
            reason = {
                COMPLETE: "",
                AT_LIMIT: f"stopped at the limit of {limit} states",
                NO_MEMORY: f"stopped at the memory limit of {native.max_bytes >> 20} MiB",
                VIOLATION: "stopped at the first violation",
                RUNNING: out_of_time(seconds, native.count(STATES), native.depth()),
            }[status]
            return collect(native, status == COMPLETE, reason, WHY[status], keep_states=keep_states)
    raise AssertionError("the last attempt decides")


def collect(native: Native, complete: bool, reason: str, why: Why, *, keep_states: bool = False) -> Search:
    """What a search has found so far, with every path replayed on integers."""
    source, program = native.source, native.program
    found = Search(
        complete=complete,
        states=native.count(STATES),
        depth=native.depth(),
        rests=native.count(RESTS),
        reason=reason,
        why=why,
    )
    paths: dict[int, list[Move]] = {}

    def path(number: int) -> list[Move]:
        if number not in paths:
            paths[number] = native.path(number)
        return paths[number]

    names = {prop: name for name, prop in by_name(source.properties).items()}
    for i, prop in enumerate(source.properties):
        if (at := native.sight(FAILED, i)) is not None:
            _confirm(native, prop, native.values(at.state))
            found.violations[names[prop]] = Found(list(path(at.state)))
    for i, mark in enumerate(source.marks):
        if (at := native.sight(MARKED, i)) is not None:
            found.covers[mark] = Found([*path(at.state), native.move(at)])
    for i in range(len(program.actions)):
        if fired := int(native.lib.vrx_fired(native.handle, i)):
            found.fired[i] = fired
    if keep_states:
        found.seen = native.states()
    return found


def _confirm(native: Native, prop: Property, values: Values) -> None:
    """The property fails on integers as well, or the native search is wrong and says so."""
    state: Any = native.program.state
    native.program.view.set(values)
    if prop.holds(state):
        text = f"{prop.name} fails natively in a state where it holds on integers"
        raise ModelError(text + whose_fault(native.program.system))
