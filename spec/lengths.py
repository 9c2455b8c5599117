"""Lengths and largest values that follow from a configuration.

With `data` lengths are counted in units (bytes on a real machine, a few units
where all states are searched).  Without it they are counted in buffers, and there
is no header.
"""

from __future__ import annotations

from typing import Literal

REAL_HEADER = 10
"""struct virtio_net_hdr, in bytes, the shortest header that there is: lengths beside a shorter one are units."""


class Lengths:
    """What `spec.config.Config` derives for buffers, descriptors and what they hold."""

    size: int
    idx_bits: int
    caller: Literal["virtio_net", "any"]
    mergeable: bool
    max_packet: int
    data: bool
    segments: int
    indirect: bool
    hostile: Literal["no", "device", "driver"]
    event_idx: bool
    hdr_len: int
    hdr_room: int
    buffer_len: int

    @property
    def general(self) -> bool:
        """Is the device's side the most general caller of QEMU's virtqueue functions?"""
        return self.caller == "any"

    @property
    def header_len(self) -> int:
        """What a packet's header takes of its first buffer."""
        return self.hdr_len if self.data else 0

    @property
    def unit(self) -> int:
        """What a buffer of one descriptor holds, header included."""
        return self.buffer_len if self.data else 1

    @property
    def each(self) -> int:
        """How many of the ring's descriptors a buffer takes: one for each segment, unless they are in a table."""
        return 1 if self.indirect else self.segments

    @property
    def in_ring(self) -> int:
        """How many buffers the whole ring holds."""
        return self.size // self.each

    @property
    def buffer_holds(self) -> int:
        """What a buffer holds, header included, in the unit of a packet's length: one where that counts buffers."""
        return self.capacity if self.data else 1

    def too_few(self, posted: int, packet: int) -> bool:
        """Do so many posted buffers not hold a packet of this length?  The one place where the two are compared.

        packet: as `net.queued` and `main.size` count it: without its header, which is counted here; in buffers
        without `data`.  A packet may take several buffers where they merge, and a general caller waits for a number
        of them; else it goes into one buffer or into none.  It is asked this way round because both are terms where
        all states are searched.
        """
        if self.mergeable or self.general:
            return posted * self.unit < packet + self.header_len
        return packet + self.header_len > self.buffer_holds or posted == 0

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
    def data_packet(self) -> int:
        """Of a packet's length."""
        return self.max_packet if self.data else 0

    @property
    def top_gathered(self) -> int:
        """Of what the driver has put together of a packet, if every length is as large as it can be."""
        return self.len_top * self.size if self.mergeable else self.len_top

    @property
    def data_slots(self) -> int:
        """Of a descriptor number that only systems with data keep."""
        return self.size - 1 if self.data else 0

    @property
    def top_used(self) -> int:
        """Of the id of a used entry; beside a hostile device one more than there are, which stands for all of them."""
        return self.size if self.device_lies else self.size - 1

    @property
    def top_offered(self) -> int:
        """Of a head, or a link, that the driver offers; beside a hostile driver one more than there are."""
        return self.size if self.driver_lies else self.size - 1

    @property
    def device_lies(self) -> bool:
        """Is the device's side one that lies?"""
        return self.hostile == "device"

    @property
    def driver_lies(self) -> bool:
        """Is the driver's side one that lies?"""
        return self.hostile == "driver"

    @property
    def liar(self) -> bool:
        """Does one of the sides lie?"""
        return self.hostile != "no"

    # How many choices one that lies has: a number that is too large stands for all of them.

    @property
    def size_and_one(self) -> int:
        """Of a descriptor: one of the ring, or none of it."""
        return self.size + 1

    @property
    def indices(self) -> int:
        """Of a ring index."""
        return 1 << self.idx_bits

    @property
    def wishes(self) -> int:
        """Of a wish for notifications: any event index, or a flag."""
        return self.indices if self.event_idx else 2

    @property
    def used_lengths(self) -> int:
        """Of the length of a used entry: any up to twice what a buffer holds."""
        return self.len_top + 1

    @property
    def tables_told(self) -> int:
        """Of the length of a table: up to one entry more than it has."""
        return self.segments + 2

    @property
    def num_bits(self) -> int:
        """Bits of num_buffers as the driver counts it down; 16 in the C."""
        return self.idx_bits if self.data and self.mergeable else 0

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
    def top_desc(self) -> int:
        """Of a descriptor's number in the ring or in a table."""
        return max(self.size - 1, self.segments) if self.data else 0

    @property
    def top_entries(self) -> int:
        """Of the length of a table, in descriptors."""
        return self.segments if self.indirect else 0

    @property
    def top_flags(self) -> int:
        """Of descriptor flags."""
        return 7 if self.data else 0

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
