"""What must hold: plain functions from a state to a truth value, the same in every engine.  What they are made with
(`spec.property`) can be had from here too.
"""

from __future__ import annotations

from typing import Any

from vrx.spec import explanations as why
from vrx.spec import parts
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import GuestContext, L
from vrx.spec.property import Property as Property
from vrx.spec.property import at_rest as at_rest
from vrx.spec.property import invariant as invariant
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_sub, three_quarters
from vrx.spec.rx import FREE, HELD, State, pollers, receivers
from vrx.spec.switches import (
    ASKS_LATE,
    DATA,
    DEVICE_LIES,
    DRIVER_LIES,
    EVENTS,
    GENERAL,
    LIAR,
    MERGEABLE,
    NOTIFY,
    PACKETS,
    POSITIONS,
)
from vrx.spec.words import counts, every, pick


def used_entry_waits(s: State) -> bool:
    """A used entry is published, and the driver has not taken it."""
    ring = view(s)
    return ring.returned != ring.received


def packet_waits(s: State) -> bool:
    """A packet waits in front of the device."""
    return s.net.queued != 0


def device_holds(s: State) -> bool:
    """The device has a buffer in hand."""
    return s.main.held != 0


def watched_packet_came(s: State) -> bool:
    """The watched packet has come."""
    return s.ghost.watched != 0


@invariant(only=~LIAR, reads=parts.GHOST, explain=why.not_its_own)
def single_owner(s: State) -> bool:
    """A buffer belongs to the driver or to the device, never both: no side takes, gives or touches one that is
    not its own, and no descriptor is reused before its used entry is published."""
    return not s.ghost.misuse


@invariant(only=~LIAR, reads=parts.NUM_FREE & parts.MAIN, explain=why.not_conserved)
def descriptors_conserved(s: State) -> bool:
    """No descriptor leaks and none is created: num_free of them are free, and the device holds as many as it has
    in hand and has not filled."""
    free, with_device = counts(s.ghost.owner, FREE, HELD)
    in_hand = s.main.held - s.main.filled + 1 if view(s).popping(s.main) else s.main.held - s.main.filled
    return free == s.vq.num_free and with_device == in_hand and all_accounted_for(s)


def all_accounted_for(s: State) -> bool:
    """With data, where a buffer may be a chain: the descriptors that are free and those of the buffers that are out
    are all there are, except while a chain is being put back."""
    if not s.cfg.data:
        return True
    each = s.cfg.each
    ring = view(s)
    out = descriptors(s, idx_sub(s.cfg, ring.added, ring.received))
    for me in pollers(s):
        if ring.detaching(me):
            return True
        if ring.adding(me):
            out = out + each
    return s.vq.num_free + out == s.cfg.size


@invariant(only=~DRIVER_LIES, reads=parts.NUM_FREE)
def free_list_intact(s: State) -> bool:
    """Whatever the device writes: the driver's free list has num_free descriptors, each once and none a head that is
    out, and with those of the buffers that are out they are all there are."""
    ring = view(s)
    if any(ring.detaching(me) for me in pollers(s)):
        return True
    return ring.free_list_intact()


@invariant(only=~DEVICE_LIES, reads=parts.INUSE & parts.MAIN, explain=why.inuse_and_hand)
def inuse_exact(s: State) -> bool:
    """inuse is the number of elements that the device has popped and neither flushed nor given back; where a ring's
    indices count descriptors, that of their descriptors."""
    return s.dev.inuse == in_hand(s, s.main.held)


def in_hand(s: State, elements: int) -> int:
    """What the device's indices count of elements in its hand: these, or their descriptors."""
    return sum(s.main.ndescs[k] for k in range(s.cfg.in_hand)) if s.cfg.elements_differ else elements


def descriptors(s: State, distance: int) -> int:
    """How many of the ring's descriptors lie between two of its indices: a whole buffer's for each, or one."""
    return distance if s.cfg.layout.counts_descriptors else s.cfg.each * distance


@invariant(only=~LIAR, reads=parts.VQ & parts.DEV & (parts.NAPI | parts.MAIN), explain=why.who_gave_up)
def ring_not_broken(s: State) -> bool:
    """Neither side ever declares the ring broken."""
    return not s.vq.broken and not s.dev.broken


@invariant(only=DATA & ~LIAR, reads=parts.GHOST)
def used_entries_exact(s: State) -> bool:
    """Every buffer that the driver takes has its header, its packet, and the length that was written."""
    return not s.ghost.torn


@invariant(only=DATA & MERGEABLE & ~LIAR, reads=parts.GHOST)
def num_buffers_before_publication(s: State) -> bool:
    """The header of a packet is complete before any of its used entries is visible: no published buffer with a header
    lacks num_buffers, and the driver never meets one."""
    if s.ghost.unnumbered:
        return False
    if not s.cfg.data or not s.cfg.mergeable:
        return True
    ring = view(s)
    published = idx_sub(s.cfg, ring.returned, ring.received)

    def numbered(n: int) -> Any:
        if s.cfg.ndescs > 1 and published <= n * s.cfg.ndescs:
            return True
        piece = ring.returned_head(n) * s.cfg.segments
        return not (s.contents.header[piece] != 0 and s.contents.num[piece] == 0)

    return bool(every(s.contents.num, published, numbered))


