"""A packed ring as both sides see it.  Spec: VIRTIO 1.4, 2.8.1 to 2.8.10.

There is one array of descriptors, which both sides write, and a structure of each side that says what it wants to
hear.  Without data a descriptor's address, length and remaining flags are no part of the state: a buffer is one
descriptor, and its id says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec import contents
from vrx.spec.memory import Location
from vrx.spec.ring import slot
from vrx.spec.size import Size
from vrx.spec.sizes import CELLS, LEN_TOP
from vrx.spec.words import Array, Index, Of, Upto, pick

AVAIL, USED = 1, 2
"""The two flags of a descriptor that say whose it is: bits 7 and 15 of VIRTIO's word, side by side here.
Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters)."""
BOTH = AVAIL | USED
NEXT, WRITE, INDIRECT = 4, 8, 16
"""Its other flags, which only systems with data have.  Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)."""
FLAG_BITS = 5
ENABLE, DISABLE, DESC = range(3)
"""What the flags of an event suppression structure say: notify always, never, or at a position.
Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)."""
RESERVED = 3
"""What they must not say: one value stands for all that are none of these three, which both sides tell apart alone."""


def _flags(cfg: Any) -> int:
    """Of a descriptor's flags: INDIRECT where there are tables, NEXT and WRITE with data."""
    if not cfg.data:
        return BOTH
    return BOTH | NEXT | WRITE | (INDIRECT if cfg.indirect else 0)


def _table_flags(cfg: Any) -> int:
    """Of the flags in a table, which is read by its length; who lies writes others, too."""
    if not cfg.indirect:
        return 0
    return NEXT | WRITE | INDIRECT if cfg.driver_lies else WRITE


def _id(cfg: Any) -> int:
    """Of an id in the ring; beside a side that lies one more than there are stands for all that are none."""
    return int(cfg.size) if cfg.liar else cfg.size - 1


def _driver_wants(cfg: Any) -> int:
    """Of the flags of the driver's event suppression structure."""
    return RESERVED if cfg.driver_lies else DESC


def _device_wants(cfg: Any) -> int:
    """Of the flags of the device's event suppression structure."""
    return RESERVED if cfg.device_lies else DESC


TOP_ID = Size("top_id", _id)
TOP_DRIVER_FLAGS = Size("top_driver_flags", _driver_wants)
TOP_DEVICE_FLAGS = Size("top_device_flags", _device_wants)
TOP_DESC_FLAGS = Size("top_desc_flags", _flags)
TOP_TABLE_FLAGS = Size("top_table_flags", _table_flags)


@dataclass(slots=True)
class PackedRing:
    """The words of the ring.  What was never written, or no longer counts, is 0.

    A position with its wrap counter is one number here, a ring index, which counts modulo twice the ring size.

    desc_id: the id of each descriptor
    desc_flags: its flags, AVAIL and USED; with data the others, too
    driver_off_wrap, driver_flags: the Driver Event Suppression structure: of which used descriptor the driver wants
    to hear
    device_off_wrap, device_flags: the Device Event Suppression structure: of which available descriptor the device
    wants to hear
    desc_addr: 1 + the piece of memory, or 1 + the id of the buffer that an indirect table belongs to; desc_len: its
    length, of a table its entries; of a used descriptor what was written
    table_*: the indirect tables, one behind the other, by the id of their buffer
    """

    desc_id: Annotated[Array[int], Of(Upto(TOP_ID))] = field(default_factory=Array)
    desc_flags: Annotated[Array[int], Of(Upto(TOP_DESC_FLAGS))] = field(default_factory=Array)
    driver_off_wrap: Index = 0
    driver_flags: Annotated[int, Upto(TOP_DRIVER_FLAGS)] = ENABLE
    device_off_wrap: Index = 0
    device_flags: Annotated[int, Upto(TOP_DEVICE_FLAGS)] = ENABLE
    desc_addr: Annotated[Array[int], Of(Upto(CELLS))] = field(default_factory=Array)
    desc_len: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    table_addr: Annotated[Array[int], Of(Upto(CELLS))] = field(default_factory=Array)
    table_len: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    table_flags: Annotated[Array[int], Of(Upto(TOP_TABLE_FLAGS))] = field(default_factory=Array)


