"""Numbers of the state that the C keeps as two: a position, and what says which lap it is of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """A ring index that is a position and more in the C.

    length: how many positions a lap has; laps: what the C has beside the position in each lap, in words
    """

    length: int
    laps: tuple[str, ...]

    def said(self, value: int) -> str:
        """The value as the C has it.  value: 0..length * number of laps - 1"""
        lap, position = divmod(value, self.length)
        return f"{position}, {self.laps[lap]}"