@invariant(only=DATA, reads=parts.GHOST)
def length_within_buffer(s: State) -> bool:
    """Nobody goes past the end of a buffer: the device does not write there, the driver does not read there."""
    return not s.ghost.overrun


@invariant(only=(PACKETS | POSITIONS) & ~LIAR, reads=parts.GHOST)
def one_fate(s: State) -> bool:
    """Each packet has at most one fate: delivered once, or dropped and counted once.

    With `watch` or `data` said of a watched packet, which may be any; with `positions` of every
    buffer: the driver takes each exactly where the device filled it.
    """
    return not s.ghost.wrong_fate


@invariant(only=(PACKETS | POSITIONS) & ~LIAR, reads=parts.GHOST)
def in_order(s: State) -> bool:
    """Delivery order is arrival order.

    With `watch` or `data` said of a watched packet and all that came before or after; with `positions` of every
    buffer: the driver takes at each index the buffer that the device filled there,
    and the device fills one packet after the other.
    """
    return not s.ghost.overtaken


@at_rest(only=PACKETS & ~LIAR, reads=parts.NET, about=watched_packet_came)
def no_packet_vanishes(s: State) -> bool:
    """At rest a packet that came has its fate, or waits in the queue in front of the device.

    Said of the watched packet, which may be any.
    """
    return s.ghost.watched != 1 or (s.net.queued != 0 and s.net.queued_mark == 2)


@invariant(only=NOTIFY & EVENTS & ~DRIVER_LIES, reads=parts.NAPI)
def event_index_monotone(s: State) -> bool:
    """Among the writes that enable callbacks, used_event never goes back.

    Checked in a stronger form that needs no memory of earlier writes: each such
    write names last_used_idx as it is at that moment, and that never goes back.
    """
    return not s.ghost.event_back


@invariant(only=NOTIFY & ~DRIVER_LIES, reads=parts.NAPI)
def interrupts_suppressed_while_polling(s: State) -> bool:
    """A polling driver counts its callbacks as off, and without the event index avail.flags says so where no store
    waits to be visible.

    What the device makes of that is `interrupts_only_as_asked`, and what the ring says with the event index
    `used_event_away_while_polling` (`spec.suppression`).
    What it costs to break it is interrupts for nothing, never a wake-up: the standard lets a driver ask for quiet and
    does not demand it.  A driver that never asks (one that only drains in its callback) is refuted at its first poll,
    and what that says of it is just this.  A poll with a budget of 0 (netpoll) is none: it takes nothing.
    """
    ring = view(s)
    for me in receivers(s):
        if ring.receiving(me) and not opening(s):
            if not ring.callbacks_off:
                return False
            if not s.cfg.event_idx and ring.interrupts_refused != 1 and all(b.count == 0 for b in s.buffers):
                return False
    return True


def opening(s: State) -> bool:
    """virtnet_open() fills the ring before the NAPI is enabled: no poll yet."""
    softirq = s.cpus[0].softirq
    return softirq.ret0 == L.OPEN_NAPI_ENABLE or softirq.ret1 == L.OPEN_NAPI_ENABLE


@invariant(only=NOTIFY & ~DRIVER_LIES, reads=parts.NAPI & parts.CPUS)
def napi_has_one_owner(s: State) -> bool:
    """Whoever has the NAPI on a list, schedules it or polls owns SCHED, one alone does, and a poll that used its whole
    budget does not complete it.

    The contract of NAPI: the exchange in napi_complete_done() gives SCHED up, and who returns the budget is polled
    again.  `exhausted` is what the poll returns: one that completes and returns less keeps the contract, whatever it
    has done.  A poll with a budget of 0 (netpoll) owns nothing.
    """
    owners: int = pick(s.napi.poll_list != 0, 1, 0)
    for cpu in s.cpus:
        owners = owners + pick(schedules(cpu.hardirq), 1, 0)
    for me in (*receivers(s), *s.opener):
        last = L.POLL_DONE if s.cfg.delayed else L.NAPI_COMPLETE_DONE
        polls = (L.VIRTNET_POLL <= me.pc) & (me.pc <= last)
        if s.cfg.delayed:  # it completes first
            polls = polls | (me.pc == L.NAPI_COMPLETE_DONE)
        between = (me.pc == L.BUSY_POLLED) | (me.pc == L.BUSY_STOP) | (me.pc == L.NETPOLL_LOCK)
        polls = polls | (me.pc == L.KEPT_BY_ANOTHER)
        disables = (me.pc == L.DISABLE_CB) & ((me.ret0 == L.MORE_USED) | (me.ret0 == L.BUSY_POLLED))
        if (L.ENABLE_CB_PREPARE <= me.pc) & (me.pc <= L.NAPI_COMPLETE_DONE) & me.exhausted:
            return False
        owners = owners + pick(polls | between | disables | schedules(me), 1, 0)
    return owners < 2 and (s.napi.sched or owners == 0)


