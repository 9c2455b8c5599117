"""What one scenario on one target came to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.wire.layout import Layout

Seen = tuple[tuple[int, ...], ...]
"""Observations, as numbers: what each is, see `look_around` of the watches."""
Untold = tuple[Layout, int, str]
"""A lie that a target cannot be told: the layout, the kind of lie there, and why."""
MOST_DEVIATIONS: Final = 50
"""More of one scenario are not kept: the first ones say what is wrong."""


@dataclass(frozen=True)
class Outcome:
    """What one scenario came to.

    operations: how many ran; seconds: processor time of the target's process; reached: what was seen of it
    untold: lies that the target could not be told
    seen: where the job asks for it, everything that can be observed, at each point where the target is at rest
    """

    operations: int
    deviations: tuple[Deviation, ...] = ()
    reached: frozenset[str] = frozenset()
    seconds: float = 0.0
    unsupported: str = ""
    seen: Seen = ()
    untold: frozenset[Untold] = frozenset()


@dataclass(frozen=True)
class Job:
    """A scenario, whether it is judged or only run (for the raw rate), and whether what is seen is handed back."""

    scenario: Scenario
    judged: bool = True
    watched: bool = False


@dataclass
class Totals:
    """Sums over the scenarios of a run."""

    scenarios: int = 0
    operations: int = 0
    seconds: float = 0.0
    reached: set[str] = field(default_factory=set)
    untold: set[Untold] = field(default_factory=set)

    def add(self, outcome: Outcome) -> None:
        self.scenarios += 1
        self.operations += outcome.operations
        self.seconds += outcome.seconds
        self.reached |= outcome.reached
        self.untold |= outcome.untold


def untold_lines(untold: Collection[Untold]) -> list[str]:
    """Which lies a target could not be told: a line for each reason and layout."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for layout, kind, why in sorted(untold):
        kinds.setdefault((layout, why), []).append(kind)
    return [
        f"untold    {why}: lie {', '.join(map(str, listed))} on a {layout} ring"
        for (layout, why), listed in kinds.items()
    ]
