"""What is part of the state for the sake of those who ask: ghosts, and what no step reads again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vrx.spec.config.buffers import Buffers
from vrx.spec.config.environment import Environment


@dataclass(frozen=True)
class Ghosts(Buffers, Environment):
    """What the C does not have, or does not look at.

    decisions      ghost: has a side decided to notify although the ring asked for none when it decided, or dropped the
                   watched packet although there was no reason to?
    positions      ghost: where each buffer is, and the free list as a stack, for the proofs without bounds
    stale          for variants that read what no step of the C reads again, and what the model therefore makes zero:
                   "memory": the ring, the buffers and the structures of both sides keep what the C leaves there;
                   "all": local variables too, as if they outlived their function
    symmetry       a free buffer has no number of its own: the free list is in an order that the ring says, and states
                   that differ in the numbers of free buffers are one (docs/symmetry.md)
    """

    decisions: bool = False
    positions: bool = False
    stale: Literal["no", "memory", "all"] = "no"
    symmetry: bool = False

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if self.positions and self.data:
            yield "positions with data: not modelled; use one of them"
        if self.symmetry:
            yield from self._names_matter()

    def _names_matter(self) -> Iterator[str]:
        """Where the number of a free buffer says something, so that `symmetry` would take two things for one."""
        if self.layout.free_names is None:
            yield f"symmetry: layout {self.layout} does not say how free buffers get their numbers; use symmetry=False"
        if self.data:
            yield "symmetry with data: a free descriptor's number is also that of memory still read; use one of them"
        if self.positions:
            yield "symmetry with positions: those follow the driver's own free list; use one of them"
        if self.stale != "no":
            yield f"symmetry with stale={self.stale}: what is left in the ring names free buffers; use one of them"
        if self.liar:
            yield f"symmetry with hostile={self.hostile}: one that lies may name a free buffer; use one of them"
