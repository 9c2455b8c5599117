"""The contexts of both sides as a packed ring's steps find them: its own program points and local variables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import auto
from typing import Annotated, Any, cast

from vrx.spec.contexts import IN_ITS_ROLE
from vrx.spec.layouts.packed.memory import DESC, INDIRECT, NEXT, RESERVED, WRITE
from vrx.spec.layouts.packed.queues import top_inuse
from vrx.spec.linux.state import DriverPoint, HardIrq, L, Softirq
from vrx.spec.qemu.state import DevicePoint, MainLoop, Q
from vrx.spec.size import Size
from vrx.spec.sizes import CELLS, TABLES
from vrx.spec.words import Behind, Upto


class PackedL(DriverPoint):
    """Program points within drivers/virtio/virtio_ring.c.  The numbers are those that `L` leaves out there."""

    EVENT_TRIGGERED = 5
    USED_ID = 12
    USED_LEN = auto()
    GET_BUF_OFF_WRAP = 15
    GET_BUF_OFF_WRAP_MB = auto()
    ADD_FLAGS = 24
    ADD_ADDR = auto()
    ADD_LEN = auto()
    ADD_ID = 28
    ADD_HEAD_FLAGS = auto()
    ENABLE_CB_OFF_WRAP = 37
    ENABLE_CB_FLAGS = auto()


class PackedQ(DevicePoint):
    """Program points within hw/virtio/virtio.c.  The numbers are those that `Q` leaves out there, or behind them."""

    COUNT_ADDR = 5
    COUNT_FLAGS = auto()
    COUNT_LEN = auto()
    ENABLE_FLAGS = 9
    RECHECK = auto()
    FLUSH_LEN = 12
    POP_FLAGS = 15
    POP_ID = auto()
    POP_ADDR = auto()
    POP_LEN = auto()
    FLUSH_ID = max(Q) + 1
    FLUSH_FLAGS = auto()
    SHOULD_NOTIFY_OFF_WRAP = auto()


def _flags(cfg: Any) -> int:
    """Of the flags of an event suppression structure between two loads."""
    return (RESERVED if cfg.driver_lies else DESC) if cfg.event_idx else 0


def _element(cfg: Any) -> int:
    """Of an element's number in a flush."""
    last: int = cfg.in_hand - 1
    return last


def _read_flags(cfg: Any) -> int:
    """Of a descriptor's flags between their load and those of its other fields."""
    return (NEXT | WRITE | INDIRECT if cfg.indirect else NEXT | WRITE) if cfg.data else 0


def _desc(cfg: Any) -> int:
    """Of a descriptor's place in the ring or in a table."""
    return max(cfg.size, int(cfg.segments)) - 1 if cfg.data else 0


def _entries(cfg: Any) -> int:
    """Of the length of a table, in descriptors."""
    return int(cfg.segments) if cfg.indirect else 0


def _flushed(cfg: Any) -> int:
    """Of the descriptors of a flush."""
    return top_inuse(cfg) if cfg.data else 0


TOP_FLAGS = Size("top_flags", _read_flags)
TOP_DESC = Size("top_desc", _desc)
TOP_ENTRIES = Size("top_entries", _entries)
TOP_OFFSET = Size("top_offset", _flushed)
TOP_EVENT_FLAGS = Size("top_event_flags", _flags)
LAST_ELEMENT = Size("last_element", _element)


@dataclass
class PackedHardIrq(HardIrq):
    """The hard interrupt."""

    __slots__ = IN_ITS_ROLE
    points = (L, PackedL)


@dataclass
class PackedSoftirq(Softirq):
    """Who polls."""

    __slots__ = IN_ITS_ROLE
    points = (L, PackedL)


@dataclass(slots=True)
class Walk:
    """The main loop's local variables while it goes over descriptors.

    desc: the place of the descriptor that is read next, in the ring or in a table (i of the C)
    flags: its flags, but AVAIL and USED
    addr: its address
    table: 1 + the table that it is in, 0 for the ring's own
    entries: how many descriptors the table has (max of the C)
    offset: in a flush, the descriptors of the elements before (ndescs of the C)
    """

    desc: Annotated[int, Upto(TOP_DESC)] = 0
    flags: Annotated[int, Upto(TOP_FLAGS)] = 0
    addr: Annotated[int, Upto(CELLS)] = 0
    table: Annotated[int, Upto(TABLES)] = 0
    entries: Annotated[int, Upto(TOP_ENTRIES)] = 0
    offset: Annotated[int, Upto(TOP_OFFSET)] = 0


NO_WALK = cast(Walk, None)
"""Without data there are no such variables, and no step that asks for them."""


@dataclass
class PackedMainLoop(MainLoop):
    """QEMU's main loop.

    element: i of virtqueue_packed_flush(), the element whose descriptor is being written
    event_flags: the flags of the driver's structure, between their load and that of its position
    walk: what only systems with data have
    """

    __slots__ = IN_ITS_ROLE
    points = (Q, PackedQ)
    element: Annotated[int, Upto(LAST_ELEMENT), Behind("filled")] = 0
    event_flags: Annotated[int, Upto(TOP_EVENT_FLAGS), Behind("element")] = 0
    walk: Walk = NO_WALK


def of_main(cfg: Any) -> dict[str, Any]:
    """What the main loop has beside, in a configuration."""
    return {"walk": Walk()} if cfg.data else {}
