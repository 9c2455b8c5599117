"""Who is notified although nobody asked: what each side asks for, and what the other side makes of it.

A ring says at any time of what its two sides want to hear: by a flag, or with the event
index by a position.  The side that wants quiet *asks*; the side that has published
*decides*.  Both are asked here, each of what it does itself.

- The asking side, in every state: while it works, quiet is what the ring says.
- The deciding side, at every decision (`decisions`): what it could see when it decided gave a
  reason to notify.  What the other side changes afterwards is no fault of it, and QEMU may
  notify once where it does not know what it signalled last.
- The deciding side, in runs without end: it does not notify again and again while the ring
  goes on saying the same and that is no reason to.  So it is asked also where a decision
  is not what it should rest on: a device that never knows what it signalled last.

VIRTIO demands none of this.  A driver and a device MAY ask for quiet (2.7.7.1-2, 2.7.7.1-4,
2.7.10.2-2, 2.7.10.2-4); a side SHOULD NOT notify where the ring asks for none (2.7.7.2-2, 2.7.7.2-6,
2.7.10.1-3, 2.7.10.1-7); the other side MUST bear it (2.7.7.1-5, 2.7.10.2-5).  What a side MUST send is
asked by `no_lost_interrupt`, `no_lost_kick` and `owes_nothing_at_rest`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from vrx.spec import parts
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L, Softirq
from vrx.spec.liveness import never_forever
from vrx.spec.properties import opening
from vrx.spec.property import invariant
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_sub
from vrx.spec.rx import DECIDED, INTERRUPT, KICK, State, pollers, receivers
from vrx.spec.switches import DECISIONS, DEVICE_LIES, DRIVER_LIES, EVENT_IDX, GENERAL, LIAR, NOTIFY


def driver_polls(s: State) -> bool:
    """A poll receives."""
    return any(view(s).receiving(me) for me in receivers(s)) and not opening(s)


@invariant(only=NOTIFY & EVENT_IDX & ~LIAR, reads=parts.NAPI, about=driver_polls)
def used_event_away_while_polling(s: State) -> bool:
    """With the event index a polling driver has moved used_event to 0, as all see whose stores are visible, unless
    the hint says that the event was passed since it was named last: then it is left where it is.

    0 is a position like any other: used.idx passes it once in a turn, and then one interrupt comes.  So does one when
    the index comes round to an event that was left where it was.  The standard lets a driver ask for quiet and does not
    demand it, nor that it is asked for by 0: a driver that moves the event elsewhere is refuted, and what that says of
    it is just this.  One whose hint is never cleared is not seen here.
    """
    if view(s).event_is_away or any(b.count != 0 for b in s.buffers):
        return True
    return not driver_polls(s)


def device_takes(s: State) -> bool:
    """The device pops, fills or publishes buffers."""
    return view(s).taking(s.main)


@invariant(only=NOTIFY & ~GENERAL & ~LIAR, reads=parts.NET & parts.MAIN & parts.INUSE, about=device_takes)
def kicks_suppressed_while_taking(s: State) -> bool:
    """A device that pops, fills or publishes buffers counts its kicks as off, and without the event index used.flags
    says so as soon as its stores are visible.

    With the event index it writes nothing: avail_event stays where it is, and each pop leaves it there.  A device that
    never asks for quiet conforms as well (2.7.10.2-2 is a MAY) and is refuted: what that says of it is just this.
    """
    if not device_takes(s):
        return True
    if view(s).kicks_on:
        return False
    if s.cfg.event_idx or any(b.side == "device" and b.count != 0 for b in s.buffers):
        return True
    return view(s).kicks_refused == 1


def used_event_stands(s: State) -> int:
    """What the driver wants to hear of, with the event index."""
    return view(s).interrupt_event


def avail_event_stands(s: State) -> int:
    """What the device wants to hear of, with the event index."""
    return view(s).kick_event


def device_interrupts(s: State) -> bool:
    """The device is about to interrupt: it stands at virtio_irq()."""
    return s.main.pc == Q.IRQ


def driver_kicks(s: State) -> bool:
    """The driver is about to kick: it stands at virtqueue_notify()."""
    return any(me.pc == L.NOTIFY for me in pollers(s))


def interrupts_unasked(s: State) -> bool:
    """The device is about to interrupt, and none of what it may have published last is at used_event."""
    if s.main.pc != Q.IRQ:
        return False
    ring = view(s)
    return not s.cfg.event_idx or idx_sub(s.cfg, idx_sub(s.cfg, ring.used, 1), ring.interrupt_event) >= most_used(s)


def most_used(s: State) -> int:
    """As far as one flush of the device may move its index: the buffers of a packet, or a general caller's ring."""
    return s.cfg.in_hand * s.cfg.ndescs


def kicks_unasked(s: State) -> bool:
    """The driver is about to kick, and none of what it may have added last is at avail_event."""
    if not driver_kicks(s):
        return False
    ring = view(s)
    last = idx_sub(s.cfg, ring.added, 1)
    return not s.cfg.event_idx or idx_sub(s.cfg, last, ring.kick_event) >= s.cfg.size


