"""How a run that is ended from outside ends: in order, and the same for Ctrl-C, SIGTERM and a time limit of one's own.

Each is a KeyboardInterrupt, once.  Whoever catches it keeps what is there, says what is not, and writes; what comes
after the first is not heard, so that it gets to do so.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
"""Ctrl-C, what `kill`, `timeout` and the time limits of continuous integration send, and the end of `--time`."""


class OutOfTime(KeyboardInterrupt):
    """The time that the run was given is over."""


class _Heard:
    """Is anybody there to hear, and has anything been heard?"""

    by_us = False
    ended = False
    later = 0
    noted = 0


def _end(number: int, _: FrameType | None) -> None:
    if _Heard.ended:
        return
    if _Heard.later:
        _Heard.noted = _Heard.noted or number
        return
    _Heard.ended = True
    raise OutOfTime if number == signal.SIGALRM else KeyboardInterrupt


def _nothing(number: int, _: FrameType | None) -> None:
    """It is for the parent."""


@contextmanager
def in_order() -> Iterator[None]:
    """Within it a run ends in order.  The outermost one counts; elsewhere than in the main thread nothing changes."""
    if _Heard.by_us or threading.current_thread() is not threading.main_thread():
        yield
        return
    # A shell without job control starts what runs in the background with Ctrl-C ignored; that stays so.
    heard = [number for number in HEARD if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _end) for number in heard}
    _Heard.by_us, _Heard.ended, _Heard.noted = True, False, 0
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        _Heard.by_us = _Heard.ended = False


@contextmanager
def later() -> Iterator[None]:
    """Within it what comes is noted: who finds out what there is to do says, at `now`, that it was not done."""
    _Heard.later += 1
    try:
        yield
    finally:
        _Heard.later -= 1


def note(number: int) -> None:
    """A signal came before there was anybody to hear it."""
    _Heard.noted = number


def now() -> None:
    """What was noted is heard now."""
    if _Heard.by_us and _Heard.noted:
        _end(_Heard.noted, None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """OutOfTime after so many seconds; 0 for no limit."""
    with in_order():
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            now()
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def working_within(seconds: float) -> Iterator[None]:
    """OutOfTime after so many seconds of this process's work, whoever else has a limit; 0 for none.

    Elsewhere than in the main thread there is none.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def held() -> Iterator[None]:
    """Hold all of it back, in this thread and in a process that is started meanwhile, until both are ready for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def left_to_the_parent() -> None:
    """What a process that works for another one calls first: all of it reaches the whole group, the parent decides.

    Not ignored, but heard for nothing: a program that it starts, a compiler, does not inherit that, and ends.
    """
    for number in HEARD:
        signal.signal(number, _nothing)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)


def left_to_the_pool() -> None:
    """The same for a process of a `multiprocessing.Pool`, which ends its own by SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
