"""What searches found out, kept for a run that goes on after an interruption.

Every search that ends leaves its findings in the cache directory.  They are
taken again only where a run asks for it, and only for the same digest, compiler
and tool, so that another version of anything begins afresh.  Counterexamples are
kept as moves, and are replayed on integers like any other.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from vrx.models.digest import digest
from vrx.models.explorer import Found, Search
from vrx.models.native.build import FLAGS, cache_dir, find_compiler, identity
from vrx.models.native.codegen import Source
from vrx.models.system import Move


class Drawer:
    """The place of one search.  stop: it ends at a violation.  Raises NoCompiler where there is none."""

    def __init__(self, source: Source, stop: bool) -> None:
        parts = (tool(), identity([*find_compiler(), *FLAGS]), str(stop), digest(source))
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        self.path = cache_dir() / "kept" / f"{key[:32]}.json"

    def get(self) -> Search | None:
        """What is in it; None where nothing is, or nothing that can be read."""
        try:
            return _search(json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, found: Search) -> None:
        """Keep what a search found, whole or not at all; a cache that cannot be written is no error."""
        data = {
            "complete": found.complete,
            "states": found.states,
            "depth": found.depth,
            "rests": found.rests,
            "reason": found.reason,
            "violations": {name: _moves(f) for name, f in found.violations.items()},
            "covers": {name: _moves(f) for name, f in found.covers.items()},
            "fired": {str(number): count for number, count in found.fired.items()},
        }
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            handle, made = tempfile.mkstemp(dir=self.path.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(data, out)
            os.replace(made, self.path)


def _moves(found: Found) -> list[tuple[int, list[int]]]:
    return [(move.action, list(move.choice)) for move in found.path]


def _found(moves: list[Any]) -> Found:
    return Found([Move(int(action), tuple(int(c) for c in choice)) for action, choice in moves])


def _search(data: dict[str, Any]) -> Search:
    return Search(
        complete=bool(data["complete"]),
        states=int(data["states"]),
        depth=int(data["depth"]),
        rests=int(data["rests"]),
        violations={name: _found(moves) for name, moves in data["violations"].items()},
        covers={name: _found(moves) for name, moves in data["covers"].items()},
        fired=Counter({int(number): int(count) for number, count in data["fired"].items()}),
        reason=str(data["reason"]),
    )


@cache
def tool() -> str:
    """A digest of this tool's own files, and the version of Python."""
    digest = hashlib.sha256(sys.version.encode())
    root = Path(__file__).parent
    files = [p for top in (root, root.parent / "spec") for p in top.rglob("*") if p.suffix in (".py", ".c", ".h")]
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()
