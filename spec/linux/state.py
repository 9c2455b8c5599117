"""What the driver keeps: the virtqueue, the NAPI, and the contexts of its CPUs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Annotated, ClassVar, Protocol

from vrx.spec.contexts import Context
from vrx.spec.sizes import (
    DATA_PACKET,
    DEFER_HARD_IRQS,
    LAST_POINT,
    LEN_TOP,
    NUM_BITS,
    TOP_GATHERED,
    TOP_IDENTITY,
    TOP_SEGMENT,
    TOP_USED,
)
from vrx.spec.words import Bits, Index, Upto


class DriverPoint(IntEnum):
    """A program point of the driver: one of `L`, or one that only a ring of one layout has."""


class L(DriverPoint):
    """Program points of the driver that it has with any ring, in the order of the C.  A point is named after what
    happens there.

    Numbers that are left out are for points of a layout's own; it may have others behind the last, too.
    Behind VIRTQUEUE_POLL are those that only systems with a timer, busy polling or netpoll have.
    """

    IDLE = 0
    OPEN_FILL = auto()
    OPEN_NAPI_ENABLE = auto()
    OPEN_NAPI_SCHEDULE = auto()
    VRING_INTERRUPT = auto()
    SKB_RECV_DONE = 6
    NAPI_SCHEDULE_PREP = auto()
    NAPI_SCHEDULE = auto()
    DISABLE_CB = auto()
    VIRTNET_POLL = auto()
    MORE_USED = auto()
    RECEIVE_NUM = 17
    RECEIVE_HEADER = auto()
    RECEIVE_DATA = auto()
    GATHER = auto()
    DISCARD = auto()
    REFILL_TEST = auto()
    TRY_FILL_RECV = auto()
    KICK_PREPARE = 33
    NOTIFY = auto()
    POLL_DONE = auto()
    ENABLE_CB_PREPARE = auto()
    NAPI_COMPLETE_DONE = 39
    VIRTQUEUE_POLL = auto()
    NETPOLL_LOCK = auto()
    KEPT_BY_ANOTHER = auto()
    HRTIMER_START = auto()
    NAPI_WATCHDOG = auto()
    BUSY_POLLED = auto()
    BUSY_STOP = auto()
    NETPOLL_NPSVC = auto()
    NETPOLL_REFILL = auto()
    NETPOLL_DONE = auto()
    NETPOLL_RELEASE = auto()
    NETPOLL_UNLOCK = auto()


@dataclass(slots=True)
class GuestContext(Context):
    """A context of a guest CPU."""

    points: ClassVar[tuple[type[DriverPoint], ...]] = (L,)
    side: ClassVar[str] = "driver"
    pc: Annotated[DriverPoint, Upto(LAST_POINT)] = L.IDLE
    ret0: Annotated[DriverPoint, Upto(LAST_POINT)] = L.IDLE
    ret1: Annotated[DriverPoint, Upto(LAST_POINT)] = L.IDLE


@dataclass(slots=True)
class HardIrq(GuestContext):
    """The hard interrupt of one CPU: runs to its end before the softirq below it goes on."""


@dataclass(slots=True)
class Softirq(GuestContext):
    """Who polls, with bottom halves off, and the local variables of one poll that it has with any ring.

    received: this poll has taken a buffer (stats.packets > 0)
    exhausted: it used its whole budget
    opaque: the index that virtqueue_enable_cb_prepare() returned
    head: id of the used entry in hand
    length: len of the used entry in hand, counted down as the buffer is read
    seg: which piece of a buffer is being written or read
    num_buf: buffers of the packet that are still to come, this one included
    packet: which packet is being put together
    at: how much of that packet there is
    whole: how long its header says it is

    What only systems with data have (`length` and everything after it) takes no room elsewhere.

    of_entry: the locals that are dead once the used entry in hand is, those of a ring's own among them
    """

    of_entry: ClassVar[tuple[str, ...]] = ("head", "length")
    received: bool = False
    exhausted: bool = False
    opaque: Index = 0
    head: Annotated[int, Upto(TOP_USED)] = 0
    length: Annotated[int, Upto(LEN_TOP)] = 0
    seg: Annotated[int, Upto(TOP_SEGMENT)] = 0
    num_buf: Annotated[int, Bits(NUM_BITS)] = 0
    packet: Annotated[int, Upto(TOP_IDENTITY)] = 0
    at: Annotated[int, Upto(TOP_GATHERED)] = 0
    whole: Annotated[int, Upto(DATA_PACKET)] = 0


@dataclass(slots=True)
class NetRx(Softirq):
    """NET_RX_SOFTIRQ of one CPU, or the thread of a NAPI: polls what is on the CPU's list."""


@dataclass(slots=True)
class Opener(Softirq):
    """The task that runs virtnet_open(); bottom halves are off only while it schedules the first poll."""


@dataclass(slots=True)
class BusyPoller(Softirq):
    """A task that waits for packets and polls for them itself.

    in_busy_poll: NAPI_STATE_IN_BUSY_POLL: it is in its loop, and will poll again
    """

    in_busy_poll: bool = False


@dataclass(slots=True)
class NetPoller(Softirq):
    """Somebody who sends through netpoll with interrupts off, and polls meanwhile to free what was sent.

    npsvc: NAPI_STATE_NPSVC: it polls, or nobody may yet
    poll_owner: napi->poll_owner is taken: it or another one polls
    """

    npsvc: bool = True
    poll_owner: bool = False


class Virtqueue(Protocol):
    """struct vring_virtqueue: private to the driver.  A layout keeps this, and more.

    num_free: how many descriptors are free
    last_used_idx: up to where the driver has taken buffers back
    broken: the driver declared the ring broken
    """

    num_free: int
    last_used_idx: int
    broken: bool


@dataclass(slots=True)
class Napi:
    """struct napi_struct.

    sched: NAPI_STATE_SCHED, somebody owns the NAPI: it is scheduled, or polls
    missed: NAPI_STATE_MISSED, somebody else wanted to schedule it meanwhile
    poll_list: 0 off every list, 1 + cpu on the list of that CPU

    A NAPI begins as netif_napi_add() leaves it: SCHED set, so that nobody can take it before napi_enable().
    """

    sched: bool = True
    missed: bool = False
    poll_list: Annotated[int, Upto(2)] = 0


@dataclass(slots=True)
class Deferral:
    """What a NAPI with a timer has.

    count: defer_hard_irqs_count: how many more polls without work leave interrupts off
    timer: 0: the timer is off; else 1 + the CPU on which it will fire
    """

    count: Annotated[int, Upto(DEFER_HARD_IRQS)] = 0
    timer: Annotated[int, Upto(2)] = 0
