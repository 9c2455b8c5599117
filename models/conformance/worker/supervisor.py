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
from types import TracebackType
from typing import Any

from vrx.models.conformance.deviation import deviation
from vrx.models.conformance.errors import BadScenario, Missing, NoTarget, TargetFailed
from vrx.models.conformance.harness.outcome import Job, Outcome
from vrx.models.conformance.protocol import About
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.worker.child import CHILD, OPERATION
from vrx.models.terminal.process import spawn

LIMIT = 30.0
"""Seconds that a scenario may take before its target counts as hung, besides what its length allows."""
LIMIT_PER_OPERATION = 0.01


class Worker:
    """A target in a process of its own.  A context manager: nothing of it is left afterwards."""

    def __init__(self, target: str, limit: float = LIMIT) -> None:
        self.target, self.limit = target, limit
        here, there = socket.socketpair()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115
        file = os.memfd_create("progress")
        os.ftruncate(file, mmap.PAGESIZE)
        self._progress = memoryview(mmap.mmap(file, mmap.PAGESIZE)).cast("Q")
        argv = [sys.executable, "-m", "vrx.models.conformance.worker.child", str(there.fileno()), str(file), target]
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
        answer = self._ask("about", 300)
        if isinstance(answer, Outcome):
            raise TargetFailed(f"{self.target} could not be made: {answer.deviations[0].seen}")
        assert isinstance(answer, About)
        return answer

    def run(self, scenario: Scenario, judged: bool = True, watched: bool = False) -> Outcome:
        """What the scenario comes to; the death of the target or its silence is a deviation."""
        limit = self.limit + LIMIT_PER_OPERATION * len(scenario.operations)
        answer = self._ask(Job(scenario, judged, watched), limit)
        assert isinstance(answer, Outcome)
        return answer

    def _ask(self, request: Any, limit: float) -> Any:
        try:
            self._connection.send(request)
            if not self._connection.poll(limit):
                return self._hung(limit)
            answer = self._connection.recv()
        except (EOFError, ConnectionError):
            raise TargetFailed(f"the worker of {self.target} ended: {self._said()}") from None
        if isinstance(answer, tuple) and len(answer) == 2:
            kind, text = answer
            if kind == "missing":
                raise Missing(text)
            if kind == "scenario":
                raise BadScenario(text)
            if kind == "no target":
                raise NoTarget(text)
            if kind == "error":
                raise TargetFailed(f"{self.target}: {_where(text)}")
            if kind == "died":
                return self._ended("crash", f"{text}{self._said()}")
        return answer

    def _hung(self, limit: float) -> Outcome:
        child = self._progress[CHILD]
        if not child:  # on a machine that is busy with others; to kill process 0 is to kill oneself and all beside
            raise TargetFailed(f"the worker of {self.target} has not begun within {limit:.0f} seconds")
        os.kill(child, signal.SIGKILL)
        self._connection.recv()  # the worker says that it died
        return self._ended("hang", f"no answer within {limit:.0f} seconds{self._said()}")

    def _ended(self, clause: str, seen: str) -> Outcome:
        at = self._progress[OPERATION]
        return Outcome(at, (deviation(clause, seen, at=at),))

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


def _where(traceback: str) -> str:
    """The last line of a traceback, and the line of code that it came from."""
    lines = traceback.strip().splitlines()
    frame = next((line.strip() for line in reversed(lines) if line.lstrip().startswith("File ")), "")
    return f"{lines[-1]} ({frame})"
