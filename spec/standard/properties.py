"""What must hold where the standard's device or driver takes part.

The properties of `spec.properties` that do not name the other side's program hold here
as they are; these are about the standard's own sides.
"""

from __future__ import annotations

from spec.linux.state import L
from spec.properties import Property, at_rest, invariant
from spec.qemu.state import Q
from spec.ring import idx_sub
from spec.rx import FREE, HELD
from spec.standard.peers import P, Ring, Side
from spec.standard.virtqueue import TAKEN, wanted
from spec.standard.watch import RULES


@at_rest
def device_not_left_asleep(s: Ring) -> bool:
    """At rest no device sleeps that the driver has offered something to since it last looked."""
    return s.dev.pc != P.ASLEEP or s.mem.avail_idx == s.dev.seen  # type: ignore[union-attr]


@at_rest
def driver_not_left_asleep(s: Ring) -> bool:
    """At rest no driver sleeps that the device has returned something to since it last looked."""
    return s.vq.pc != P.ASLEEP or s.mem.used_idx == s.vq.seen  # type: ignore[union-attr]


@invariant
def buffers_conserved(s: Ring) -> bool:
    """No buffer leaks and none is created: a side of the standard has the buffers that are its own, and no others."""
    for side, own in ((s.vq, FREE), (s.dev, HELD)):
        if isinstance(side, Side):
            for i in range(s.cfg.size):
                if side.has[i] != (s.ghost.owner[i] == own):
                    return False
    return True


@at_rest
def programs_idle_at_rest(s: Ring) -> bool:
    """At rest every context of Linux and of QEMU is idle and every store buffer is empty: nothing waits for ever."""
    for cpu in s.cpus:
        if cpu.hardirq.pc != L.IDLE or cpu.softirq.pc != L.IDLE:
            return False
    for buffer in s.buffers:
        if buffer.count != 0:
            return False
    return s.main is None or s.main.pc == Q.IDLE


@invariant
def follows_the_standard(s: Ring) -> bool:
    """Whatever changes in the ring is a step of the standard, or nothing that the standard sees."""
    return s.watch is None or s.watch.broken == 0


def keeps(clause: str) -> Property:
    """The first rule that is broken, if any is, is not this one."""
    number = 1 + RULES.index(clause)

    def holds(s: Ring) -> bool:
        return s.watch is None or s.watch.broken != number

    holds.__doc__ = f"The first rule of the standard that is broken, if any is, is not {clause}."
    return Property(f"keeps_{clause}", holds, "always")


@invariant
def watch_agrees(s: Ring) -> bool:
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
    return with_device == idx_sub(s.cfg, s.mem.avail_idx, s.mem.used_idx)


@at_rest
def owes_nothing_at_rest(s: Ring) -> bool:
    """At rest no notification is owed: each that the standard demands whenever the publisher looked has been sent."""
    if s.watch is None:
        return True
    q = s.watch.queue
    return not wanted(s.cfg, q.returns, s.watch.interrupts.told) and not wanted(s.cfg, q.offers, s.watch.kicks.told)


@invariant
def event_index_only_if_negotiated(s: Ring) -> bool:
    """The driver writes used_event only with the event index (2.7.7.1-4 permits it only then)."""
    if not s.cfg.event_idx:
        for cpu in s.cpus:
            if cpu.softirq.pc == L.ENABLE_CB_EVENT:
                return False
    return True
