"""The harness's end of a worker: hands it scenarios, and turns its death or silence into a result."""

from __future__ import annotations

import contextlib
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any

from vrx.models.conformance.deviation import deviation
from vrx.models.conformance.entrances import OWN, Entrances
from vrx.models.conformance.errors import BadScenario, Missing, NoTarget, TargetFailed
from vrx.models.conformance.harness.outcome import Job, Outcome
from vrx.models.conformance.protocol import About
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.worker.child import BEAT, CHILD, OPERATION, ended
from vrx.models.terminal.process import spawn

LIMIT = 30.0
"""Seconds that one operation may take before its target counts as hung; a scenario of many may take long."""
LOOKS = 4
"""How often in that time it is looked whether the target has come on."""
MAKING, LOADING = 300.0, 60.0
"""Seconds that it may take to make a target that comes with vrx, which may compile something; and one's own."""


class Worker:
    """A target in a process of its own.  A context manager: nothing of it is left afterwards.

    limit: seconds, of LIMIT; entrances: the module that the process runs
    """

    def __init__(self, target: str, limit: float | None = None, entrances: Entrances = OWN) -> None:
        self.target, self.limit = target, LIMIT if limit is None else limit
        here, there = socket.socketpair()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        file = os.memfd_create("progress")
        os.ftruncate(file, mmap.PAGESIZE)
        self._progress = memoryview(mmap.mmap(file, mmap.PAGESIZE)).cast("Q")
        argv = [sys.executable, "-m", entrances.worker, str(there.fileno()), str(file), target]
        try:
            self._process = spawn(
                argv, pass_fds=(there.fileno(), file), start_new_session=True, stderr=self._stderr,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        finally:
            there.close()
            os.close(file)
        self._connection: Connection[Any, Any] = Connection(here.detach())

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(politely=kind is None)

    def about(self) -> About:
        """What the target says of itself.  Raises Missing, NoTarget, TargetFailed."""
        own = self.target.rpartition(":")[0].endswith(".py")
        answer = self._ask("about", LOADING if own else MAKING)
        if isinstance(answer, Outcome):
            raise TargetFailed(f"{self.target} could not be made: {answer.deviations[0].seen}")
        assert isinstance(answer, About)
        return answer

    def run(self, scenario: Scenario, judged: bool = True, watched: bool = False) -> Outcome:
        """What the scenario comes to; the death of the target or its silence is a deviation."""
        answer = self._ask(Job(scenario, judged, watched), self.limit)
        assert isinstance(answer, Outcome)
        return answer

    def _ask(self, request: Any, limit: float) -> Any:
        try:
            self._connection.send(request)
            if not self._answers(limit):
                return self._hung(limit)
            answer = self._connection.recv()
        except (EOFError, ConnectionError):
            raise TargetFailed(f"the process of {self.target} ended while it was loaded: {self._how()}{self._said()}"
                               ) from None  # fmt: skip
        if isinstance(answer, tuple) and len(answer) == 2:
            kind, text = answer
            if kind == "missing":
                raise Missing(text)
            if kind == "scenario":
                raise BadScenario(text)
            if kind == "no target":
                raise NoTarget(text)
            if kind == "error":
                raise TargetFailed(f"{self.target}: {text}")
            if kind == "died":
                return self._ended("crash", f"{text}{self._said()}")
        return answer

    def _answers(self, limit: float) -> bool:
        """Is there an answer?  False where the target does not come on for `limit` seconds."""
        beat, quiet = self._progress[BEAT], 0
        loaded_by = monotonic() + LOADING
        while not self._connection.poll(limit / LOOKS):
            now = self._progress[BEAT]
            loading = not self._progress[CHILD] and monotonic() < loaded_by
            quiet = quiet + 1 if now == beat and not loading else 0
            beat = now
            if quiet == LOOKS:
                return False
        return True

    def _hung(self, limit: float) -> Outcome:
        child = self._progress[CHILD]
        if not child:  # 0 is everybody: the target is being loaded, in the worker itself
            raise TargetFailed(f"{self.target}: its file is not loaded within {LOADING:.0f} seconds{self._said()}")
        os.kill(child, signal.SIGKILL)
        self._connection.recv()  # the worker says that it died
        return self._ended("hang", f"no answer within {limit:.0f} seconds{self._said()}")

    def _ended(self, clause: str, seen: str) -> Outcome:
        at = self._progress[OPERATION]
        return Outcome(at, (deviation(clause, seen, at=at),))

    def _how(self) -> str:
        """How the worker ended."""
        try:
            return ended(self._process.wait(3))
        except subprocess.TimeoutExpired:
            return "it closed its connection"

    def _said(self) -> str:
        """The last line that the target wrote to its standard error, and nothing older the next time."""
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        self._stderr.seek(0)
        self._stderr.truncate()
        return f": {lines[-1][:300]}" if lines else ""

    def resident_kib(self) -> int:
        """Resident memory of the target's process in KiB; 0 if it is not there."""
        return resident_kib(self._progress[CHILD])

    def close(self, politely: bool = True) -> None:
        """End the worker and everything that it has started."""
        self._connection.close()
        if politely:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._stderr.close()


def resident_kib(process: int) -> int:
    """Resident memory of a process in KiB; 0 if there is none."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
