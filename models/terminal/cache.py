"""What one run keeps on disk for the next: where it lies, what it is called, how it is written, when it goes.

An entry is called by a fingerprint of all that it depends on, so it is never out of date: whoever asks something
else asks for another name.  It is written whole or not at all; one that cannot be read, or is damaged, is as good as
none, and is made again.  A cache that cannot be written keeps nothing, which is no error.  What nobody has read or
written for `DAYS` goes when something of its kind is written beside it.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

MODELS = Path(__file__).parent.parent
LENGTH = 32
"""Hexadecimal digits of a fingerprint."""
DAYS = 60
"""How long an entry stays that nobody asks for."""
SEAL = hashlib.sha256().digest_size
"""Bytes at the end of a sealed entry."""


@cache
def own_dir() -> Path:
    """A directory of this process alone, for what the cache cannot take."""
    made = tempfile.mkdtemp(prefix="vrx-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def cache_dir() -> Path:
    """Where entries are kept: $XDG_CACHE_HOME/vrx or ~/.cache/vrx, or a temporary place instead."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        path = (Path(base) if base else Path.home() / ".cache") / "vrx"
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return own_dir()


def fingerprint(*parts: str) -> str:
    """The name of what depends on these texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:LENGTH]


def of_files(places: Iterable[Path]) -> str:
    """A digest of the sources at these places, those below a folder included, and of the version of Python."""
    digest = hashlib.sha256(sys.version.encode())
    below = [p for place in places for p in (place.rglob("*") if place.is_dir() else [place])]
    for path in sorted(p for p in below if p.suffix in (".py", ".c", ".h")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def tool() -> str:
    """A digest of all sources of models and specification, and of the version of Python."""
    return of_files([MODELS, MODELS.parent / "spec"])


def read(path: Path) -> Any:
    """The JSON of an entry; None where there is none, or none that can be read."""
    try:
        seal, _, text = path.read_text(encoding="utf-8").partition("\n")
        found = json.loads(text)
    except (OSError, ValueError):
        return None
    if seal != _seal(path, text):
        return None
    _asked_for(path)
    return found


def _seal(path: Path, text: str) -> str:
    """What tells that an entry is the one that was kept here: nothing of it is lost or spoiled, nor is it another's."""
    return fingerprint(path.name, text)


def write(path: Path, found: Any) -> None:
    """Keep something as JSON."""
    text = json.dumps(found)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=path.parent, suffix=path.suffix)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(f"{_seal(path, text)}\n{text}")
        moved(Path(made), path)


def moved(made: Path, path: Path) -> None:
    """Put a finished file into its place, also while others do the same.  Raises OSError."""
    os.replace(made, path)
    _without_old(path.parent, path.suffix)


def lines(path: Path) -> list[str]:
    """The lines of an entry that grows; empty where there is none."""
    try:
        found = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    _asked_for(path)
    return found


def append(path: Path, line: str) -> None:
    """Add a line to an entry that grows."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as out:
            out.write(line.encode() + b"\n")  # one write: processes that append at once do not mix
        _without_old(path.parent, path.suffix)


def seal(made: Path) -> None:
    """End a file with a digest of what is in it, by which `intact` knows it."""
    content = made.read_bytes()
    with made.open("ab") as out:
        out.write(hashlib.sha256(content).digest())


def intact(path: Path) -> bool:
    """Is there a sealed entry, and nothing of it lost or spoiled?"""
    try:
        content = path.read_bytes()
    except OSError:
        return False
    if len(content) <= SEAL or hashlib.sha256(content[:-SEAL]).digest() != content[-SEAL:]:
        return False
    _asked_for(path)
    return True


def _asked_for(path: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(path)


@cache
def _without_old(folder: Path, suffix: str) -> None:
    """Take away what nobody has asked for; once for a process, which is often enough."""
    oldest = time.time() - DAYS * 24 * 3600
    for path in folder.glob(f"*{suffix}"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
