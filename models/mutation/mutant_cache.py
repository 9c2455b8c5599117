"""What was found out about mutants, kept for the next run: by the C that was searched, never by a name.

Whoever changes one question asks only that one again, and only where it could tell; whoever
changes a step, the systems whose C moved.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from vrx.models.engines.native.build import HASTY, find_compiler, identity
from vrx.models.terminal.cache import cache_dir, fingerprint, read, write

FORMAT = 1
"""Another number for what is kept, or how it is found out, begins afresh."""


@cache
def _compiler() -> str:
    return identity([*find_compiler(), *HASTY])


class Shelf:
    """Where findings lie."""

    def __init__(self) -> None:
        self.folder = cache_dir() / "mutants"  # found now: what is compiled for mutants has a cache of its own

    def place(self, *parts: str) -> Path:
        """The place of a finding, by what it depends on."""
        return self.folder / f"{fingerprint(str(FORMAT), _compiler(), *parts)}.json"

    def get(self, place: Path) -> Any:
        """What lies there; None where nothing does, or nothing that can be read."""
        return read(place)

    def put(self, place: Path, found: Any) -> None:
        """Keep it."""
        write(place, found)


@contextmanager
def own_cache(folder: str | None) -> Iterator[None]:
    """Keep what is compiled for a mutant out of the user's cache: nobody needs it again."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory(prefix="vrx-mutant-", dir=folder) as here:
        os.environ["XDG_CACHE_HOME"] = here
        try:
            yield
        finally:
            del os.environ["XDG_CACHE_HOME"]
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before
