"""Where every buffer and every packet is: what a wake-up that came in time does not answer.

A buffer that is never published, or that the device passes over, wakes nobody and
is asked for by nobody; a packet that is kept waiting with room in front of it is
late and not lost; one that never came is missed by nobody.  The questions of
`spec.properties` excuse all four.
"""

from __future__ import annotations

from vrx.spec import parts
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L
from vrx.spec.properties import descriptors, device_holds, in_hand, packet_waits
from vrx.spec.property import at_rest, invariant
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_sub
from vrx.spec.rx import OFFERED, State, pollers
from vrx.spec.switches import DEVICE_LIES, DRIVER_LIES, GENERAL, LIAR, NOTIFY, STOPS
from vrx.spec.words import counts


def packet_in_hand(s: State) -> bool:
    """The device has a packet in hand."""
    return s.main.size != 0


def machine_stopped(s: State) -> bool:
    """The virtual machine stands still."""
    return not s.net.running


@at_rest(only=~LIAR, reads=parts.NUM_FREE)
def everything_added_is_published(s: State) -> bool:
    """At rest every buffer that the driver took off its free list is published: avail.idx counts each of them.

    At rest the driver has taken back what was used, so those that it has not are the ones between last_used_idx and
    avail.idx, and all other descriptors are free.
    """
    ring = view(s)
    published = idx_sub(s.cfg, ring.offered, ring.received)
    return s.vq.num_free + descriptors(s, published) == s.cfg.size


@at_rest(only=~LIAR, reads=parts.NUM_FREE & parts.GHOST & parts.LAST_AVAIL_IDX)
def nothing_offered_is_passed_over(s: State) -> bool:
    """At rest nothing that is offered lies behind last_avail_idx: the device can still take every buffer on offer."""
    (offered,) = counts(s.ghost.owner, OFFERED)
    ring = view(s)
    return offered * s.cfg.ndescs == idx_sub(s.cfg, ring.offered, ring.popped)


@invariant(only=~LIAR, reads=parts.INUSE & parts.MAIN, about=device_holds)
def taken_is_accounted_for(s: State) -> bool:
    """The device loses no buffer: each that it took is published, or given back, or still in its hand.

    Said of the device's own indices, so that a flush that publishes fewer than it was given, or a buffer given back
    without rewinding last_avail_idx, is seen at once.  A device that broke the ring detaches what it holds.
    """
    held = s.main.held + 1 if view(s).popping(s.main) else s.main.held
    ring = view(s)
    return s.dev.broken or idx_sub(s.cfg, ring.popped, ring.used) == in_hand(s, held)


@invariant(only=~GENERAL & ~LIAR, reads=parts.NET & parts.MAIN, about=packet_waits)
def waits_only_for_buffers(s: State) -> bool:
    """A device that is not to be disturbed (receive_disabled) has seen too few buffers for the packet that waits: it
    turns away for none that it could deliver, and for none that is too large and to be dropped.

    Too few is said of the bytes of all buffers together, as `virtqueue_get_avail_bytes()` counts them: a packet that
    they are as large as, and that no single one holds, is taken off the queue and dropped.
    """
    if not s.net.receive_disabled:
        return True
    ring = view(s)
    seen = idx_sub(s.cfg, ring.seen, ring.popped)
    return s.dev.broken or seen * s.cfg.buffer_holds < s.cfg.ndescs * (s.net.queued + s.cfg.header_len)


@invariant(only=~GENERAL & ~DEVICE_LIES, reads=parts.NET & parts.MAIN, about=packet_in_hand)
def works_on_a_packet(s: State) -> bool:
    """The device works on a packet where it has one, and nowhere else: it receives nothing that did not come, and keeps
    nothing in hand when it is done."""
    at_work = s.main.pc != Q.IDLE and s.main.pc != Q.HANDLE_RX
    return (s.main.size != 0) == at_work


def fill_ends(s: State) -> bool:
    """The driver has added buffers, or found no room for any, and is about to tell the device."""
    return any(me.pc == L.KICK_PREPARE for me in pollers(s))


@invariant(only=NOTIFY & ~DRIVER_LIES, reads=parts.NUM_FREE & parts.NAPI, about=fill_ends)
def fills_the_ring(s: State) -> bool:
    """A driver that refills goes on until there is no room for another buffer, unless the ring is broken.

    One that adds fewer loses no wake-up, and on a ring of 2 it strands no packet either: half of the ring may be free
    at rest, as `strands_only_where_it_may` says.  On a larger ring a packet waits for ever that takes more buffers than
    are there.  The standard demands no such thing, and calls it a good idea to keep the ring as full as possible
    (5.1.9.3): a driver that adds fewer conforms as well and is refuted, and what that says of it is just this.
    """
    return s.vq.broken or s.vq.num_free < s.cfg.each or not fill_ends(s)


@invariant(only=STOPS & ~LIAR, reads=parts.NET & parts.MAIN, about=machine_stopped)
def stopped_device_leaves_the_ring(s: State) -> bool:
    """A device whose machine is stopped leaves the ring and the buffers alone: it takes none, fills none, publishes
    none, and has none in hand."""
    return s.net.running or (s.main.pc <= Q.CAN_RECEIVE and s.main.held == 0)


@invariant(only=STOPS & NOTIFY & ~LIAR, reads=parts.NET & parts.MAIN, about=machine_stopped)
def stopped_machine_has_no_kick(s: State) -> bool:
    """No kick waits for a machine that is stopped: it was taken at the stop, and what is saved then holds none.

    A kick is the state of a notifier outside the machine.  One that waits is lost where the machine is saved and goes
    on elsewhere, and handled by a device that may not receive where it is not.
    """
    return s.net.running or not s.lines.kick


ACCOUNTS = (
    everything_added_is_published,
    nothing_offered_is_passed_over,
    taken_is_accounted_for,
    waits_only_for_buffers,
    works_on_a_packet,
)
"""What must not be left behind, in every receive system."""
POSTING = (fills_the_ring,)
"""What is asked of a driver that posts buffers."""
STOPPED = (stopped_device_leaves_the_ring, stopped_machine_has_no_kick)
"""What is asked where the machine may be stopped."""
