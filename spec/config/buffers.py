"""Buffers: how many descriptors one has, and how much it holds.

With `data` lengths are counted in units (bytes on a real machine, a few units
where all states are searched).  Without it they are counted in buffers, and there
is no header.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from vrx.spec.config.group import Within
from vrx.spec.config.ring import Ring

REAL_HEADER = 10
"""struct virtio_net_hdr, in bytes, the shortest header that there is: lengths beside a shorter one are units."""


@dataclass(frozen=True)
class Buffers(Ring):
    """What the driver posts.

    data           descriptors, headers, contents and lengths are part of the state, with every access to them; packet
                   identities too
    segments       with data: descriptors of a buffer; 2 or more are a big-page buffer, which is a chain:
                   the header, the rest of its page, further pages
    indirect       VIRTIO_F_INDIRECT_DESC: a chain lies in a table of its own
    hdr_len        with data: length of a packet's header in a buffer, 12 bytes on a real machine
    hdr_room       with data: where a big-page buffer's data begin in its first page; 0: right after the header
    buffer_len     with data: length of a buffer with its header; of a page in a big-page buffer
    """

    data: bool = False
    segments: Annotated[int, Within(1, 1024)] = 1
    indirect: bool = False
    hdr_len: Annotated[int, Within(1, 1 << 16)] = 1
    hdr_room: Annotated[int, Within(0, 1 << 16)] = 0
    buffer_len: Annotated[int, Within(2, 1 << 20)] = 2

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if isinstance(self.size, int) and self.segments > self.size and not self.indirect:
            yield (
                f"segments={self.segments}: a ring of {self.size} never holds such a chain; use 1..{self.size}, "
                "or indirect"
            )
        if not self.data:
            if self.indirect:
                yield "indirect without data: descriptors are not part of the state; use data"
            if self.segments > 1:
                yield f"segments={self.segments} without data: use data, or segments=1"
            return
        if self.indirect and self.segments == 1:
            yield "indirect with segments=1: one descriptor needs no table; use segments=2 or more"
        least = self.hdr_len + 1 if self.segments == 1 else self.page_offset + 1
        if self.buffer_len < least:
            yield f"buffer_len={self.buffer_len}: no room for data behind a header of {least - 1}; use {least} or more"
        if self.hdr_room and self.hdr_room < self.hdr_len:
            yield f"hdr_room={self.hdr_room}: less than hdr_len={self.hdr_len}; use 0 or that much"

    @property
    def header_len(self) -> int:
        """What a packet's header takes of its first buffer."""
        return self.hdr_len if self.data else 0

    @property
    def each(self) -> int:
        """How many of the ring's descriptors a buffer takes: one for each segment, unless they are in a table."""
        return 1 if self.indirect else self.segments

    @property
    def ndescs(self) -> int:
        """How far a buffer moves a ring index: one, unless the layout's indices count descriptors."""
        return self.each if self.layout.counts_descriptors else 1

    @property
    def elements_differ(self) -> bool:
        """May one element take more of the ring than another?  Then each has its own count (`MainLoop.ndescs`)."""
        return self.data and self.layout.counts_descriptors

    @property
    def in_ring(self) -> int:
        """How many buffers the whole ring holds."""
        return self.size if self.each == 1 else self.size // self.each

    @property
    def buffer_holds(self) -> int:
        """What a buffer holds, header included, in the unit of a packet's length: one where that counts buffers."""
        return self.capacity if self.data else 1

    def amount(self, length: int) -> str:
        """A length in words: `2 buffers` without data, else `2 units`, or `2 bytes` where a header is a real one."""
        unit = "buffer" if not self.data else "byte" if self.hdr_len >= REAL_HEADER else "unit"
        return f"{length:,} {unit}" + ("" if length == 1 else "s")

    @property
    def page_offset(self) -> int:
        """Where the data of a big-page buffer begin in its first page."""
        return self.hdr_room or self.hdr_len

    def segment_len(self, n: int) -> int:
        """The length of a buffer's descriptor n, as the driver allocates it."""
        if self.segments == 1 or n > 1:
            return self.buffer_len
        return self.hdr_len if n == 0 else self.buffer_len - self.page_offset

    @property
    def capacity(self) -> int:
        """What a buffer holds, header included."""
        return sum(self.segment_len(n) for n in range(self.segments))

    # Largest values of fields that only systems with data have: 0 elsewhere, so that they take no room there.

    @property
    def len_top(self) -> int:
        """Of a length in the ring: twice what a buffer holds, so that one that lies can be told."""
        return 2 * self.capacity if self.data else 0

    @property
    def cells(self) -> int:
        """Pieces of memory that buffers consist of: one for each descriptor of each buffer."""
        return self.size * self.segments if self.data else 0

    @property
    def last_cell(self) -> int:
        """The largest element of an array that both sides see."""
        return self.size * self.segments - 1

    @property
    def top_segment(self) -> int:
        """Of a descriptor's number in its buffer; the number of them all stands for the descriptor of their table."""
        return self.segments if self.indirect else self.segments - 1

    @property
    def last_segment(self) -> int:
        """Of the number of a piece in its buffer."""
        return self.segments - 1

    @property
    def top_in(self) -> int:
        """Of the pieces of an element: an element has room for as many as the driver gives a buffer."""
        return self.segments if self.data else 0

    @property
    def top_owner(self) -> int:
        """Of who has a buffer; without data nothing is part of a chain."""
        return 4 if self.data else 3

    @property
    def top_identity(self) -> int:
        """Of a packet's identity."""
        return 3 if self.data else 0

    @property
    def tables(self) -> int:
        """Of 1 + the number of an indirect table."""
        return self.size if self.indirect else 0

    @property
    def walk(self) -> int:
        """Of the descriptors counted in a walk: one more than the ring has breaks it."""
        return max(self.size, self.segments) + 1 if self.data else 0

    @property
    def value_bits(self) -> int:
        """Bits of the widest number that waits in a store buffer."""
        plain = max(self.idx_bits, self.size.bit_length() if isinstance(self.size, int) else 16, 3)
        words = (self.cells.bit_length(), self.len_top.bit_length(), self.layout.flag_bits)
        return max(plain, *words) if self.data else plain

    # How many choices one that lies has: a number that is too large stands for all of them.

    @property
    def used_lengths(self) -> int:
        """Of the length that the device says of a buffer: any up to twice what it holds."""
        return self.len_top + 1