def new_ring(cfg: Any) -> PackedRing:
    """A ring of zeros; without data its descriptors have no addresses and no lengths."""

    def zeros(length: int) -> Array[int]:
        return Array([0] * length)

    n = cfg.size
    with_data = n if cfg.data else 0
    in_tables = cfg.cells if cfg.indirect else 0
    return PackedRing(
        desc_id=zeros(n),
        desc_flags=zeros(n),
        desc_addr=zeros(with_data),
        desc_len=zeros(with_data),
        table_addr=zeros(in_tables),
        table_len=zeros(in_tables),
        table_flags=zeros(in_tables),
    )


class loc(contents.loc):
    """The locations of a packed ring, and those in its buffers."""

    desc_id = Location("desc.id", ("desc_id",), 1, array=True)
    desc_flags = Location("desc.flags", ("desc_flags",), 2, array=True)
    driver_off_wrap = Location("driver.off_wrap", ("driver_off_wrap",), 3, "driver")
    driver_flags = Location("driver.flags", ("driver_flags",), 4, "driver")
    device_off_wrap = Location("device.off_wrap", ("device_off_wrap",), 5, "device")
    device_flags = Location("device.flags", ("device_flags",), 6, "device")
    desc_addr = Location("desc.addr", ("desc_addr",), 7, "driver", array=True)
    desc_len = Location("desc.len", ("desc_len",), 8, array=True)
    table_addr = Location("table.addr", ("table_addr",), 9, "driver", array=True)
    table_len = Location("table.len", ("table_len",), 10, "driver", array=True)
    table_flags = Location("table.flags", ("table_flags",), 11, "driver", array=True)
    device_event = Location("device", ("device_off_wrap", "device_flags"), 12, "device")
    driver_event = Location("driver", ("driver_off_wrap", "driver_flags"), 15, "driver")
    desc = Location("desc", ("desc_addr", "desc_len", "desc_flags", "desc_id"), 18, array=True)
    used = Location("desc", ("desc_id", "desc_len"), 19, array=True)
    table = Location("table", ("table_addr", "table_len", "table_flags"), 20, "driver", array=True)


AT_ONCE = (loc.device_event, loc.driver_event, loc.desc, loc.used, loc.table)
"""Structures of several words: only a side that lies, which has no store buffer, writes them whole."""


def stored(cfg: Any) -> tuple[Location, ...]:
    """The locations of the ring that a system with this configuration stores to."""
    off_wraps = (loc.driver_off_wrap, loc.device_off_wrap) if cfg.event_idx else ()
    wishes = (*off_wraps, loc.driver_flags, loc.device_flags) if cfg.notify else ()
    data = (loc.desc_addr, loc.desc_len) if cfg.data else ()
    tables = (loc.table_addr, loc.table_len, loc.table_flags) if cfg.indirect else ()
    return (loc.desc_id, loc.desc_flags, *data, *tables, *wishes)


def mark_of(cfg: Any, flags: int) -> int:
    """AVAIL and USED of a descriptor's flags, which say whose it is."""
    return flags & BOTH if cfg.data else flags


def came_round(cfg: Any, index: int) -> bool:
    """Has a ring index that moved past a buffer gone over the end of the ring with it, or come to it?"""
    return slot(cfg, index) < cfg.ndescs if cfg.ndescs > 1 else slot(cfg, index) == 0


def available_mark(cfg: Any, index: int) -> int:
    """The flags of a descriptor that is available at a ring index: AVAIL is the wrap counter, USED is not."""
    mark: int = pick(index < cfg.size, AVAIL, USED)
    return mark


def used_mark(cfg: Any, index: int) -> int:
    """The flags of a descriptor that is used at a ring index: both are the wrap counter."""
    mark: int = pick(index < cfg.size, AVAIL | USED, 0)
    return mark
