"""A buffer in the packed layout: descriptors that follow each other in the ring, or one that names a table.

The queue of the standard knows a buffer as one thing with a capacity (`virtqueue`).  Here
is what may stand in memory for it: the rules of a list, asked of one descriptor after the
other as a device would walk it.  What a descriptor may not be is refused by its clause; what the walk has seen
is the buffer: its pieces, its capacity, and how many slots of the ring it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from vrx.spec.standard.rules import must

NEXT: Final = 1
WRITE: Final = 2
INDIRECT: Final = 4
AVAIL: Final = 1 << 7
USED: Final = 1 << 15
"""Flags of a descriptor.  Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters) and 2.8.13."""
ALIGNMENT = {"descriptors": 16, "driver events": 4, "device events": 4}
"""Bytes.  Spec: VIRTIO 1.4, 2.8.10.1 (Structure Size and Alignment)"""


class Layout(Protocol):
    """What the rules of a list depend on.  indirect: INDIRECT_DESC was negotiated."""

    @property
    def size(self) -> int:
        """Descriptors of the queue."""

    @property
    def indirect(self) -> bool:
        """Was INDIRECT_DESC negotiated?"""


@dataclass
class List:
    """A buffer as far as its descriptors have been walked.

    slots: of the ring, so far; entries: of its table, 0 while there is none; in_table: the table is in hand
    pieces: descriptors with memory so far; capacity: bytes that the device may write; id: the buffer ID
    written: a piece that the device may write was among them; ended: there is nothing more
    """

    slots: int = 0
    entries: int = 0
    in_table: bool = False
    pieces: int = 0
    capacity: int = 0
    id: int = 0
    written: bool = False
    ended: bool = False


def available(flags: int, wrap: int) -> bool:
    """Do the flags say that a slot is available, to who looks at it with this wrap counter (0 or 1)?

    Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters)
    """
    return (flags & AVAIL != 0) == (wrap != 0) and (flags & USED != 0) != (wrap != 0)


def used(flags: int, wrap: int) -> bool:
    """Do the flags say that a slot is used, to who looks at it with this wrap counter (0 or 1)?

    Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters)
    """
    return (flags & AVAIL != 0) == (wrap != 0) and (flags & USED != 0) == (wrap != 0)


def slot_of_list(c: Layout, found: List, flags: int, wrap: int, buffer_id: int, entries: int) -> None:
    """The next slot of a list, as it was read.  wrap: of its own position, which a list that goes over the end changes.

    entries: how many descriptors the memory behind it has room for if it names a table, 0 if it is no table.

    Spec: VIRTIO 1.4, 2.8.6 (Next Flag: Descriptor Chaining),
    2.8.17 (Driver Requirements: Scatter-Gather Support), 2.8.19 (Driver Requirements: Indirect Descriptors)
    """
    must(found.slots < c.size, "2.8.17-2")
    must(available(flags, wrap), "P-2.8.6-3")
    found.slots = found.slots + 1
    if flags & INDIRECT != 0:
        must(c.indirect, "2.8.19-1")
        must(found.slots == 1 and flags & NEXT == 0, "2.8.19-4")
        must(entries > 0, "P-2.8.7-1")
        must(entries <= c.size, "2.8.19-3")
        found.in_table = True
        found.entries = entries
    elif flags & NEXT == 0:
        found.ended = True
    if flags & NEXT == 0:
        found.id = buffer_id
        must(buffer_id < c.size, "P-2.8.21.1-2")


def entry_of_table(c: Layout, found: List, flags: int) -> None:
    """The next entry of the table.

    Spec: VIRTIO 1.4, 2.8.7 (Indirect Flag: Scatter-Gather Support), 2.8.19 (Driver Requirements: Indirect Descriptors)
    """
    must(flags & ~WRITE == 0, "2.8.19-2")
    found.entries = found.entries - 1
    if found.entries == 0:
        found.ended = True


def piece(found: List, flags: int, length: int) -> None:
    """Memory of the buffer: `length` bytes.

    Spec: VIRTIO 1.4, 2.8.17 (Driver Requirements: Scatter-Gather Support)
    """
    found.pieces = found.pieces + 1
    if flags & WRITE != 0:
        found.capacity = found.capacity + length
        found.written = True
    else:
        must(not found.written, "2.8.17-3")


def aligned(desc: int, driver: int, device: int) -> None:
    """The addresses of the parts of a queue.

    Spec: VIRTIO 1.4, 2.8.11 (Driver Requirements: Packed Virtqueues)
    """
    addresses = zip((desc, driver, device), ALIGNMENT.values(), strict=True)
    must(all(address % to == 0 for address, to in addresses), "2.8.11-1")
