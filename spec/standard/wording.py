"""How a layout words the rules of a queue: what its memory adds to them, and by which clause each stands there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vrx.spec.config import Config
from vrx.spec.layouts.shape import Shape


def _anywhere(desc: int, driver: int, device: int) -> None:
    """No rule says where the parts of a queue lie."""


def _itself(size: int, position: int) -> int:
    """A position that is an index."""
    return position


@dataclass(frozen=True)
class Wording:
    """What a judge has to know of a layout.

    shape: how its positions are counted; idx_bits: their width, 0 where the shape says it
    aligned: refuses addresses of the parts of a queue, by its clause
    data: what a kick carries of a position, for a size (NOTIFICATION_DATA)
    clauses: by the clause of the split chapter that a function of the queue names, that of this layout
    """

    shape: Shape = Config.layout
    idx_bits: int = 16
    aligned: Callable[[int, int, int], None] = _anywhere
    data: Callable[[int, int], int] = _itself
    clauses: Mapping[str, str] = field(default_factory=dict)

    @property
    def event_structure(self) -> bool:
        """Who listens says it by flags that may refer to an event, and not by one of both."""
        return self.shape.event_structure

    def clause(self, number: str) -> str:
        """The clause by which this layout has a rule."""
        return self.clauses.get(number, number)


PLAIN = Wording()
"""The rules as the functions of the queue name them."""
