"""How many questions claims ask: several claims may ask the same, and some hold by construction.

A question is a transition system, by the digest of its steps, and what is asked of it.  Claims about configurations
whose steps are the same C ask one question, however many they are.  A claim that a variant keeps a property, where the
steps of the variant are the C of the system without the change, says nothing that the system does not say: it holds *by
construction*.  Both are counted from what was decided, and nothing goes by a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vrx.models.claims import Result


@dataclass(frozen=True)
class Counted:
    """Numbers of claims.  questions: distinct ones; by_construction: claims that are true of a variant as of the
    system without the change, as both are the same C."""

    claims: int
    questions: int
    by_construction: int

    def text(self) -> str:
        """The numbers in words, questions first."""
        said = f"{several(self.questions, 'distinct question')} in {several(self.claims, 'claim')}"
        return said + (f", {self.by_construction:,} of them by construction" if self.by_construction else "")


def several(n: int, what: str) -> str:
    """A number of things."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def question(result: Result) -> object:
    """What a claim asks: equal for two claims that ask the same.

    What an engine of its own decided, or nobody, is a question of its own.
    """
    claim, found = result.claim, result.outcome
    if not found.digest:
        return claim.name
    return found.digest, claim.asks


def counted(results: Sequence[Result]) -> Counted:
    """The numbers of some results."""
    by_construction = sum(r.outcome.by_construction for r in results)
    return Counted(len(results), len({question(r) for r in results}), by_construction)
