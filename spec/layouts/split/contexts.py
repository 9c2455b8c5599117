"""The contexts of both sides as a split ring's steps find them: its own program points and local variables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import auto
from typing import Annotated, Any

from vrx.spec.contexts import IN_ITS_ROLE
from vrx.spec.linux.state import DriverPoint, HardIrq, L, Softirq
from vrx.spec.qemu.state import DevicePoint, MainLoop, Q
from vrx.spec.size import Size
from vrx.spec.sizes import LAST_INDEX, TABLES
from vrx.spec.words import Behind, Upto


class SplitL(DriverPoint):
    """Program points within drivers/virtio/virtio_ring.c.  The numbers are those that `L` leaves out there."""

    EVENT_TRIGGERED = 5
    USED_ID = 12
    USED_LEN = auto()
    DETACH_BUF = auto()
    GET_BUF_EVENT = auto()
    GET_BUF_EVENT_MB = auto()
    ADD_TABLE = 24
    ADD_FLAGS = auto()
    ADD_ADDR = auto()
    ADD_LEN = auto()
    ADD_NEXT = auto()
    ADD_LAST_LOAD = auto()
    ADD_LAST_STORE = auto()
    ADD_RING = auto()
    ADD_IDX = auto()
    ENABLE_CB_FLAGS = 37
    ENABLE_CB_EVENT = auto()


class SplitQ(DevicePoint):
    """Program points within hw/virtio/virtio.c.  The numbers are those that `Q` leaves out there."""

    GET_HEAD = 5
    DESC_READ = auto()
    DESC_NEXT = auto()
    ENABLE_STORE = 9
    RECHECK = auto()
    DISABLE_STORE = 12
    POP_HEAD = 15
    POP_EVENT = auto()
    POP_DESC = auto()
    POP_NEXT = auto()


def _flags(cfg: Any) -> int:
    """Of descriptor flags."""
    return 7 if cfg.data else 0


TOP_FLAGS = Size("top_flags", _flags)


def _desc(cfg: Any) -> int:
    """Of a descriptor's number in the ring or in a table."""
    return max(cfg.size - 1, int(cfg.segments)) if cfg.data else 0


TOP_DESC = Size("top_desc", _desc)


def _entries(cfg: Any) -> int:
    """Of the length of a table, in descriptors."""
    return int(cfg.segments) if cfg.indirect else 0


TOP_ENTRIES = Size("top_entries", _entries)


def _data_slots(cfg: Any) -> int:
    """Of a descriptor number that only systems with data keep."""
    return cfg.size - 1 if cfg.data else 0


DATA_SLOTS = Size("data_slots", _data_slots)


@dataclass
class SplitHardIrq(HardIrq):
    """The hard interrupt."""

    __slots__ = IN_ITS_ROLE
    points = (L, SplitL)


@dataclass
class SplitSoftirq(Softirq):
    """Who polls.  With data there are:

    flags: descriptor flags between a load and a store
    desc: i of virtqueue_add_split(), the descriptor being written; it also walks the chain in detach_buf_split()
    """

    __slots__ = IN_ITS_ROLE
    points = (L, SplitL)
    of_entry = ("head", "length", "flags")
    flags: Annotated[int, Upto(TOP_FLAGS), Behind("length")] = 0
    desc: Annotated[int, Upto(DATA_SLOTS), Behind("flags")] = 0


@dataclass
class SplitMainLoop(MainLoop):
    """QEMU's main loop.

    between: used.flags, or avail.idx, between a load and a store

    Only with data:

    desc: the descriptor to read next
    table: 1 + the table that it is in, 0 for the ring's own
    entries: how many descriptors the table has (max of the C)
    """

    __slots__ = IN_ITS_ROLE
    points = (Q, SplitQ)
    between: Annotated[int, Upto(LAST_INDEX), Behind("opaque")] = 0
    desc: Annotated[int, Upto(TOP_DESC), Behind("owed")] = 0
    table: Annotated[int, Upto(TABLES), Behind("desc")] = 0
    entries: Annotated[int, Upto(TOP_ENTRIES), Behind("table")] = 0
