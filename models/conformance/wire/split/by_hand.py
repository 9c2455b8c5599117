"""A split queue that is written by hand: chains where the caller wants them, whatever the rules say of them."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import NEXT, QueueAddresses
from vrx.models.conformance.wire.split.ring import Descriptor, SplitRing


class HandWritten:
    """The queue at `where`, of zeros when this is made."""

    def __init__(self, memory: Memory, where: QueueAddresses) -> None:
        self._ring = SplitRing(memory, where)

    @property
    def used(self) -> int:
        """used.idx."""
        return self._ring.used_idx

    def used_length(self, slot: int) -> int:
        """The length in a used entry, in bytes."""
        return self._ring.used(slot).len

    def post(self, segments: Sequence[tuple[int, int, int]], at: int = 0) -> None:
        """A chain of (address, length, flags) from descriptor `at` on, made available at once."""
        ring = self._ring
        for i, (address, length, flags) in enumerate(segments, at):
            ring.desc[i] = Descriptor(address, length, flags, i + 1 if flags & NEXT else 0)
        n = ring.avail_idx
        ring.set_avail(n % ring.size, at)
        ring.avail_idx = n + 1 & 0xFFFF
