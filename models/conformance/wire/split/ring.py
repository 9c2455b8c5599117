"""A split virtqueue in shared memory: descriptor table, available ring, used ring.

VIRTIO 1.4: 2.7 (Split Virtqueues).  Each method makes exactly one aligned load or
store per field that it names.  Values are raw: nothing is wrapped, masked or judged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import Layout, QueueAddresses, Rows, areas

NO_INTERRUPT: Final = 1
"""avail.flags.  2.7.6 (The Virtqueue Available Ring)."""
NO_NOTIFY: Final = 1
"""used.flags.  2.7.8 (The Virtqueue Used Ring)."""


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
        self._rows, self._entries = desc, driver[4 : 4 + 2 * where.size]

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

    def published_by_driver(self) -> bytes:
        """Descriptors and entries of the available ring as they stand, to compare."""
        return bytes(self._rows) + bytes(self._entries)

    def set_avail(self, slot: int, head: int) -> None:
        self._avail[2 + slot] = head

    @property
    def used_event(self) -> int:
        return self._avail[2 + self.size]

    @used_event.setter
    def used_event(self, value: int) -> None:
        self._avail[2 + self.size] = value

    def interrupts_asked(self) -> tuple[int, int]:
        """avail.flags and used_event: two loads."""
        return self._avail[0], self._avail[2 + self.size]

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

    def kicks_asked(self) -> tuple[int, int]:
        """used.flags and avail_event: two loads."""
        return self._used[0], self._used[2 + 4 * self.size]
