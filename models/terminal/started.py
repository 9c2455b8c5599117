"""Since when this run goes on, and whether a file is another one than it was then.

What a run found out is that of the sources that it has read at its beginning.  Who edits one meanwhile, while a proof
goes on for minutes, must not find it kept as the answer of what stands there now.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

UNKNOWN = 3600.0
"""Seconds before its imports that a run is taken to have begun, where the system does not say it."""


def _started() -> float:
    now = time.time()
    try:
        said = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        lines = Path("/proc/stat").read_text(encoding="ascii").splitlines()
        booted = next(float(line.split()[1]) for line in lines if line.startswith("btime "))
        return min(booted + float(said[19]) / os.sysconf("SC_CLK_TCK") - 1, now)  # the boot is said in whole seconds
    except (OSError, ValueError, IndexError, StopIteration):
        return now - UNKNOWN


STARTED = _started()
"""When this process began, or the one that it was forked from: seconds since 1970."""


def changed_since(path: Path) -> bool:
    """Has a file been written, moved here or taken away since then?  Its time of change is the system's, and nobody
    can set it back."""
    try:
        return path.stat().st_ctime >= STARTED
    except OSError:
        return True
