"""Processes that end with whoever started them: a search, a target's worker, and what the worker starts."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


def ending_with(parent: int) -> Callable[[], None]:
    """What a child calls first, so that the kernel ends it when process `parent` does, however that ends."""

    def tie() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the call
            os.kill(os.getpid(), signal.SIGKILL)

    return tie


def spawn(argv: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
    """Start a program that is killed when this process ends.  Its stdin is empty unless said otherwise.

    more: as for subprocess.Popen, `pass_fds` for instance.
    """
    more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(list(argv), preexec_fn=ending_with(os.getpid()), **more)
