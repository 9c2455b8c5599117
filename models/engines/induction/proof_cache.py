"""What was proved before, by the content of the question; never trusted across versions of z3 or of the prover.

Two files for each step: the questions that z3 answered with `unsat`, and hints:
which lemmas such an answer needed.  A hint saves time and is never believed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import z3

from vrx.models.engines.induction.bit_solver import solver_version
from vrx.models.terminal.cache import append, cache_dir, fingerprint, lines, of_files

HERE = Path(__file__).parent
LOWERING = ("term_digest", "integers", "step_proof", "prover", "beginning")
"""The modules on whose text an answer depends.  They are read, not imported: they ask this one."""
LOWERING_TO_BITS = (
    "../z3/bitvectors", "../../symbolic/walk", "instances", "second_opinion", "vectors", "bit_solver",
)  # fmt: skip
"""The same for bit-vectors."""
ONLY_THERE = "impossible"
"""A question whose hints serve the same path only: most paths are possible."""


class Known:
    """Answers of earlier runs.  use: keep them on disk; else only as long as this object lives.

    reading: `integers`, or that of the second opinion and its solver; no reading trusts another's answers
    """

    def __init__(self, use: bool = True, reading: str = "integers") -> None:
        self._folder = cache_dir() / "induction" if use else None
        self._version = version(reading) if use else ""
        self._proved: dict[str, set[str]] = {}
        self._hints: dict[str, dict[tuple[str, str], list[tuple[str, ...]]]] = {}

    def proved(self, step: str, key: str) -> bool:
        """Was the question answered with `unsat`?"""
        return key in self._keys(step)

    def put(self, step: str, key: str) -> None:
        """Remember such an answer."""
        keys = self._keys(step)
        if key not in keys:
            keys.add(key)
            self._append(step, "proved", key)

    def hints(self, step: str, what: str, path: str) -> list[tuple[str, ...]]:
        """The sets of lemmas that proved something of this name at this step, on this path, or on any."""
        known = self._sets(step)
        latest = [*reversed(known.get((what, path), [])), *reversed(known.get((what, ""), []))]
        return [] if what == ONLY_THERE and (what, path) not in known else list(dict.fromkeys(latest))

    def hint(self, step: str, what: str, path: str, needed: Iterable[str]) -> None:
        """Remember a set of lemmas."""
        names = tuple(sorted(needed))
        if self._add(step, what, path, names):
            self._append(step, "hints", " ".join((what, path, *names)))

    def _add(self, step: str, what: str, path: str, names: tuple[str, ...]) -> bool:
        known, new = self._sets(step), False
        for where in (path, ""):
            sets = known.setdefault((what, where), [])
            if names not in sets:
                sets.append(names)
                new = True
        return new

    def _keys(self, step: str) -> set[str]:
        if step not in self._proved:
            self._proved[step] = set(self._lines(step, "proved"))
        return self._proved[step]

    def _sets(self, step: str) -> dict[tuple[str, str], list[tuple[str, ...]]]:
        if step not in self._hints:
            self._hints[step] = {}
            for line in self._lines(step, "hints"):
                words = line.split()
                if len(words) >= 2:
                    self._add(step, words[0], words[1], tuple(words[2:]))
        return self._hints[step]

    def _lines(self, step: str, kind: str) -> list[str]:
        return lines(self._folder / self._file(step, kind)) if self._folder else []

    def _append(self, step: str, kind: str, line: str) -> None:
        if self._folder:
            append(self._folder / self._file(step, kind), line)

    def _file(self, step: str, kind: str) -> str:
        return f"{fingerprint(self._version, step)}.{kind}"


def version(reading: str = "integers") -> str:
    """The solvers' versions, and how questions are asked: the text of the modules that lower them and ask."""
    names, parts = [*LOWERING], [reading, z3.get_full_version()]
    if reading != "integers":
        names += LOWERING_TO_BITS
        parts.append(solver_version())
    return fingerprint(*parts, of_files(HERE / f"{name}.py" for name in names))
