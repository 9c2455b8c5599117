"""The part of a queue's memory that one end alone writes, in whatever layout."""

from __future__ import annotations

from typing import NamedTuple

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.protocol import Breach


class Changed(NamedTuple):
    """A byte that somebody else has written: its place in the part, what stands there, and what stood there."""

    at: int
    now: int
    before: int


class OwnPart:
    """`length` bytes at `address`, and what stood there when their owner last wrote."""

    def __init__(self, memory: Memory, address: int, length: int) -> None:
        self._bytes = memory.at(address, length)
        self.touched()

    def touched(self) -> None:
        """The owner has written; nobody else should."""
        self._before = bytes(self._bytes)

    def changed(self) -> Changed | None:
        """The first byte that somebody else has written, if there is one."""
        now, before = bytes(self._bytes), self._before
        if now == before:
            return None
        return next(Changed(i, a, b) for i, (a, b) in enumerate(zip(now, before, strict=True)) if a != b)

    def trespass(self, part: str, who: str, whose: str) -> Breach | None:
        """The finding of such a byte.  part: what the layout calls this one; who: the side that has written."""
        found = self.changed()
        if found is None:
            return None
        seen = f"byte {found.at} of {part}: {found.now:#04x}, {found.before:#04x} before"
        return Breach("foreign-memory", seen, summary=f"the {who} writes to the {whose}'s part of the ring")
