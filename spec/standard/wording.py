"""How a layout words the rules of a queue: what its memory adds to them, and by which clause each stands there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vrx.spec.layouts.shape import Shape


@dataclass(frozen=True)
class Wording:
    """What a judge has to know of a layout.

    shape: how its positions are counted
    event_structure: who listens says it by flags that may refer to an event, and not by one of both
    aligned: refuses addresses of the parts of a queue, by its clause
    data: what a kick carries of a position, for a size (NOTIFICATION_DATA)
    clauses: by the clause of the split chapter that a function of the queue names, that of this layout
    """

    shape: Shape
    event_structure: bool
    aligned: Callable[[int, int, int], None]
    data: Callable[[int, int], int]
    clauses: Mapping[str, str] = field(default_factory=dict)

    def clause(self, number: str) -> str:
        """The clause by which this layout has a rule."""
        return self.clauses.get(number, number)
