"""The wire: ring structures of both layouts and the virtio_net header, in memory that both sides map.

VIRTIO 1.4: 2.7 (Split Virtqueues), 2.8 (Packed Virtqueues), 5.1.9 (Device
Operation).  A ring object is a set of typed views of shared memory; each method
makes exactly one aligned load or store per field that it names.  Values are raw:
nothing is wrapped, masked or judged here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from vrx.models.conformance.memory import Memory

Layout = Literal["split", "packed"]

NEXT: Final = 1
WRITE: Final = 2
INDIRECT: Final = 4
"""Descriptor flags of both layouts.  2.7.5 (The Virtqueue Descriptor Table), 2.8.6 (Next Flag: Descriptor Chaining)."""
AVAIL: Final = 1 << 7
USED: Final = 1 << 15
"""Descriptor flags of the packed layout.  2.8.1 (Driver and Device Ring Wrap Counters)."""
NO_INTERRUPT: Final = 1
"""avail.flags.  2.7.6 (The Virtqueue Available Ring)."""
NO_NOTIFY: Final = 1
"""used.flags.  2.7.8 (The Virtqueue Used Ring)."""
EVENT_ENABLE: Final = 0
EVENT_DISABLE: Final = 1
EVENT_DESC: Final = 2
"""Flags of a packed event suppression structure.  2.8.14 (Event Suppression Structure Format)."""

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


class Descriptor(NamedTuple):
    """A descriptor of the split layout: address and length of a segment, flags, and the next in its chain."""

    addr: int
    len: int
    flags: int
    next: int


class UsedElement(NamedTuple):
    """An entry of the used ring: the head of the chain, and bytes written."""

    id: int
    len: int


class Rows:
    """Descriptors of either layout as words of 64, 32 and 16 bits.  count: how many whole ones there are."""

    def __init__(self, view: memoryview) -> None:
        self.count = len(view) // DESC_BYTES
        whole = view[: self.count * DESC_BYTES]
        self._q = whole.cast("Q")
        self._i = whole.cast("I")
        self._h = whole.cast("H")


class DescriptorTable(Rows):
    """Descriptors of the split layout: the table of a queue, or an indirect table.

    Little-endian: addr le64 at 0, len le32 at 8, flags le16 at 12, next le16 at 14.
    """

    def __getitem__(self, i: int) -> Descriptor:
        return Descriptor(self._q[2 * i], self._i[4 * i + 2], self._h[8 * i + 6], self._h[8 * i + 7])

    def __setitem__(self, i: int, d: Descriptor) -> None:
        self._q[2 * i] = d.addr
        self._i[4 * i + 2] = d.len
        self._h[8 * i + 6] = d.flags
        self._h[8 * i + 7] = d.next

    def set_addr(self, i: int, value: int) -> None:
        self._q[2 * i] = value

    def set_len(self, i: int, value: int) -> None:
        self._i[4 * i + 2] = value

    def set_flags(self, i: int, value: int) -> None:
        self._h[8 * i + 6] = value

    def set_next(self, i: int, value: int) -> None:
        self._h[8 * i + 7] = value


class SplitRing:
    """A split virtqueue in shared memory.  Indices are 16 bits; ring entries are named by slot, 0..size-1.

    Available ring: flags at 0, idx at 2, ring[i] at 4 + 2i, used_event at 4 + 2N.
    Used ring: flags at 0, idx at 2, ring[i] (id le32, len le32) at 4 + 8i, avail_event at 4 + 8N.
    """

    layout: Layout = "split"

    def __init__(self, memory: Memory, where: QueueAddresses) -> None:
        desc, driver, used = areas("split", memory, where)
        self.where = where
        self.size = where.size
        self.desc = DescriptorTable(desc)
        self._avail = driver.cast("H")
        self._used = used.cast("H")
        self._element = used[: 4 + 8 * where.size].cast("I")

    @property
    def avail_flags(self) -> int:
        return self._avail[0]

    @avail_flags.setter
    def avail_flags(self, value: int) -> None:
        self._avail[0] = value

    @property
    def avail_idx(self) -> int:
        return self._avail[1]

    @avail_idx.setter
    def avail_idx(self, value: int) -> None:
        self._avail[1] = value

    def avail(self, slot: int) -> int:
        """The head at ring[slot] of the available ring."""
        return self._avail[2 + slot]

    def set_avail(self, slot: int, head: int) -> None:
        self._avail[2 + slot] = head

    @property
    def used_event(self) -> int:
        return self._avail[2 + self.size]

    @used_event.setter
    def used_event(self, value: int) -> None:
        self._avail[2 + self.size] = value

    @property
    def used_flags(self) -> int:
        return self._used[0]

    @used_flags.setter
    def used_flags(self, value: int) -> None:
        self._used[0] = value

    @property
    def used_idx(self) -> int:
        return self._used[1]

    @used_idx.setter
    def used_idx(self, value: int) -> None:
        self._used[1] = value

    def used(self, slot: int) -> UsedElement:
        """The entry at ring[slot] of the used ring: two loads, id first."""
        return UsedElement(self._element[1 + 2 * slot], self._element[2 + 2 * slot])

    def set_used(self, slot: int, element: UsedElement) -> None:
        self._element[1 + 2 * slot] = element.id
        self._element[2 + 2 * slot] = element.len

    @property
    def avail_event(self) -> int:
        return self._used[2 + 4 * self.size]

    @avail_event.setter
    def avail_event(self, value: int) -> None:
        self._used[2 + 4 * self.size] = value


class PackedDescriptor(NamedTuple):
    """A descriptor of the packed layout: the id comes before the flags."""

    addr: int
    len: int
    id: int
    flags: int


class PackedTable(Rows):
    """Descriptors of the packed layout: the ring, or an indirect table.

    Little-endian: addr le64 at 0, len le32 at 8, id le16 at 12, flags le16 at 14.
    """

    def __getitem__(self, i: int) -> PackedDescriptor:
        """Flags first, as whoever waits for them must."""
        flags = self._h[8 * i + 7]
        return PackedDescriptor(self._q[2 * i], self._i[4 * i + 2], self._h[8 * i + 6], flags)

    def __setitem__(self, i: int, d: PackedDescriptor) -> None:
        """Flags last."""
        self._q[2 * i] = d.addr
        self._i[4 * i + 2] = d.len
        self._h[8 * i + 6] = d.id
        self._h[8 * i + 7] = d.flags

    def flags(self, i: int) -> int:
        return self._h[8 * i + 7]

    def set_flags(self, i: int, value: int) -> None:
        self._h[8 * i + 7] = value


class EventSuppression:
    """off_wrap le16 at 0 (bits 0-14 offset, bit 15 wrap), flags le16 at 2.  Spec: VIRTIO 1.4, 2.8.14."""

    def __init__(self, view: memoryview) -> None:
        self._h = view.cast("H")

    @property
    def off_wrap(self) -> int:
        return self._h[0]

    @off_wrap.setter
    def off_wrap(self, value: int) -> None:
        self._h[0] = value

    @property
    def flags(self) -> int:
        return self._h[1]

    @flags.setter
    def flags(self, value: int) -> None:
        self._h[1] = value


class PackedRing:
    """A packed virtqueue in shared memory.  Entries are named by slot, 0..size-1."""

    layout: Layout = "packed"

    def __init__(self, memory: Memory, where: QueueAddresses) -> None:
        desc, driver, device = areas("packed", memory, where)
        self.where = where
        self.size = where.size
        self.desc = PackedTable(desc)
        self.driver_event, self.device_event = EventSuppression(driver), EventSuppression(device)


HEADER_BYTES: Final = 12
"""struct virtio_net_hdr with VERSION_1 and without HASH_REPORT.  5.1.9 (Device Operation)."""
HASH_HEADER_BYTES: Final = 20
"""The same with HASH_REPORT."""


class NetHeader(NamedTuple):
    """struct virtio_net_hdr, the fields that every modern device writes.  5.1.9 (Device Operation)."""

    flags: int = 0
    gso_type: int = 0
    hdr_len: int = 0
    gso_size: int = 0
    csum_start: int = 0
    csum_offset: int = 0
    num_buffers: int = 0

    def encode(self) -> bytes:
        """12 bytes: flags u8 at 0, gso_type u8 at 1, then le16 at 2, 4, 6, 8, 10."""
        out = bytearray((self.flags, self.gso_type))
        for value in self[2:]:
            out += value.to_bytes(2, "little")
        return bytes(out)

    @classmethod
    def decode(cls, raw: bytes | bytearray | memoryview) -> NetHeader:
        """From the first 12 bytes of `raw`.  Raises ValueError if there are fewer."""
        if len(raw) < HEADER_BYTES:
            raise ValueError(f"a virtio_net header takes {HEADER_BYTES} bytes, there are {len(raw)}")
        words: Callable[[int], int] = lambda i: raw[i] | raw[i + 1] << 8  # noqa: E731
        return cls(raw[0], raw[1], *(words(i) for i in range(2, HEADER_BYTES, 2)))
