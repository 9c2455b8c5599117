"""Buffers in the harness's room of the shared memory: where they lie, and what they are filled with."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.conformance.memory import PAGE, Memory, Segment

PATTERN = 0xA5
"""What every byte of a buffer holds before the device writes it, and every byte around it."""
GAP = 32
"""Bytes of pattern before, between and behind the segments of a buffer."""
MOST = 1 << 20
"""The largest buffer with its gaps, in bytes."""
_FILL = bytes([PATTERN]) * MOST


class Extent:
    """A run of whole pages that one buffer has to itself."""

    __slots__ = ("address", "length", "view")

    def __init__(self, address: int, length: int, view: memoryview) -> None:
        self.address, self.length, self.view = address, length, view

    def fill(self) -> None:
        """Every byte becomes the pattern."""
        self.view[:] = _FILL[: self.length]


class Room:
    """Hands out extents; freed ones are used again for buffers that need as many pages (rounded to a power of two)."""

    def __init__(self, memory: Memory, begin: int = 0) -> None:
        address, length = memory.room
        self._memory = memory
        self._begin = self._next = max(address, begin) + -max(address, begin) % PAGE
        self._end = address + length
        self._free: dict[int, list[Extent]] = {}

    def extent(self, length: int) -> Extent | None:
        """An extent of at least `length` bytes, filled with the pattern; None if there is no room for it."""
        pages = 1 << (max(1, -(-length // PAGE)) - 1).bit_length()
        free = self._free.get(pages)
        if free:
            extent = free.pop()
        else:
            whole = pages * PAGE
            if whole > MOST or self._next + whole > self._end:
                return None
            extent = Extent(self._next, whole, self._memory.at(self._next, whole))
            self._next += whole
        extent.fill()
        return extent

    def free(self, extent: Extent) -> None:
        """The extent may be handed out again."""
        self._free.setdefault(extent.length // PAGE, []).append(extent)


def lay_out(
    room: Room, readable: Sequence[int], writable: Sequence[int], at: int
) -> tuple[Extent, list[Segment]] | None:
    """Segments of these lengths in bytes, one behind the other with gaps; the first at offset `at` of its page.

    None if there is no room.
    """
    begin = max(GAP, at % PAGE)
    total = begin + sum(readable) + sum(writable) + GAP * (len(readable) + len(writable))
    extent = room.extent(total)
    if extent is None:
        return None
    segments = []
    address = extent.address + begin
    for lengths, is_writable in ((readable, False), (writable, True)):
        for length in lengths:
            segments.append(Segment(address, length, is_writable))
            address += length + GAP
    return extent, segments