@never_forever(
    same=used_event_stands, again=interrupts_unasked, about=device_interrupts,
    only=~GENERAL & ~LIAR, reads=parts.NET & parts.MAIN & parts.INUSE,
)
def interrupts_only_as_asked(s: State) -> bool:
    """A device does not interrupt again and again while the ring goes on asking for no interrupt: while avail.flags
    says NO_INTERRUPT, or with the event index where used_event stays and no packet passes it.

    So with the event index an interrupt comes at most once in a turn of the index from some time on.
    """
    return s.cfg.event_idx or view(s).interrupts_refused == 1


@never_forever(same=avail_event_stands, again=kicks_unasked, about=driver_kicks, only=~LIAR, reads=parts.NAPI)
def kicks_only_as_asked(s: State) -> bool:
    """A driver does not kick again and again while the ring goes on asking for no kick: while used.flags says
    NO_NOTIFY, or with the event index where avail_event stays and the buffers added do not pass it.

    How many were added since the last kick is not asked: up to a whole ring may have been.
    """
    return s.cfg.event_idx or view(s).kicks_refused == 1


DECIDES = (MainLoop, Softirq)
"""Whose steps decide about notifications."""


@cache
def decided(run: Callable[..., None]) -> Callable[..., None]:
    """The step, with a note in the ghost where it decides to notify although what it could see asked for nothing: the
    same function for the same step, so that equal systems are equal."""

    @wraps(run)
    def step(s: State, me: Any, **choices: int) -> None:
        interrupts = isinstance(me, MainLoop)
        stood, point = me.pc, Q.IRQ if interrupts else L.NOTIFY
        needless = interrupt_needless(s) if interrupts else kick_needless(s)
        run(s, me, **choices)
        s.ghost.needless[INTERRUPT if interrupts else KICK] |= (me.pc == point) & (stood != point) & needless
        if interrupts and s.cfg.event_idx:
            s.ghost.needless[DECIDED] |= view(s).decides(stood)

    return step


def interrupt_needless(s: State) -> bool:
    """What the device sees asks for no interrupt: the flag does not, or used_event is not among what it has published
    since it decided last, by its own record, and as far as that goes back in virtio_net, which decides behind every
    packet.

    Nothing can be said of the first decision: QEMU has no record then.  A general caller may have none later either,
    where it has put its decision off for half of all indices.
    """
    ring = view(s)
    if not s.cfg.event_idx:
        return ring.interrupts_refused == 1
    behind = idx_sub(s.cfg, idx_sub(s.cfg, ring.used, 1), ring.interrupt_event)
    since = idx_sub(s.cfg, ring.used, ring.decided)
    needless = ring.decided_known & (since < behind + 1)
    if not s.cfg.general:
        needless |= most_used(s) < behind + 1
    seen: bool = s.ghost.needless[DECIDED] & ring.interrupt_needless(needless)
    return seen


def kick_needless(s: State) -> bool:
    """What the driver sees asks for no kick: the flag does not, or avail_event is not among what it has added since it
    decided last, by its own count and as far as a ring goes back."""
    ring = view(s)
    if not s.cfg.event_idx:
        return ring.kicks_refused == 1
    behind = idx_sub(s.cfg, idx_sub(s.cfg, ring.added, 1), ring.kick_event)
    needless: bool = ring.kick_needless((ring.added_since < behind + 1) | (s.cfg.size < behind + 1))
    return needless


@invariant(only=DECISIONS & NOTIFY & ~DEVICE_LIES, reads=parts.NET & parts.MAIN & parts.INUSE, about=device_interrupts)
def no_interrupt_for_nothing(s: State) -> bool:
    """No interrupt is decided for nothing: when the device decides, avail.flags asks for it, or with the event index
    used_event is among what it has published since it decided last.

    Said of the step that comes to virtio_irq(): whoever looks in one step and decides in another is judged by what the
    ring says at the second.  With the event index the first decision is free: QEMU interrupts then, as it does not
    know what it signalled last (`signalled_used_valid` is false).
    """
    return not s.ghost.needless[INTERRUPT]


@invariant(only=DECISIONS & NOTIFY & ~DRIVER_LIES, reads=parts.NAPI, about=driver_kicks)
def no_kick_for_nothing(s: State) -> bool:
    """No kick is decided for nothing: when the driver decides, used.flags asks for it, or with the event index
    avail_event is among what it has added since it decided last.

    Said of the step that comes to virtqueue_notify().
    """
    return not s.ghost.needless[KICK]


ASKING = (used_event_away_while_polling, kicks_suppressed_while_taking)
"""What is said of a side that works and wants quiet, beside `interrupts_suppressed_while_polling`."""
DECIDING = (interrupts_only_as_asked, kicks_only_as_asked)
"""What is said of a side that has published, in runs without end."""
SINGLE = (no_interrupt_for_nothing, no_kick_for_nothing)
"""What is said of each of its decisions, where `decisions` are followed."""
