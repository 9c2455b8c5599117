"""What must hold where the standard's device or driver takes part, whatever the ring in front of it looks like.

The properties of `spec.properties` that do not name the other side's program hold here
as they are; these are about the standard's own sides.
"""

from __future__ import annotations

from vrx.spec import parts
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L
from vrx.spec.property import Property, at_rest, invariant
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_sub, slot
from vrx.spec.rx import FREE, HELD
from vrx.spec.standard.peers import P, PeerState, Side
from vrx.spec.standard.virtqueue import TAKEN, wanted
from vrx.spec.switches import IN_ORDER


@at_rest(reads=parts.DEV_SEEN)
def device_not_left_asleep(s: PeerState) -> bool:
    """At rest no device sleeps that the driver has offered something to since it last looked."""
    looked: bool = s.dev.pc != P.ASLEEP or view(s).offered == s.dev.seen
    return looked


@at_rest(reads=parts.VQ_SEEN)
def driver_not_left_asleep(s: PeerState) -> bool:
    """At rest no driver sleeps that the device has returned something to since it last looked."""
    looked: bool = s.vq.pc != P.ASLEEP or view(s).returned == s.vq.seen
    return looked


@invariant(reads=parts.VQ_HAS | parts.DEV_HAS)
def buffers_conserved(s: PeerState) -> bool:
    """No buffer leaks and none is created: a side of the standard has the buffers that are its own, and no others."""
    for side, own in ((s.vq, FREE), (s.dev, HELD)):
        if isinstance(side, Side):
            for i in range(s.cfg.size):
                if side.has[i] != (s.ghost.owner[i] == own):
                    return False
    return True


@at_rest(reads=(parts.VQ_HAS | parts.DEV_HAS) & (parts.CPUS | parts.MAIN))
def programs_idle_at_rest(s: PeerState) -> bool:
    """At rest every context of Linux and of QEMU is idle and every store buffer is empty: nothing waits for ever."""
    for cpu in s.cpus:
        if cpu.hardirq.pc != L.IDLE or cpu.softirq.pc != L.IDLE:
            return False
    for buffer in s.buffers:
        if buffer.count != 0:
            return False
    return s.main is None or s.main.pc == Q.IDLE


@invariant(reads=parts.WATCH)
def follows_the_standard(s: PeerState) -> bool:
    """Whatever changes in the ring is a step of the standard, or nothing that the standard sees."""
    return s.watch is None or s.watch.broken == 0


@invariant(reads=parts.WATCH)
def watch_agrees(s: PeerState) -> bool:
    """The standard's queue is what the ring is: as many buffers are with the device as the indices say, and a buffer
    that the device holds is one of them, one that the driver holds is not."""
    if s.watch is None or s.watch.broken != 0:
        return True
    with_device = 0
    for i in range(s.cfg.size):
        taken = s.watch.queue.owner[i] == TAKEN
        if taken:
            with_device = with_device + 1
        if taken and s.ghost.owner[i] == FREE:
            return False
        if s.ghost.owner[i] == HELD and not taken:
            return False
    return with_device == idx_sub(s.cfg, view(s).offered, view(s).returned)


@at_rest(reads=parts.WATCH)
def owes_nothing_at_rest(s: PeerState) -> bool:
    """At rest no notification is owed: each that the standard demands whenever the publisher looked has been sent."""
    if s.watch is None:
        return True
    q = s.watch.queue
    return not wanted(s.cfg, q.returns, s.watch.interrupts.told) and not wanted(s.cfg, q.offers, s.watch.kicks.told)


def keeps(clause: str) -> Property:
    """The first rule that is broken, if any is, is not this one.  clause: as the layout of the ring has it"""

    def holds(s: PeerState) -> bool:
        return s.watch is None or s.watch.broken != 1 + s.watch.rules.index(clause)

    holds.__doc__ = f"The first rule of the standard that is broken, if any is, is not {clause}."
    return Property(f"keeps_{clause}", holds, "always")


@at_rest(only=IN_ORDER)
def completed_comes_back(s: PeerState) -> bool:
    """At rest no device is done with the buffer that it has to return next, and keeps it."""
    dev, c = s.dev, s.cfg
    if dev.placed == dev.last_avail_idx or dev.placed != dev.used_idx:
        return True
    waits: bool = dev.finished[dev.order[slot(c, dev.placed)]]
    return not waits


@at_rest(only=IN_ORDER)
def batches_come_back_whole(s: PeerState) -> bool:
    """At rest no driver sleeps that has taken back all that it has seen, while the device has returned more."""
    vq = s.vq
    whole: bool = vq.pc != P.ASLEEP or vq.seen != vq.last_used_idx or vq.last_used_idx == s.dev.used_idx
    return whole


PEERS = (device_not_left_asleep, driver_not_left_asleep, buffers_conserved, programs_idle_at_rest)
"""What is said of the standard's own sides."""
WATCHED = (follows_the_standard, watch_agrees, owes_nothing_at_rest)
"""What is said where the standard looks on."""
