"""What the layouts have in common: three parts in memory, descriptors of 16 bytes, and the flags that mean the same.

VIRTIO 1.4: 2.7 (Split Virtqueues), 2.8 (Packed Virtqueues).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from vrx.models.conformance.memory import Memory

Layout = Literal["split", "packed"]

NEXT: Final = 1
WRITE: Final = 2
INDIRECT: Final = 4
"""Descriptor flags of both layouts.  2.7.5 (The Virtqueue Descriptor Table), 2.8.6 (Next Flag: Descriptor Chaining)."""
DESC_BYTES: Final = 16
"""One descriptor, in either layout and in an indirect table."""


class Part(NamedTuple):
    """One of the three parts of a virtqueue: its alignment and its length in bytes."""

    align: int
    length: int


def parts(layout: Layout, size: int) -> tuple[Part, Part, Part]:
    """Descriptor area, driver area, device area of a queue of `size` entries.

    Spec: VIRTIO 1.4, 2.7 (Split Virtqueues), 2.8.10 (Packed: alignment and size).  The
    event fields are part of the length whether or not the event index is negotiated.
    """
    if layout == "split":
        return Part(16, 16 * size), Part(2, 6 + 2 * size), Part(4, 6 + 8 * size)
    return Part(16, 16 * size), Part(4, 4), Part(4, 4)


@dataclass(frozen=True)
class QueueAddresses:
    """Where a virtqueue is: its size in entries and the addresses of its three parts."""

    size: int
    desc: int
    driver: int
    device: int


def place(layout: Layout, size: int, address: int, spread: int = 0) -> tuple[QueueAddresses, int]:
    """The three parts one after the other from `address` on, aligned; and the first address behind them.

    spread: bytes of nothing before each part, so that a write over the edge is seen.
    """
    at = []
    for part in parts(layout, size):
        address = -(-(address + spread) // part.align) * part.align
        at.append(address)
        address += part.length
    return QueueAddresses(size, *at), address + spread


def areas(layout: Layout, memory: Memory, where: QueueAddresses) -> tuple[memoryview, memoryview, memoryview]:
    """The bytes of the three parts.  Raises ValueError for one that is not aligned as the standard wants it."""
    desc, driver, device = parts(layout, where.size)
    for part, address in ((desc, where.desc), (driver, where.driver), (device, where.device)):
        if address % part.align:
            raise ValueError(f"ring part at {address:#x}: the standard wants it aligned to {part.align}")
    return (
        memory.at(where.desc, desc.length),
        memory.at(where.driver, driver.length),
        memory.at(where.device, device.length),
    )


class Rows:
    """Descriptors of either layout as words of 64, 32 and 16 bits.  count: how many whole ones there are."""

    def __init__(self, view: memoryview) -> None:
        self.count = len(view) // DESC_BYTES
        whole = view[: self.count * DESC_BYTES]
        self._q = whole.cast("Q")
        self._i = whole.cast("I")
        self._h = whole.cast("H")
