"""The receive queue of the standard as a closed system without a layout: any driver, any device, no memory.

The steps are the transition functions of `virtqueue` and `receive`, each tried with every
argument: what they refuse cannot happen, and what they do not refuse can.  It is the
smallest picture of the standard, and what shows that its rules leave room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from vrx.spec import parts
from vrx.spec.contexts import Context
from vrx.spec.memory import Listener
from vrx.spec.property import invariant
from vrx.spec.ring import idx_sub, turn
from vrx.spec.standard.config import StandardConfig
from vrx.spec.standard.receive import Packet
from vrx.spec.standard.virtqueue import DRIVER, LIVE, OFFERED, RETURNED, TAKEN, Queue, Teller, Way, decide, new_queue
from vrx.spec.steps import require
from vrx.spec.switches import IN_ORDER, LENGTHS, MERGEABLE


@dataclass(slots=True)
class Driver(Context):
    """The driver: what it owes."""

    side: ClassVar[str] = "driver"
    kicks: Teller = field(default_factory=Teller)


@dataclass(slots=True)
class Device(Context):
    """The device: what it owes, and the packet that it is placing."""

    side: ClassVar[str] = "device"
    interrupts: Teller = field(default_factory=Teller)


@dataclass(slots=True)
class Abstract:
    """The closed system."""

    cfg: StandardConfig
    queue: Queue
    packet: Packet
    driver: Driver
    device: Device
    buffers: tuple[()] = ()
    marks: list[str] | None = None
    accesses: int = 0
    listener: Listener | None = None


def new_abstract(cfg: StandardConfig) -> Abstract:
    """A live queue, all buffers with the driver."""
    return Abstract(cfg, new_queue(cfg, LIVE), Packet(), Driver("driver", 0), Device("device", 1))


def abstract_actors(s: Abstract) -> list[Context]:
    """Both sides."""
    return [s.driver, s.device]


def abstract_may_run(s: Abstract, me: Context) -> None:
    """Always."""


# What `device` and `driver` do alike.


def decides_in_time(s: Abstract, way: Way, teller: Teller, more: int) -> None:
    """Before a full turn of the index, which could not be told from no turn, a side has to decide.

    more: how many entries beside one it is about to publish
    """
    require(idx_sub(s.cfg, way.idx, teller.told) + more + 1 < turn(s.cfg))


def asks(s: Abstract, says: Callable[[Abstract, int, int], None], wish: int) -> None:
    """Say in any way what a side wants to hear of: any event index, or quiet on or off.  says: see `virtqueue`."""
    if s.cfg.event_idx:
        says(s, 0, wish)
    else:
        says(s, wish, 0)


def decides(s: Abstract, way: Way, teller: Teller) -> None:
    """Look at what the other side wants to hear of, if something was published since."""
    require(teller.told != way.idx)
    decide(s.cfg, way, teller)


@invariant(reads=parts.QUEUE)
def owners_and_indices_agree(s: Abstract) -> bool:
    """As many buffers are offered, taken and returned as the positions say, and never more than there are."""
    q, c = s.queue, s.cfg
    count = [0, 0, 0, 0]
    for i in range(c.size):
        for owner in (DRIVER, OFFERED, TAKEN, RETURNED):
            if q.owner[i] == owner:
                count[owner] = count[owner] + 1
    return (
        count[OFFERED] == idx_sub(c, q.offers.added, q.taken)
        and count[TAKEN] == idx_sub(c, q.taken, q.returns.added)
        and count[RETURNED] == idx_sub(c, q.returns.added, q.received)
        and idx_sub(c, q.offers.idx, q.taken) <= count[OFFERED]
        and idx_sub(c, q.returns.idx, q.received) <= count[RETURNED]
    )


@invariant(only=MERGEABLE, reads=parts.QUEUE & parts.PACKET)
def whole_packets_only(s: Abstract) -> bool:
    """Whatever the driver can see of the returns is whole packets: an open one is not published at all."""
    begun = idx_sub(s.cfg, s.queue.returns.added, s.queue.returns.idx)
    return s.packet.left == 0 or begun + s.packet.left >= s.packet.of


@invariant(only=LENGTHS, reads=parts.QUEUE)
def lengths_fit(s: Abstract) -> bool:
    """No used length is larger than the buffer."""
    for i in range(s.cfg.size):
        if s.queue.owner[i] == RETURNED and s.queue.length[i] > s.queue.capacity[i]:
            return False
    return True


@invariant(only=IN_ORDER, reads=parts.QUEUE)
def comes_back_in_order(s: Abstract) -> bool:
    """With IN_ORDER the device has the buffers of the positions that come back next, and no others."""
    q, c = s.queue, s.cfg
    for i in range(c.size):
        if q.owner[i] == TAKEN and idx_sub(c, q.place[i], q.returns.added) >= idx_sub(c, q.taken, q.returns.added):
            return False
    return True


@invariant(only=LENGTHS, reads=parts.QUEUE)
def frames_fit(s: Abstract) -> bool:
    """No returned buffer holds more than a frame: holds where MTU is negotiated and no packet is to be segmented."""
    for i in range(s.cfg.size):
        if s.queue.owner[i] == RETURNED and s.queue.length[i] > s.cfg.frame:
            return False
    return True


ABSTRACT = (owners_and_indices_agree, whole_packets_only, lengths_fit, comes_back_in_order)
"""What holds of the standard's queue itself, each where it has a meaning."""
