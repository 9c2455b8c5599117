"""A buffer in the split layout: a chain of descriptors, in the ring's table or in a table of its own.

The queue of the standard knows a buffer as one thing with a capacity (`virtqueue`).  Here
is what may stand in memory for it: the rules of a chain, asked of one descriptor
after the other as a device would walk it.  What a descriptor may not be is refused by
its clause; what the walk has seen is the buffer: its pieces and its capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vrx.spec.layouts.split.memory import INDIRECT, NEXT, WRITE
from vrx.spec.standard.rules import must

LONGEST = 1 << 32
"""Bytes of the longest chain."""
ALIGNMENT = {"descriptors": 16, "available ring": 2, "used ring": 4}
"""Bytes.  Spec: VIRTIO 1.4, 2.7 (Split Virtqueues)"""


class Layout(Protocol):
    """What the rules of a chain depend on.  indirect: INDIRECT_DESC was negotiated."""

    @property
    def size(self) -> int:
        """Descriptors of the queue."""

    @property
    def indirect(self) -> bool:
        """Was INDIRECT_DESC negotiated?"""


@dataclass
class Chain:
    """A chain as far as it has been walked.

    at: the descriptor that comes next; entries: how many the table in hand has; in_table: it is an indirect one
    pieces: descriptors with memory so far; total: their bytes; capacity: those that the device may write
    written: a piece that the device may write was among them; ended: there is nothing more
    """

    at: int
    entries: int
    in_table: bool = False
    pieces: int = 0
    total: int = 0
    capacity: int = 0
    written: bool = False
    ended: bool = False


def begin_chain(c: Layout, head: int) -> Chain:
    """A walk that has read nothing yet.

    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    return Chain(at=head, entries=c.size)


def next_place(c: Layout, chain: Chain) -> int:
    """Where in the table in hand the next descriptor stands, 0..entries-1.

    Spec: VIRTIO 1.4, 2.7 (Split Virtqueues), 2.7.5.3.1 (Driver Requirements: Indirect Descriptors)
    """
    must(chain.at < chain.entries, "P-2.7-1")
    must(chain.pieces < c.size, "2.7.5.3.1-3")
    return chain.at


def descriptor(c: Layout, chain: Chain, flags: int, length: int, following: int, entries: int) -> None:
    """The next descriptor of a chain, as it was read at `next_place`.

    length: bytes of its memory; following: its `next`; entries: how many descriptors the memory
    behind it has room for if it names a table, 0 if it is no table.

    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table), 2.7.5.3.1 (Driver Requirements: Indirect Descriptors),
    2.7.4.2 (Driver Requirements: Message Framing)
    """
    if flags & INDIRECT != 0:
        must(c.indirect, "2.7.5.3.1-1")
        must(not chain.in_table, "2.7.5.3.1-2")
        must(flags & NEXT == 0, "2.7.5.3.1-4")
        must(entries > 0, "P-2.7.13-1")
        chain.in_table = True
        chain.entries = entries
        chain.at = 0
        return  # WRITE is not looked at (2.7.5.3.2-1), nor is what came before (2.7.5.3.2-2)
    chain.pieces = chain.pieces + 1
    chain.total = chain.total + length
    if flags & WRITE != 0:
        chain.capacity = chain.capacity + length
        chain.written = True
    else:
        must(not chain.written, "2.7.4.2-1")
    must(chain.total <= LONGEST, "2.7.5.2-1")
    if flags & NEXT != 0:
        chain.at = following
    else:
        chain.ended = True


def aligned(desc: int, avail: int, used: int) -> None:
    """Where the parts of a queue begin, in bytes.

    Spec: VIRTIO 1.4, 2.7.1 (Driver Requirements: Virtqueues)
    """
    for address, alignment in zip((desc, avail, used), ALIGNMENT.values(), strict=True):
        must(address % alignment == 0, "2.7.1-1")
