"""What both sides keep of a ring of one slot for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from tests.one_slot.memory import OneSlot
from vrx.spec.contexts import IN_ITS_ROLE
from vrx.spec.linux.state import DriverPoint, L, Softirq
from vrx.spec.qemu.state import DevicePoint, MainLoop, Q
from vrx.spec.rx import State
from vrx.spec.words import Count, Index


class OneL(DriverPoint):
    """The driver's own program points: behind all others."""

    ADD = max(L) + 1


class OneQ(DevicePoint):
    """The device's own."""

    RECHECK = max(Q) + 1


@dataclass
class OneSoftirq(Softirq):
    """Who polls."""

    __slots__ = IN_ITS_ROLE
    points = (L, OneL)


@dataclass
class OneMainLoop(MainLoop):
    """QEMU's main loop."""

    __slots__ = IN_ITS_ROLE
    points = (Q, OneQ)


@dataclass(slots=True)
class OneVirtqueue:
    """The driver's.

    num_free: how many buffers are free, one or none
    added: up to where buffers were added
    last_used_idx: up to where they were taken back
    no_interrupt: callbacks count as disabled
    broken: never
    """

    num_free: Count = 1
    added: Index = 0
    last_used_idx: Index = 0
    no_interrupt: bool = False
    broken: bool = False


@dataclass(slots=True)
class OneVirtQueue:
    """The device's.

    shadow_avail_idx: up to where it has seen buffers available
    last_avail_idx: up to where it has taken them
    used_idx: up to where it has published them as used
    inuse: elements popped and neither flushed nor given back
    notification: it wants kicks
    broken: the device declared the ring broken
    """

    shadow_avail_idx: Index = 0
    last_avail_idx: Index = 0
    used_idx: Index = 0
    inuse: Count = 0
    notification: bool = True
    broken: bool = False


class OneState(State):
    """A state with a ring of one slot."""

    __slots__ = ()
    ring: OneSlot
    vq: OneVirtqueue
    dev: OneVirtQueue
