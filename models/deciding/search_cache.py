"""What searches found out, kept for a run that asks for it: one that goes on, or that is of a tree which has changed.

Every search that ends leaves its findings in the cache directory.  They are
taken again only where a run asks for it, and only for the same C, compiler and
engine: what was decided of some C is true of it, whatever Python it comes from.
The steps are always read anew, so that a change of them which moves their C begins
afresh.  Counterexamples are kept as moves, and are replayed on integers like any other.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from vrx.models.deciding.digest import digest
from vrx.models.engines.explorer import Found, Search
from vrx.models.engines.native.build import FLAGS, find_compiler, identity
from vrx.models.engines.native.codegen import Source
from vrx.models.systems.system import Move
from vrx.models.terminal.cache import MODELS, cache_dir, fingerprint, of_files, read, write

SEARCHING = (
    "engines/native/explore.py", "engines/native/layout.py", "engines/explorer.py", "systems/fields.py",
    "deciding/search_cache.py",
)  # fmt: skip
"""The files that search, and that keep what was found.  What generates the C is not among them: the C itself is part
of an entry's name."""


class Drawer:
    """The place of one search.  stop: it ends at a violation.  Raises NoCompiler where there is none."""

    def __init__(self, source: Source, stop: bool) -> None:
        compiler = identity([*find_compiler(), *FLAGS])
        name = fingerprint(engine(), compiler, str(stop), source.text, digest(source))
        self.path = cache_dir() / "kept" / f"{name}.json"

    def get(self) -> Search | None:
        """What is in it; None where nothing is, or nothing that can be read."""
        try:
            return _search(read(self.path))
        except (ValueError, KeyError, TypeError):
            return None

    def put(self, found: Search) -> None:
        """Keep what a search found."""
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
        write(self.path, data)


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
    return of_files(MODELS / name for name in SEARCHING)
