"""A function of a number, run in several processes; the results come in the order of the numbers."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from vrx.spec.steps import ModelError

R = TypeVar("R")


def in_turn(work: Callable[[int], R], numbers: range, jobs: int) -> Iterator[R]:
    """What the function says of each number, in their order; `jobs` processes, or this one.

    What the function raises is raised here, in its turn.  Raises ModelError where a process dies.
    """
    if jobs <= 1:
        yield from map(work, numbers)
        return
    context = multiprocessing.get_context("fork")
    left = iter(numbers)
    done: dict[int, R | BaseException] = {}
    busy: dict[Connection, tuple[int, BaseProcess]] = {}

    def give(pipe: Connection, process: BaseProcess) -> None:
        number = next(left, None)
        if number is None:
            pipe.close()
        else:
            pipe.send(number)
            busy[pipe] = number, process

    processes: list[BaseProcess] = []
    try:
        for _ in range(jobs):
            here, there = context.Pipe()
            processes.append(context.Process(target=_serve, args=(work, there, here), daemon=True))
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                processes[-1].start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            there.close()
            give(here, processes[-1])
        for number in numbers:
            while number not in done:
                if not busy:
                    raise ModelError("the processes of all runs have ended early, perhaps for want of memory")
                for pipe in wait(list(busy)):
                    assert isinstance(pipe, Connection)
                    of, process = busy.pop(pipe)
                    try:
                        done[of] = pipe.recv()
                    except EOFError:
                        process.join()
                        done[of] = ModelError(f"the process of run {of} ended with status {process.exitcode}")
                        continue
                    give(pipe, process)
            result = done.pop(number)
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        for process in processes:
            process.kill()
            process.join()


def _serve(work: Callable[[int], R], pipe: Connection, other: Connection) -> None:
    other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        try:
            said: R | BaseException = work(number)
        except Exception as error:
            said = error
        pipe.send(said)