def schedules(me: GuestContext) -> Any:
    """Is the context between napi_schedule_prep(), which it won, and the poll list?"""
    return (me.pc == L.NAPI_SCHEDULE) | ((me.pc == L.DISABLE_CB) & (me.ret0 == L.NAPI_SCHEDULE))


@at_rest(only=~LIAR & ~ASKS_LATE, reads=parts.NAPI, about=used_entry_waits, explain=why.entries_not_taken)
def no_lost_interrupt(s: State) -> bool:
    """At rest the driver has taken every used entry."""
    ring = view(s)
    return ring.received == ring.returned


@at_rest(only=~LIAR & ASKS_LATE, reads=parts.NAPI, about=used_entry_waits, explain=why.entries_not_taken)
def no_late_interrupt_lost(s: State) -> bool:
    """At rest no more used entries wait than three quarters of what is out: so many the driver did not want to hear of.

    virtqueue_enable_cb_delayed() with the event index asks for the one behind them.  On a split ring without it, it
    sleeps beside as many; on a packed one beside none, which this does not say.
    """
    ring = view(s)
    waiting, out = (idx_sub(s.cfg, end, ring.received) for end in (ring.returned, ring.added))
    return waiting <= three_quarters(out, s.cfg.size)


@at_rest(only=~LIAR, reads=parts.NET, about=packet_waits, explain=why.packet_not_taken)
def no_lost_kick(s: State) -> bool:
    """At rest no packet waits that the posted buffers can hold.

    A general caller waits for a number of buffers; at rest no more than it waits for are posted unseen.
    """
    ring = view(s)
    posted = idx_sub(s.cfg, ring.offered, ring.popped)
    if s.net.queued == 0:
        return True
    return s.cfg.too_few(posted, s.net.queued, s.cfg.ndescs)


@at_rest(only=~GENERAL & ~LIAR, reads=parts.NET & parts.NAPI, about=packet_waits, explain=why.packet_not_taken)
def no_stranded_packet(s: State) -> bool:
    """At rest no packet waits that the ring could hold if the driver posted all its descriptors.

    Not a property of Linux's driver for every size: docs/refill.md says when it holds.  A packet that fits no buffer
    is held by no ring.
    """
    return s.net.queued == 0 or s.cfg.too_few(s.cfg.in_ring, s.net.queued)


@at_rest(only=~GENERAL & ~LIAR, reads=parts.NET & parts.NAPI, about=packet_waits, explain=why.packet_not_taken)
def strands_only_where_it_may(s: State) -> bool:
    """At rest a packet waits only if it takes more than size - min(budget, size) / 2 buffers, whatever the budget was.

    The budget of the last poll may have been anything up to the ring size, so half of the ring (rounded down) may be
    free at rest, and no more: docs/refill.md.  A driver that does not refill breaks it.
    """
    return s.net.queued == 0 or s.cfg.too_few(s.cfg.size - s.cfg.size // 2, s.net.queued, s.cfg.each)


@at_rest(only=~GENERAL & ~LIAR, reads=parts.INUSE & parts.MAIN, about=device_holds, explain=why.buffers_held)
def device_holds_nothing(s: State) -> bool:
    """At rest the device holds no buffer: each that it took is published, or given back."""
    ring = view(s)
    return ring.popped == ring.returned


@at_rest(reads=parts.CPUS & parts.MAIN & parts.NAPI, explain=why.not_idle)
def rest_is_idle(s: State) -> bool:
    """At rest every context is idle and every store buffer is empty: none waits in the middle of what it does."""
    for cpu in s.cpus:
        if cpu.hardirq.pc != L.IDLE or cpu.softirq.pc != L.IDLE:
            return False
    for task in (*s.opener, *s.busy, *s.netpoll):
        if task.pc != L.IDLE:
            return False
    for buffer in s.buffers:
        if buffer.count != 0:
            return False
    return s.main.pc == Q.IDLE


SPINE = (
    no_lost_interrupt,
    no_lost_kick,
    single_owner,
    descriptors_conserved,
    inuse_exact,
    rest_is_idle,
    ring_not_broken,
    event_index_monotone,
    interrupts_suppressed_while_polling,
)
"""The properties of every receive system."""
WAKING_LATE = (no_late_interrupt_lost,)
"""Where the driver asks for interrupts with delay."""
NAPI = (napi_has_one_owner,)
"""The contract of NAPI."""
CONTENTS = (
    *(used_entries_exact, num_buffers_before_publication, length_within_buffer),
    *(one_fate, in_order, no_packet_vanishes),
)
"""What can only be said where packets and buffer contents are part of the state."""
REFILL = (strands_only_where_it_may, device_holds_nothing)
"""What goes wrong although no wake-up is lost: a driver that posts too little, a device that keeps what it took."""
ALL = (*SPINE, *NAPI, *CONTENTS, *REFILL)
