"""What is part of the state for the sake of those who ask: ghosts, and what no step reads again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vrx.spec.config.buffers import Buffers


@dataclass(frozen=True)
class Ghosts(Buffers):
    """What the C does not have, or does not look at.

    decisions      ghost: has a side decided to notify although the ring asked for none when it decided, or dropped the
                   watched packet although there was no reason to?
    positions      ghost: where each buffer is, and the free list as a stack, for the proofs without bounds
    stale          for variants that read what no step of the C reads again, and what the model therefore makes zero:
                   "memory": the ring, the buffers and the structures of both sides keep what the C leaves there;
                   "all": local variables too, as if they outlived their function
    """

    decisions: bool = False
    positions: bool = False
    stale: Literal["no", "memory", "all"] = "no"

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if self.positions and self.data:
            yield "positions with data: not modelled; use one of them"
