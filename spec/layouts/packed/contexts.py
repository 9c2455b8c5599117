"""The contexts of both sides as a packed ring's steps find them: its own program points and local variables."""

from __future__ import annotations

from dataclasses import dataclass
from enum import auto
from typing import Annotated, Any

from vrx.spec.contexts import IN_ITS_ROLE
from vrx.spec.layouts.packed.memory import DESC
from vrx.spec.linux.state import DriverPoint, HardIrq, L, Softirq
from vrx.spec.qemu.state import DevicePoint, MainLoop, Q
from vrx.spec.size import Size
from vrx.spec.words import Behind, Upto


class PackedL(DriverPoint):
    """Program points within drivers/virtio/virtio_ring.c.  The numbers are those that `L` leaves out there."""

    EVENT_TRIGGERED = 5
    USED_ID = 12
    GET_BUF_OFF_WRAP = 15
    GET_BUF_OFF_WRAP_MB = auto()
    ADD_ID = 28
    ADD_HEAD_FLAGS = auto()
    ENABLE_CB_OFF_WRAP = 37
    ENABLE_CB_FLAGS = auto()


class PackedQ(DevicePoint):
    """Program points within hw/virtio/virtio.c.  The numbers are those that `Q` leaves out there, or behind them."""

    ENABLE_FLAGS = 9
    RECHECK = auto()
    POP_FLAGS = 15
    POP_ID = auto()
    FLUSH_ID = max(Q) + 1
    FLUSH_FLAGS = auto()
    SHOULD_NOTIFY_OFF_WRAP = auto()


def _flags(cfg: Any) -> int:
    """Of the flags of an event suppression structure between two loads."""
    return DESC if cfg.event_idx else 0


def _element(cfg: Any) -> int:
    """Of an element's number in a flush."""
    last: int = cfg.in_hand - 1
    return last


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


@dataclass
class PackedMainLoop(MainLoop):
    """QEMU's main loop.

    element: i of virtqueue_packed_flush(), the element whose descriptor is being written
    event_flags: the flags of the driver's structure, between their load and that of its position
    """

    __slots__ = IN_ITS_ROLE
    points = (Q, PackedQ)
    element: Annotated[int, Upto(LAST_ELEMENT), Behind("filled")] = 0
    event_flags: Annotated[int, Upto(TOP_EVENT_FLAGS), Behind("element")] = 0
