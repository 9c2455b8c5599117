"""What an engine found out about a claim: the verdict, the figures, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["proved", "refuted", "bounded", "inductive", "vacuous", "undecided"]
Why = Literal["", "memory", "time", "too_large", "interrupted", "violation", "no_compiler", "unproved", "left_out"]
"""Why a search ended before it knew, or a claim is undecided.

memory, time: what it may take was not enough; too_large: more states than it may visit; violation: it ended at one, and
was about others too; no_compiler: there is none; unproved: a solver gave up, or a proof does not go through;
left_out: without an extra of the installation it would take too long, and nobody asked for it by name
"""

OTHER_C = "figures were measured on other C"
"""What differs where the figures of a claim are not those of the system that it has now."""


@dataclass(frozen=True)
class Outcome:
    """What an engine found out about a claim.

    steps: length of the counterexample; reason: why it is undecided or vacuous, or what differs, in words
    why: why it is undecided; mend: what a user can do about it
    seconds: of the engine; where it says none, those that the deciding took
    fault: the tool itself failed (a trace that does not replay, a value out of its range), or the question has no
        meaning for this system
    refused: that fault is one of the system's own: a step of it broke a rule of the language, or reads what is not kept
    leaves_range: that fault is a step that gives a field a value which it has no room for
    digest: of the steps that were searched (`models.deciding.digest`); empty where an engine of its own decided
    never_taken: the steps of the claim's system that its complete search never took
    by_construction: proved of a variant whose steps are, as C, those of the system without the change
    """

    verdict: Verdict
    engine: str
    states: int | None = None
    depth: int | None = None
    steps: int | None = None
    seconds: float = 0.0
    reason: str = ""
    fault: bool = False
    digest: str = ""
    never_taken: tuple[str, ...] = ()
    refused: bool = False
    by_construction: bool = False
    why: Why = ""
    mend: str = ""
    leaves_range: bool = False

    def line(self, word: str = "") -> str:
        """The verdict, or another word for it, and what was measured."""
        parts = [f"{word or self.verdict} in {self.steps} steps" if self.steps is not None else word or self.verdict]
        if self.states is not None:
            parts.append(f"{self.states:,} states")
        if self.depth is not None:
            parts.append(f"depth {self.depth}")
        return ", ".join([*parts, self.engine, f"{self.seconds:.1f} s"])

    @property
    def told(self) -> str:
        """The reason, and what mends it."""
        return "; ".join(filter(None, (self.reason, self.mend)))

    def __str__(self) -> str:
        return f"{self.line()}  ({self.told})" if self.told else self.line()
