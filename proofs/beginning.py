"""Ctrl-C and SIGTERM before the command has what it works with: noted, and heard as soon as it can say what is left.

The imports take a second, on a busy machine several.  This module is the first of them.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from types import FrameType

NOTED: list[int] = []
"""The signals that came."""


def _note(number: int, _: FrameType | None) -> None:
    NOTED.append(number)


def _over() -> None:
    """What comes while the interpreter goes away changes no status: Python would hand it to the system again."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def listen() -> None:
    """From here on, in the command itself: who imports `vrx.proofs` into a program of theirs hears as before."""
    if os.path.basename(sys.argv[0] if sys.argv else "") not in ("vrx", "-m"):
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, _note)
            atexit.unregister(_over)
            atexit.register(_over)


listen()
