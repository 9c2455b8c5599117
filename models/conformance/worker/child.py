"""The process that a target runs in: `python -m vrx.models.conformance.worker.child CONNECTION PROGRESS TARGET`.

Who has exhibits to plant runs a module of its own, which calls `main` with them (`entrances.py`).

It forks a child that has the target and answers; when the child ends, it says how
and forks another, which is much faster than to start anew.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from vrx.models.conformance.entrances import Exhibits, no_exhibits
from vrx.models.conformance.errors import BadScenario, Missing, NoTarget
from vrx.models.conformance.harness.outcome import MOST_DEVIATIONS, Job, Outcome
from vrx.models.conformance.harness.runs import run_of
from vrx.models.conformance.protocol import About, Crashed, Hung, SideName, Unsupported
from vrx.models.conformance.worker.locate import Located, locate
from vrx.models.terminal.process import ending_with

OPERATION, CHILD, DONE, BEAT = range(4)
"""Words of the progress memory: the operation that runs, the process of the target, whether it was told to end, and how
often it came on."""


class Serving:
    """The child: makes the target, runs what comes, answers."""

    def __init__(self, connection: Connection[Any, Any], progress: memoryview, located: Located) -> None:
        self.connection, self.progress, self.located = connection, progress, located
        self.target: Any = None

    def serve(self) -> None:
        """Answer until the connection ends."""
        while True:
            try:
                request = self.connection.recv()
            except EOFError:
                break
            self.connection.send(self.answer(request))
        self.forget()

    def answer(self, request: Any) -> Any:
        self.note(0)
        try:
            if self.target is None:
                self.target = self.located.make()
            if request == "about":
                return self.about()
            return self.run(request)
        except Missing as error:
            return "missing", str(error)
        except BadScenario as error:
            return "scenario", str(error)
        except NoTarget as error:
            self.forget()
            return "no target", str(error)
        except Crashed as error:
            self.forget()
            return "error", str(error)
        except Exception as error:
            self.forget()
            return "error", told(error)

    def about(self) -> About:
        target = self.target
        return About(
            target.version(), tuple(target.setups()), self.side, tuple(getattr(target, "checks", ())),
            target.can, self.located.model,
        )  # fmt: skip

    @property
    def side(self) -> SideName:
        """What the target is, which has been made."""
        side: SideName = self.located.side or self.target.side
        return side

    def run(self, job: Job) -> Outcome:
        run = run_of(self.side, self.target, job.scenario, job.judged, job.watched)
        record = run.record
        before = self.spent()
        try:
            run.run(self.note)
            if self.side == "driver":
                self.target.reset()  # what breaks while it takes back what is out is this scenario's
        except (Crashed, Hung) as error:
            clause = "crash" if isinstance(error, Crashed) else "hang"
            record.deviate(clause, str(error), summary=getattr(error, "summary", str(error)))
            self.forget()
        except Unsupported as error:
            return Outcome(0, unsupported=str(error))
        seconds = self.spent() - before
        found = tuple(record.deviations[:MOST_DEVIATIONS])
        return Outcome(
            record.operations, found, frozenset(record.reached), seconds,
            seen=tuple(record.seen), untold=frozenset(record.untold),
        )  # fmt: skip

    def spent(self) -> float:
        """Processor time in seconds: of this process, and of what the target has started."""
        return time.process_time() + getattr(self.target, "processor_time", lambda: 0.0)()

    def note(self, operation: int) -> None:
        self.progress[OPERATION] = operation
        self.progress[BEAT] += 1

    def forget(self) -> None:
        target, self.target = self.target, None
        if target is not None:
            with suppress(Crashed, Hung):
                target.close()


def ended(code: int) -> str:
    """How a process ended: by a signal, which is negative, or with a status."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"


def told(error: BaseException) -> str:
    """An exception on one line, with the innermost place that it came from."""
    what = f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({error.filename}, line {error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{what} ({frames[-1].filename}, line {frames[-1].lineno}, in {frames[-1].name})" if frames else what


def main(arguments: list[str], exhibits: Exhibits = no_exhibits) -> int:
    """Fork, wait, report, fork again, until the connection ends.  exhibits: what can be planted in the models."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection: Connection[Any, Any] = Connection(int(arguments[0]))
    progress = memoryview(mmap.mmap(int(arguments[1]), mmap.PAGESIZE)).cast("Q")
    try:
        located = locate(arguments[2], exhibits)
    except NoTarget as error:
        connection.send(("no target", str(error)))
        return 1
    except Exception as error:
        connection.send(("error", told(error)))
        return 1
    me = os.getpid()
    while True:
        child = os.fork()
        if not child:
            ending_with(me)()
            progress[CHILD] = os.getpid()
            Serving(connection, progress, located).serve()
            progress[DONE] = 1
            os._exit(0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if progress[DONE]:
            return 0
        connection.send(("died", ended(code)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
