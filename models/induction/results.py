"""What an induction found: per step, the lemmas that are not preserved, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.induction.reading import Path


@dataclass(frozen=True)
class Failure:
    """A lemma that a path of a step does not preserve.  answer: of the solver, `sat` or `unknown`."""

    step: str
    lemma: str
    answer: str
    path: Path = field(repr=False)


@dataclass
class StepResult:
    """One step: how many of its paths are possible under the invariant, how many queries, and what failed."""

    name: str
    paths: int = 0
    queries: int = 0
    seconds: float = 0.0
    failures: list[Failure] = field(default_factory=list)
