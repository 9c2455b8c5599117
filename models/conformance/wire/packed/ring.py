"""A packed virtqueue in shared memory: one ring of descriptors, and an event suppression structure for each side.

VIRTIO 1.4: 2.8 (Packed Virtqueues).  Each method makes exactly one aligned load or
store per field that it names.  Values are raw: nothing is wrapped, masked or judged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import Layout, QueueAddresses, Rows, areas

AVAIL: Final = 1 << 7
USED: Final = 1 << 15
"""Descriptor flags.  2.8.1 (Driver and Device Ring Wrap Counters)."""
EVENT_ENABLE: Final = 0
EVENT_DISABLE: Final = 1
EVENT_DESC: Final = 2
"""Flags of an event suppression structure.  2.8.14 (Event Suppression Structure Format)."""


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

    def set_addr(self, i: int, value: int) -> None:
        self._q[2 * i] = value

    def set_len(self, i: int, value: int) -> None:
        self._i[4 * i + 2] = value

    def set_id(self, i: int, value: int) -> None:
        self._h[8 * i + 6] = value

    def set_id_and_len(self, i: int, id: int, length: int) -> None:
        """All that a used descriptor says but its flags."""
        self._h[8 * i + 6] = id
        self._i[4 * i + 2] = length

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
