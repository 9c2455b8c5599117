"""Packets: how large they are, how many buffers they take, whether they can be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from vrx.spec.config.buffers import Buffers
from vrx.spec.config.environment import Environment
from vrx.spec.config.group import Within


@dataclass(frozen=True)
class Packets(Buffers, Environment):
    """What arrives.

    mergeable      VIRTIO_NET_F_MRG_RXBUF: a packet may take several buffers.  On a packed ring they may be lists
                   (`segments`), which VIRTIO allows and QEMU takes; Linux's mergeable buffers have one descriptor
    max_packet     largest packet, in buffers; 2 without mergeable is a packet that does not fit.
                   With data: in units of length, without its header
    watch          a packet's identity is part of the state: before, after, or the one that is watched
    eth_len        with data: the shortest packet that the driver takes, ETH_HLEN, 14 bytes
    max_elements   with data: most buffers of one packet, VIRTQUEUE_MAX_SIZE
    filter         with data: the device's receive filter may refuse a packet
    """

    mergeable: bool = False
    max_packet: Annotated[int, Within(1, 65550)] = 2
    watch: bool = False
    eth_len: Annotated[int, Within(1, 1 << 16)] = 1
    max_elements: Annotated[int, Within(1, 1024)] = 1024
    filter: bool = False

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if isinstance(self.size, int):
            most = self.in_ring * self.buffer_holds - self.header_len
            if self.mergeable and self.max_packet > most:
                needed = self.each * -(-(self.max_packet + self.header_len) // self.buffer_holds)
                least = 1 << (needed - 1).bit_length()
                yield (
                    f"max_packet={self.max_packet}: a ring of {self.size} never holds such a packet; "
                    f"use 1..{most}, or size={least}"
                )
        if self.general and (self.mergeable or self.packets or self.stops):
            yield "caller=any with mergeable, watch, data or stops: they belong to caller=virtio_net"
        if self.mergeable and self.watch and not self.data:
            yield "mergeable with watch: the driver gathers buffers only with data; use data"
        if self.filter and not self.data:
            yield "filter without data: descriptors are not part of the state; use data"
        if self.mergeable and self.segments > 1 and not self.elements_differ:
            yield (
                "mergeable with segments: a used entry of this ring says nothing of a buffer's descriptors; "
                "use segments=1, or ring=packed"
            )

    def too_few(self, posted: int, packet: int, each: int = 1) -> bool:
        """Do so many posted buffers not hold a packet of this length?  The one place where the two are compared.

        each: how many of `posted` are one buffer: more than one where descriptors are counted
        packet: as `net.queued` and `main.size` count it: without its header, which is counted here; in buffers
        without `data`.  A packet may take several buffers where they merge, and a general caller waits for a number
        of them; else it goes into one buffer or into none.  It is asked this way round because both are terms where
        all states are searched.
        """
        if self.mergeable or self.general:
            return posted * self.buffer_holds < each * (packet + self.header_len)
        return packet + self.header_len > self.buffer_holds or posted == 0

    @property
    def packets(self) -> bool:
        """Are packet identities part of the state?"""
        return self.watch or self.data

    def can_be_watched(self, length: int) -> bool:
        """Can it be said what becomes of a packet of this length?  Not beside a side that lies, nor of one that is
        shorter than an Ethernet header: Linux counts an error of length, and never looks whose it is."""
        return self.packets and not self.liar and (self.eth_len == 1 or length >= self.eth_len)

    @property
    def in_hand(self) -> int:
        """How many buffers the device can hold at once; beside a driver that lies, where they merge, a whole ring."""
        if self.general or (self.mergeable and self.driver_lies):
            return self.size
        if not self.mergeable:
            return 1
        needed = self.max_packet + self.header_len  # a term where the ring has any size: of those nothing is divided
        return needed if self.buffer_holds == 1 else -(-needed // self.buffer_holds)

    @property
    def lists_merge(self) -> bool:
        """May a packet take several buffers that have several of the ring's descriptors each?"""
        return self.mergeable and self.each > 1

    @property
    def fits(self) -> bool:
        """Does every packet that may come fit: into the ring, and not into too many elements, where buffers merge; else
        into one buffer?"""
        within = not self.data or self.in_hand <= self.max_elements
        return within and not self.too_few(self.in_ring, self.max_packet)

    @property
    def most(self) -> int:
        """How many buffers may be asked for at once: by a packet, or by a general caller."""
        return self.size if self.general else self.max_packet

    @property
    def wanted(self) -> int:
        """Of what a packet, or a general caller, needs: the header of a packet included."""
        return self.most + self.header_len

    # Largest values of fields, and widths.

    @property
    def data_packet(self) -> int:
        """Of a packet's length."""
        return self.max_packet if self.data else 0

    @property
    def top_gathered(self) -> int:
        """Of what the driver has put together of a packet, if every length is as large as it can be."""
        return self.len_top * self.size if self.mergeable else self.len_top

    @property
    def num_bits(self) -> int:
        """Bits of num_buffers as the driver counts it down; 16 in the C."""
        return self.idx_bits if self.data and self.mergeable else 0

    @property
    def length_bits(self) -> int:
        """Bits of a length that waits in a store buffer beside another number."""
        return max(self.len_top, self.max_packet).bit_length() if self.data else 0

    @property
    def top_number(self) -> int:
        """Of num_buffers: the buffers of the largest packet; a device that lies says two, where those are fewer."""
        return max(self.in_hand, 2) if self.device_lies and self.mergeable else self.in_hand

    @property
    def numbers(self) -> int:
        """How many values num_buffers has."""
        return self.top_number + 1

    @property
    def header_lies(self) -> bool:
        """May a header lie about the number of buffers?"""
        return self.device_lies and self.data and self.mergeable

    @property
    def untold(self) -> int:
        """Of the buffers that a packet still has: stands for a number that its header does not tell."""
        return self.top_number if self.header_lies else 0
