"""The ring: how large it is, what is negotiated of it, what it looks like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from vrx.spec.config.group import Group, Within
from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.split.shape import SHAPE

USUAL_IDX_BITS = 3
"""What a ring of 1 or 2 has for the width of its indices, if nothing is said; the names of systems leave it out."""
MOST_INDICES = 1 << 16
"""An index is a word of 16 bits."""


@dataclass(frozen=True)
class Ring(Group):
    """A virtqueue's ring.

    size           queue size, 1..32768, of a split ring a power of two (VIRTIO 1.4, 2.7 and 2.8.10.1)
    idx_bits       width of a split ring's free-running indices, 2..16; VIRTIO has 16; 0: what it needs, 3 at least
    event_idx      VIRTIO_F_EVENT_IDX negotiated
    notify         kicks, interrupts and their suppression; without, each side may look at any time
    layout         what the ring looks like: `spec.layouts`
    """

    size: Annotated[int, Within(1, 32768)] = 1
    idx_bits: Annotated[int, Within(2, 16)] = 0
    event_idx: bool = False
    notify: bool = True
    layout: Shape = SHAPE

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        said = self.layout.wrong(self)
        if not isinstance(said, str):
            yield f"layout {self.layout}: wrong(cfg) is {said!r}: return an empty string where nothing is wrong"
        elif said:
            yield said
        turn = self.layout.turn(self)
        if isinstance(self.size, int) and (type(turn) is not int or not self.size < turn <= MOST_INDICES):
            yield (
                f"layout {self.layout}: turn(cfg) is {turn!r}: return how many values a ring index has, a number from "
                f"{self.size + 1} to {MOST_INDICES}, or a full ring would look like an empty one"
            )

    @property
    def events(self) -> bool:
        """Is anything written as an event index?"""
        return self.layout.events and (self.event_idx or self.layout.always_named)

    @property
    def last_index(self) -> int:
        """The largest ring index."""
        return self.layout.turn(self) - 1

    @property
    def slots(self) -> int:
        """The largest descriptor number, size - 1."""
        return self.size - 1

    @property
    def size_and_one(self) -> int:
        """Of a descriptor: one of the ring, or none of it."""
        return self.size + 1

    @property
    def indices(self) -> int:
        """Of a ring index."""
        return self.layout.turn(self)

    @property
    def wishes(self) -> int:
        """Of a wish for notifications: any event index, or a flag."""
        return self.indices if self.event_idx else 2
