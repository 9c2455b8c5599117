"""Running many claims: one search per system, several searches at a time, results as they come.

Each search runs in a process of its own, so that its memory is given back, a
crash costs one system, and Ctrl-C ends it wherever it is.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic

from models.claims import Claim, Outcome, Result
from models.engine import Decided, Unreachable, cpus, decide
from models.system import System
from spec.properties import Property

Watch = Callable[[str, int, int], None]
"""Told while searches run: which system, its states so far, its depth so far."""
MEMORY_LIMIT = "stopped at the memory limit"
"""How the native explorer says that it was given too little memory."""
EVERY = 0.1
"""Seconds between two reports of progress."""


def groups(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Claims about the same system together; a claim with an engine of its own is alone."""
    by_system: dict[tuple[System, bool], list[Claim]] = {}
    out: list[list[Claim]] = []
    for claim in claims:
        if claim.decide is not None or claim.system is None:
            out.append([claim])
        else:
            key = claim.system, claim.liveness is not None
            if key not in by_system:
                by_system[key] = []
                out.append(by_system[key])
            by_system[key].append(claim)
    return out


def prove(
    claims: Sequence[Claim],
    *,
    jobs: int = 1,
    unreachable: Sequence[Unreachable] = (),
    watch: Watch | None = None,
) -> Iterator[Result]:
    """Decide the claims and yield results as they come.  jobs: how many searches run at a time.

    A search that its share of the memory was too small for runs again at the end, alone, with all of it.
    """
    waiting = groups(claims)
    too_large: list[list[Claim]] = []
    jobs = max(1, min(jobs, len(waiting)))
    threads = max(1, cpus() // jobs)
    running: dict[Connection, _Search] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                search = _Search(waiting.pop(0), threads, memory() // jobs, unreachable)
                running[search.reports] = search
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                search = running[ready]
                decided = search.hear(watch)
                if decided is not None:
                    del running[ready]
                    if jobs > 1 and any(MEMORY_LIMIT in o.reason for o in decided.outcomes):
                        too_large.append(search.group)
                    else:
                        yield from _results(search.group, decided)
            if not waiting and not running and too_large:
                waiting, too_large, jobs, threads = too_large, [], 1, cpus()
    finally:
        for search in running.values():
            search.end()


def prove_here(claims: Sequence[Claim], *, unreachable: Sequence[Unreachable] = ()) -> list[Result]:
    """Decide the claims in this process, one search after the other."""
    return [
        result
        for group in groups(claims)
        for result in _results(group, decide(group, threads=cpus(), unreachable=unreachable))
    ]


def memory() -> int:
    """Bytes that searches may use together: four fifths of what the machine has free."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024 * 4 // 5
    except OSError:
        pass
    return 4 << 30


def _results(group: list[Claim], decided: Decided) -> Iterator[Result]:
    for claim, outcome in zip(group, decided.outcomes, strict=True):
        yield claim.judge(outcome)
    if decided.complaint:
        first = group[0]
        name = f"every_step_fires-{first.name}"
        claim = Claim(name, first.system, Property("every_step_fires", lambda state: True, "always"), "proved")
        found = decided.outcomes[0]
        yield claim.judge(
            Outcome("refuted", found.engine, found.states, found.depth, None, found.seconds, decided.complaint)
        )


@dataclass
class _Search:
    """One search in a process of its own."""

    group: list[Claim]
    threads: int
    max_bytes: int
    unreachable: Sequence[Unreachable]
    reports: Connection = field(init=False)
    process: BaseProcess = field(init=False)
    states: int = 0
    depth: int = 0

    def __post_init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self.reports, there = context.Pipe(duplex=False)
        self.process = context.Process(target=self._run, args=(there,), daemon=True)
        with _held_interrupts():
            self.process.start()
        there.close()

    def _run(self, there: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides
        last = 0.0

        def progress(states: int, depth: int) -> None:
            nonlocal last
            if monotonic() - last > EVERY:
                last = monotonic()
                there.send((states, depth))

        try:
            decided = decide(
                self.group,
                threads=self.threads,
                max_bytes=self.max_bytes,
                unreachable=self.unreachable,
                progress=progress,
            )
        except BrokenPipeError:
            return
        except Exception as error:
            decided = failed(self.group, f"{type(error).__name__}: {' '.join(str(error).split())}")
        there.send(decided)

    def hear(self, watch: Watch | None) -> Decided | None:
        """Take one report of the process: progress, or how it ended."""
        try:
            report = self.reports.recv()
        except EOFError:
            self.process.join()
            code = self.process.exitcode
            killed = code == -signal.SIGKILL
            why = "was killed, perhaps for want of memory" if killed else f"ended with status {code}"
            return failed(self.group, f"the search {why}")
        if isinstance(report, Decided):
            self.process.join()
            return report
        self.states, self.depth = report
        if watch:
            watch(self.group[0].system_name, self.states, self.depth)
        return None

    def end(self) -> None:
        """Stop the search now."""
        self.process.kill()
        self.process.join()


def failed(group: Sequence[Claim], reason: str) -> Decided:
    """The outcomes where the tool failed."""
    return Decided([Outcome("undecided", "-", reason=reason, fault=True)] * len(group))


@contextmanager
def _held_interrupts() -> Iterator[None]:
    """Hold SIGINT back, in this thread and in the process that is started meanwhile, until both are ready for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
