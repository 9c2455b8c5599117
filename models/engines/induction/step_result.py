"""What an induction found: per step, the lemmas that are not preserved, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from vrx.models.engines.induction.integer_reading import Path


@dataclass(frozen=True)
class Failure:
    """A lemma that a path of a step does not preserve.  answer: of the solver, `sat` or `unknown`."""

    step: str
    lemma: str
    answer: str
    path: Path = field(repr=False)


@dataclass
class StepResult:
    """One step: how many paths it has, how many queries, how many of them were known, and what failed.

    seconds: of processor time
    """

    name: str
    paths: int = 0
    queries: int = 0
    known: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
