"""What must hold where the standard's device or driver takes part.

The properties of `spec.properties` that do not name the other side's program hold here
as they are; these are about the standard's own sides.
"""

from __future__ import annotations

from vrx.spec import parts
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.standard.chain import Chain, begin_chain, descriptor, next_place
from vrx.spec.layouts.split.standard.peers import P, Ring, Side
from vrx.spec.layouts.split.standard.watch import RULES
from vrx.spec.linux.state import L
from vrx.spec.property import Property, at_rest, invariant
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_sub, slot
from vrx.spec.rx import FREE, HELD, State
from vrx.spec.standard.rules import Forbidden, must
from vrx.spec.standard.virtqueue import TAKEN, wanted
from vrx.spec.switches import DATA, EVENT_IDX, LIAR


@at_rest(reads=parts.DEV_SEEN)
def device_not_left_asleep(s: Ring) -> bool:
    """At rest no device sleeps that the driver has offered something to since it last looked."""
    return s.dev.pc != P.ASLEEP or s.ring.avail_idx == s.dev.seen  # type: ignore[union-attr]


@at_rest(reads=parts.VQ_SEEN)
def driver_not_left_asleep(s: Ring) -> bool:
    """At rest no driver sleeps that the device has returned something to since it last looked."""
    return s.vq.pc != P.ASLEEP or s.ring.used_idx == s.vq.seen  # type: ignore[union-attr]


@invariant(reads=parts.VQ_HAS | parts.DEV_HAS)
def buffers_conserved(s: Ring) -> bool:
    """No buffer leaks and none is created: a side of the standard has the buffers that are its own, and no others."""
    for side, own in ((s.vq, FREE), (s.dev, HELD)):
        if isinstance(side, Side):
            for i in range(s.cfg.size):
                if side.has[i] != (s.ghost.owner[i] == own):
                    return False
    return True


@at_rest(reads=(parts.VQ_HAS | parts.DEV_HAS) & (parts.CPUS | parts.MAIN))
def programs_idle_at_rest(s: Ring) -> bool:
    """At rest every context of Linux and of QEMU is idle and every store buffer is empty: nothing waits for ever."""
    for cpu in s.cpus:
        if cpu.hardirq.pc != L.IDLE or cpu.softirq.pc != L.IDLE:
            return False
    for buffer in s.buffers:
        if buffer.count != 0:
            return False
    return s.main is None or s.main.pc == Q.IDLE


@invariant(reads=parts.WATCH)
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


@invariant(reads=parts.WATCH)
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
    return with_device == idx_sub(s.cfg, s.ring.avail_idx, s.ring.used_idx)


@at_rest(reads=parts.WATCH)
def owes_nothing_at_rest(s: Ring) -> bool:
    """At rest no notification is owed: each that the standard demands whenever the publisher looked has been sent."""
    if s.watch is None:
        return True
    q = s.watch.queue
    return not wanted(s.cfg, q.returns, s.watch.interrupts.told) and not wanted(s.cfg, q.offers, s.watch.kicks.told)


@invariant(only=~EVENT_IDX, reads=parts.NAPI & parts.CPUS)
def event_index_only_if_negotiated(s: Ring) -> bool:
    """The driver writes used_event only with the event index (2.7.7.1-4 permits it only then)."""
    for cpu in s.cpus:
        if cpu.softirq.pc == SplitL.ENABLE_CB_EVENT:
            return False
    return True


@invariant(only=DATA & ~LIAR, reads=parts.NAPI & parts.MAIN)
def chains_follow_the_standard(s: State) -> bool:
    """The buffer that the driver has offered last, unless the device has taken it, is a chain that the standard allows,
    and holds as much as the driver means it to."""
    if s.ring.avail_idx == s.dev.last_avail_idx:
        return True
    try:
        return walk(s, newest(s)).capacity == s.cfg.capacity
    except Forbidden:
        return False


def no_chain_breaks(clause: str) -> Property:
    """The buffer that the driver has offered last does not break this rule of a chain before any other."""

    def holds(s: State) -> bool:
        if s.ring.avail_idx == s.dev.last_avail_idx:
            return True
        try:
            walk(s, newest(s))
        except Forbidden as breach:
            return breach.clause != clause
        return True

    holds.__doc__ = f"The buffer offered last does not break {clause} before any other rule of a chain."
    return Property(f"no_chain_breaks_{clause}", holds, "always")


def newest(s: State) -> int:
    """The head that the driver has offered last: each is that once, when avail.idx moves over it."""
    head: int = s.ring.avail_ring[slot(s.cfg, idx_sub(s.cfg, s.ring.avail_idx, 1))]
    return head


def walk(s: State, head: int) -> Chain:
    """The chain of descriptors in memory that begins at `head`.  Raises Forbidden where the standard has no such chain.

    A place in a table has the number of the table's head, whose address is one more, and its own.
    """
    c, ring = s.cfg, s.ring
    chain = begin_chain(c, head)
    table = 0
    for _ in range(c.size + 2):  # the one that names a table, and one too many
        if chain.ended:
            break
        at = next_place(c, chain)
        if chain.in_table:
            at = table * c.segments + at
            must(at >= 0 and at < c.cells, "P-2.7-1")
            descriptor(c, chain, ring.table_flags[at], ring.table_len[at], ring.table_next[at], 0)
        else:
            entries = 0
            if 0 < ring.desc_addr[at] and ring.desc_addr[at] <= c.size:
                table, entries = ring.desc_addr[at] - 1, ring.desc_len[at]
            descriptor(c, chain, ring.desc_flags[at], ring.desc_len[at], ring.desc_next[at], entries)
    return chain


PEERS = (device_not_left_asleep, driver_not_left_asleep, buffers_conserved, programs_idle_at_rest)
"""What is said of the standard's own sides."""
WATCHED = (follows_the_standard, watch_agrees, owes_nothing_at_rest)
"""What is said where the standard looks on."""
