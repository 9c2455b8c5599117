"""What searches found out, kept for a run that asks for it: one that goes on, or that is of a tree which has changed.

Every search that ends leaves its findings in the cache directory.  They are
taken again only where a run asks for it, and only for the same C, compiler and
engine: what was decided of some C is true of it, whatever Python it comes from.
The steps are always read anew, so that a change of them which moves their C begins
afresh.  Counterexamples are kept as moves, and are replayed on integers like any other.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from vrx.models.deciding.digest import digest
from vrx.models.engines.explorer import Found, Search
from vrx.models.engines.native.build import FLAGS, cache_dir, find_compiler, identity
from vrx.models.engines.native.codegen import Source
from vrx.models.systems.system import Move

MODELS = Path(__file__).parent.parent
SEARCHING = ("engines/native", "engines/explorer.py", "systems/fields.py", "deciding/search_cache.py")
"""The files that search, and that keep what was found."""


class Drawer:
    """The place of one search.  stop: it ends at a violation.  Raises NoCompiler where there is none."""

    def __init__(self, source: Source, stop: bool) -> None:
        parts = (engine(), identity([*find_compiler(), *FLAGS]), str(stop), source.text, digest(source))
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
            "why": found.why,
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
        why=data["why"],
    )


@cache
def engine() -> str:
    """A digest of the files that search and that keep what was found, and of the version of Python."""
    return _digest(MODELS / name for name in SEARCHING)


@cache
def tool() -> str:
    """A digest of all of this tool's own files, and of the version of Python."""
    return _digest([MODELS, MODELS.parent / "spec"])


def _digest(places: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    below = [p for place in places for p in (place.rglob("*") if place.is_dir() else [place])]
    for path in sorted(p for p in below if p.suffix in (".py", ".c", ".h")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
