"""What engines of claims' own found out, kept for a run that asks for it.

A search has the digest of the C that it was of.  An inductive proof, a solver's answer, a statement has none: what it
says rests on the claim itself, with all that its engine and its system close over, on the code of every module that
these reach (`source_closure`), on Python, on the versions of solvers, on the C compiler.  The digest of an answer is of
all that.  Where any of it cannot be told there is no digest, and the claim is decided again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

from vrx.models.claims import Claim, Outcome
from vrx.models.deciding.described import described
from vrx.models.deciding.digest import SHORT
from vrx.models.deciding.source_closure import NoDigest, closure
from vrx.models.engines.induction.bit_solver import solver_version
from vrx.models.engines.native.build import FLAGS, NoCompiler, find_compiler, identity
from vrx.models.terminal.cache import cache_dir, fingerprint, read, write
from vrx.models.terminal.started import changed_since

FORM = "1"
"""Another one makes all that was kept before another thing."""
KEPT = ", kept"
"""What stands behind the engine of an answer that was kept."""


def answer_digest(claim: Claim) -> str:
    """The digest of all that the answer to a claim with an engine of its own rests on; empty where nobody can tell."""
    try:
        digest, files = _digest(claim)
    except NoDigest:
        return ""
    return "" if any(map(changed_since, files)) else digest[:SHORT]


def _digest(claim: Claim) -> tuple[str, tuple[Path, ...]]:
    if claim.decide is None:
        raise NoDigest(f"{claim.name} has no engine of its own")
    about = described((type(claim), claim.asks, claim.system, claim.decide))
    code, files = closure(about.modules)
    parts = (FORM, claim.name, claim.expected, about.digest, code, *_tools())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest(), files


@cache
def _tools() -> tuple[str, str]:
    """The C compiler, with its version; and the solver of bit-vectors, which may be there or not."""
    try:
        return identity([*find_compiler(), *FLAGS]), solver_version()
    except NoCompiler:
        return "no compiler", solver_version()


class Answer:
    """The place of one answer.  Raises NoDigest where nobody can tell what it rests on."""

    def __init__(self, claim: Claim) -> None:
        digest, self._files = _digest(claim)
        self._path = cache_dir() / "answers" / f"{fingerprint(digest)}.json"

    def get(self) -> Outcome | None:
        """What was found out; None where nothing was, or nothing that can be read."""
        kept = read(self._path)
        try:
            if kept["seal"] != _seal(kept["answer"]):
                return None
            found = Outcome(**{**kept["answer"], "never_taken": tuple(kept["answer"]["never_taken"])})
        except (TypeError, KeyError):
            return None
        return replace(found, engine=found.engine.removesuffix(KEPT) + KEPT)

    def put(self, found: Outcome) -> None:
        """Keep an answer, if it is one, and if the sources are still those that it is of."""
        if found.verdict != "undecided" and not found.fault and not any(map(changed_since, self._files)):
            answer = asdict(found)
            write(self._path, {"answer": answer, "seal": _seal(answer)})


def _seal(answer: object) -> str:
    return fingerprint(json.dumps(answer, sort_keys=True))
