"""Running many claims: one search per system, several searches at a time, results as they come.

Each search runs in a process of its own, so that its memory is given back, a
crash costs one system, and Ctrl-C and SIGTERM end it wherever it is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic

from vrx.models.claims import Claim, Outcome, Result, Sentence, Statement
from vrx.models.deciding.engine import Decided, Unreachable, cpus, decide
from vrx.models.deciding.own_engine import Answer
from vrx.models.deciding.schedule import Memory, Work, work
from vrx.models.deciding.source_closure import NoDigest
from vrx.models.terminal import ending
from vrx.models.terminal.process import ending_with

Watch = Callable[[str, int, int], None]
"""Told while searches run: which system, its states so far, its depth so far."""
EVERY_STEP_FIRES = Sentence("every_step_fires", "A search takes every step that is not listed, and no other.")
EVERY = 0.1
"""Seconds between two reports of progress."""


def prove(
    claims: Sequence[Claim],
    *,
    jobs: int = 1,
    seconds: float = 0,
    max_bytes: int = 0,
    unreachable: Sequence[Unreachable] | None = None,
    resume: bool = False,
    watch: Watch | None = None,
) -> Iterator[Result]:
    """Decide the claims and yield results as they come.  jobs: how many searches run at a time.

    seconds, max_bytes: what each search may take, 0 for no limit.
    unreachable: the steps that no search takes.  With such a list a system whose steps do otherwise has a result of its
    own, `every_step_fires-...`; without one nobody asks.
    resume: take what an earlier run of this very tool found out (`models.deciding.search_cache`, `own_engine`).
    A search that its memory was too small for runs again at the end, alone, with all of it.
    """
    left = []
    for claim in claims:
        kept = _kept(claim) if resume else None
        if kept is None:
            left.append(claim)
        else:
            yield claim.judge(kept)
    waiting = work(left)
    too_large: list[Work] = []
    jobs = max(1, min(jobs, len(waiting)))
    shared = Memory(memory(), jobs)
    most = min(shared.budget, max_bytes or shared.budget)
    running: dict[Connection, _Search] = {}
    try:
        while waiting or running:
            while len(running) < jobs and (found := shared.next(waiting, len(running))):
                number, given = found
                one = waiting.pop(number)
                threads = cpus() if not waiting and not running else max(1, cpus() // jobs)
                search = _Search(one, threads, min(given, most), seconds, unreachable, resume)
                shared.left -= search.max_bytes
                running[search.reports] = search
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                search = running[ready]
                decided = search.hear(watch)
                if decided is None:
                    continue
                del running[ready]
                shared.left += search.max_bytes
                small = search.max_bytes < most
                if small and any(o.why == "memory" for o in decided.outcomes):
                    too_large.append(replace(search.work, bytes=shared.budget))
                else:
                    yield from _results(search.work.claims, decided)
            if not waiting and not running and too_large:
                waiting, too_large = too_large, []
    finally:
        for search in running.values():
            search.end()


def prove_here(
    claims: Sequence[Claim], *, seconds: float = 0, unreachable: Sequence[Unreachable] | None = None
) -> list[Result]:
    """Decide the claims in this process, one search after the other: a result for each claim, in their order.

    What is wrong with the steps of a system, by the list, is said by the result of the first claim about it.
    """
    numbers = {id(claim): n for n, claim in reversed(list(enumerate(claims)))}
    found: dict[int, Result] = {}
    for one in work(claims):
        decided = decide(one.claims, threads=cpus(), seconds=seconds, unreachable=unreachable)
        results = [claim.judge(outcome) for claim, outcome in zip(one.claims, decided.outcomes, strict=True)]
        for about, complaint in decided.complaints:
            reason = "; ".join(filter(None, (results[about].reason, complaint)))
            results[about] = replace(results[about], ok=False, reason=reason)
        found.update((numbers[id(claim)], result) for claim, result in zip(one.claims, results, strict=True))
    return [found[numbers[id(claim)]] for claim in claims]


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
        _keep(claim, outcome)
        yield claim.judge(outcome)
    for about, complaint in decided.complaints:
        name = f"every_step_fires-{group[about].name}"
        of = decided.outcomes[about]
        found = Outcome("refuted", of.engine, of.states, of.depth, None, of.seconds, complaint)
        yield every_step_fires(name, group[about], found).judge(found)


def _kept(claim: Claim) -> Outcome | None:
    """What an earlier run found out about a claim with an engine of its own, where all is as it was then."""
    try:
        return Answer(claim).get() if claim.decide is not None and claim.module else None
    except NoDigest:
        return None


def _keep(claim: Claim, found: Outcome) -> None:
    """Keep it for a later one.  What nobody knows by name nobody asks for again."""
    if claim.decide is not None and claim.module:
        with suppress(NoDigest):
            Answer(claim).put(found)


def every_step_fires(name: str, claim: Claim, found: Outcome) -> Statement:
    """The claim of a search itself, beside those that it decided: the steps that it took are those that are listed."""
    return Statement(name, claim.system, EVERY_STEP_FIRES, "proved", decide=lambda _: found)


@dataclass
class _Search:
    """One search in a process of its own."""

    work: Work
    threads: int
    max_bytes: int
    seconds: float
    unreachable: Sequence[Unreachable] | None
    resume: bool
    reports: Connection = field(init=False)
    process: BaseProcess = field(init=False)
    states: int = 0
    depth: int = 0

    def __post_init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self.reports, there = context.Pipe(duplex=False)
        self.process = context.Process(target=self._run, args=(there, os.getpid()), daemon=True)
        with ending.held():
            self.process.start()
        there.close()

    def _run(self, there: Connection, parent: int) -> None:
        ending.left_to_the_parent()
        ending_with(parent)()
        last = 0.0

        def progress(states: int, depth: int) -> None:
            nonlocal last
            if monotonic() - last > EVERY:
                last = monotonic()
                there.send((states, depth))

        try:
            decided = decide(
                self.work.claims,
                threads=self.threads,
                max_bytes=self.max_bytes,
                seconds=self.seconds,
                unreachable=self.unreachable,
                resume=self.resume,
                progress=progress,
            )
        except BrokenPipeError:
            return
        except Exception as error:
            decided = failed(self.work.claims, f"{type(error).__name__}: {' '.join(str(error).split())}")
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
            return failed(self.work.claims, f"the search {why}")
        if isinstance(report, Decided):
            self.process.join()
            return report
        self.states, self.depth = report
        if watch:
            watch(self.work.claims[0].system_name, self.states, self.depth)
        return None

    def end(self) -> None:
        """Stop the search now."""
        self.process.kill()
        self.process.join()


def failed(group: Sequence[Claim], reason: str) -> Decided:
    """The outcomes where the tool failed."""
    return Decided([Outcome("undecided", "-", reason=reason, fault=True)] * len(group))
