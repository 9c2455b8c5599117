"""What the device keeps: the queue, the net queue in front, and the main loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto
from typing import Annotated, ClassVar, Protocol

from vrx.spec.contexts import Context
from vrx.spec.sizes import (
    CELLS,
    LAST_DEVICE_POINT,
    LAST_SEGMENT,
    LEN_TOP,
    MOST,
    OWING,
    SIZE,
    TABLES,
    TOP_ELEMENT,
    TOP_IN,
    WALK,
    WANTED,
)
from vrx.spec.words import Array, Index, Of, Upto

Buffers = Annotated[int, Upto(MOST)]
"""A number of buffers: how many a packet fills, or a general caller asks for; 0: no packet.  With data the size of a
packet is its length, without its header, in units."""
Identity = Annotated[int, Upto(3)]
"""Which packet: 2 the watched one, 1 any that came before it, 3 any that came after; 0: none."""


class DevicePoint(IntEnum):
    """A program point of QEMU's main loop: one of `Q`, or one that only a ring of one layout has."""


class Q(DevicePoint):
    """Program points of QEMU's main loop that it has with any ring, in the order of the C.

    Numbers that are left out are for points of a layout's own; it may have others behind the last, too.
    """

    IDLE = 0
    HANDLE_RX = auto()
    CAN_RECEIVE = auto()
    EMPTY = auto()
    NUM_HEADS = auto()
    ENABLE_LOAD = 8
    DISABLE_LOAD = 11
    RECEIVE_FILTER = 13
    POP_EMPTY = auto()
    RECEIVE_HEADER = 19
    IOV_FROM_BUF = auto()
    UNPOP = auto()
    NUM_BUFFERS = auto()
    FILL = auto()
    FLUSH = auto()
    SHOULD_NOTIFY = auto()
    IRQ = auto()


@dataclass(slots=True)
class MainLoop(Context):
    """QEMU's main loop: kick handler, flush of the packet queue and receive never interleave.

    Its local variables that it has with any ring:

    size: how large the packet in hand is, 0 without one (of a general caller: how many buffers it is about to wait for)
    mark: which packet it is
    rest: how much of the packet in hand is not written yet (of a general caller: entries that it is about to flush)
    idx: where virtqueue_split_get_avail_bytes() is
    in_bytes: what it has counted, in the unit of size
    opaque: its snapshot of avail.idx
    held: elements popped and not flushed (i of the C)
    elems: their heads
    filled: how many of them are filled (j of the C)
    owed: a general caller has flushed and not called virtio_notify() since

    Only with data:

    walked: descriptors of the walk (num_bufs, elem_entries)
    total: descriptors of the buffers before (total_bufs)
    in_num: how many descriptors of the last element the device may write
    sg_addr: where these are
    sg_len: how long these are
    seg: which of the last element's pieces is being written
    mhdr: where num_buffers goes, 1 + the piece
    lens: how much was written into every element
    ndescs: how many of the ring's descriptors each takes, on a ring whose indices count descriptors
    """

    points: ClassVar[tuple[type[DevicePoint], ...]] = (Q,)
    side: ClassVar[str] = "device"
    pc: Annotated[DevicePoint, Upto(LAST_DEVICE_POINT)] = Q.IDLE
    ret0: Annotated[DevicePoint, Upto(LAST_DEVICE_POINT)] = Q.IDLE
    ret1: Annotated[DevicePoint, Upto(LAST_DEVICE_POINT)] = Q.IDLE
    size: Buffers = 0
    mark: Identity = 0
    rest: Buffers = 0
    idx: Index = 0
    in_bytes: Annotated[int, Upto(WANTED)] = 0
    opaque: Index = 0
    held: Buffers = 0
    elems: Annotated[Array[int], Of(Upto(TOP_ELEMENT))] = field(default_factory=Array)
    filled: Buffers = 0
    owed: Annotated[int, Upto(OWING)] = 0
    walked: Annotated[int, Upto(WALK)] = 0
    total: Annotated[int, Upto(TABLES)] = 0
    in_num: Annotated[int, Upto(TOP_IN)] = 0
    sg_addr: Annotated[Array[int], Of(Upto(CELLS))] = field(default_factory=Array)
    sg_len: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    seg: Annotated[int, Upto(LAST_SEGMENT)] = 0
    mhdr: Annotated[int, Upto(CELLS)] = 0
    lens: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    ndescs: Annotated[Array[int], Of(Upto(SIZE))] = field(default_factory=Array)


class VirtQueue(Protocol):
    """struct VirtQueue: private to the device.  A layout keeps this, and more.

    shadow_avail_idx: up to where the device has seen buffers available, as it looked last: what it compares with when
        it looks once more before it waits
    last_avail_idx: up to where it has taken them
    used_idx: up to where it has published them as used
    inuse: elements popped and neither flushed nor given back, or their descriptors (`Shape.counts_descriptors`)
    notification: the device wants kicks
    broken: the device declared the ring broken
    """

    shadow_avail_idx: int
    last_avail_idx: int
    used_idx: int
    inuse: int
    notification: bool
    broken: bool


@dataclass(slots=True)
class NetQueue:
    """The packet queue in front of the device (net/queue.c): the sender stops after one queued packet.

    queued: how large the packet is that waits, 0 without one (of a general caller: how many buffers it waits for)
    queued_mark: which packet it is
    receive_disabled: the device said 0 and was not kicked since
    running: the virtual machine runs
    """

    queued: Buffers = 0
    queued_mark: Identity = 0
    receive_disabled: bool = False
    running: bool = True

