"""When a packet may be given up: what is dropped is excused wherever packets are counted.

The first two questions read where QEMU's code stands.  The others speak of both sides, wherever they drop: where
nothing that comes may be dropped, nothing is; where something may, each drop is judged by what there was at it
(`decisions`): was it the packet that is too large, was it the filter that refused, did the machine stand still?
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from vrx.spec import parts
from vrx.spec.layouts.view import view
from vrx.spec.properties import watched_packet_came
from vrx.spec.property import invariant
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.rx import DROP, State
from vrx.spec.switches import DECISIONS, FILTER, FITS, GENERAL, LIAR, PACKETS, STOPS
from vrx.spec.words import pick

WATCHED = 2
"""What a packet's identity says of the one that is watched."""
DROPPED = 3
"""What `Ghost.watched` says of a packet that was dropped and counted."""


@invariant(only=~GENERAL & ~LIAR, reads=parts.MAIN)
def gives_up_only_what_does_not_fit(s: State) -> bool:
    """virtqueue_unpop() is for a packet that no buffer alone holds, and for none where buffers merge: no other whose
    buffer is taken is given up there."""
    return s.main.pc != Q.UNPOP or (not s.cfg.mergeable and s.cfg.too_few(1, s.main.size))


@invariant(only=~GENERAL & ~LIAR, reads=parts.MAIN & parts.DEV)
def pops_only_what_was_seen(s: State) -> bool:
    """A device pops for its packet where it has seen a buffer that it has not taken, so that virtio_net_receive_rcu()
    gives no packet up for want of buffers: it waits for them.

    The standard demands no such look.  A device that pops first, and waits where nothing came, conforms as well and is
    refuted: what that says of it is just this.
    """
    ring = view(s)
    return s.main.pc != Q.POP_EMPTY or s.dev.broken or ring.found != ring.popped


@invariant(
    only=PACKETS & FITS & ~FILTER & ~STOPS & ~LIAR,
    reads=parts.GHOST & parts.NET & parts.MAIN,
    about=watched_packet_came,
)
def drops_nothing_without_a_reason(s: State) -> bool:
    """Where every packet fits, no filter refuses one, the machine is not stopped and nobody lies, no packet is dropped,
    by neither side: the device takes none off its queue to lose it, and the driver delivers what was used rightly.

    Said of the watched packet, which may be any.
    """
    return s.ghost.watched != DROPPED


@cache
def drop_judged(run: Callable[..., None]) -> Callable[..., None]:
    """The step, with a note in the ghost where it drops the watched packet without a reason: the same function for the
    same step, so that equal systems are equal.

    Looked at from outside, so that no variant can forget it.  What the filter says is the environment's, and is told by
    the free choice of that name; whether the machine stands still is what it does behind the step.
    """

    @wraps(run)
    def step(s: State, me: Any, **choices: int) -> None:
        before = s.ghost.watched
        needless = drop_needless(s, me)
        run(s, me, **choices)
        if "refused" in choices:
            needless &= choices["refused"] == 0
        s.ghost.needless[DROP] |= (before != DROPPED) & (s.ghost.watched == DROPPED) & s.net.running & needless

    return step


def drop_needless(s: State, me: Any) -> bool:
    """Would it be without a reason if this side dropped the watched packet in this step, machine and filter apart?  The
    driver never has one; the device has where no buffer, or not the whole ring, holds the packet."""
    needless = True
    if isinstance(me, MainLoop):
        size = pick(me.mark == WATCHED, me.size, s.net.queued)
        elsewhere = (me.mark != WATCHED) & (s.net.queued_mark != WATCHED)
        if s.cfg.mergeable:
            needless &= elsewhere | (size + s.cfg.header_len <= s.cfg.max_elements * s.cfg.buffer_holds)
        if s.cfg.too_few(s.cfg.in_ring, size):
            needless &= elsewhere
    return needless


@invariant(
    only=DECISIONS & PACKETS & (~FITS | FILTER | STOPS) & ~LIAR,
    reads=parts.GHOST & parts.NET & parts.MAIN,
    about=watched_packet_came,
)
def drops_only_with_a_reason(s: State) -> bool:
    """A packet is dropped for a reason only: nothing that the driver posts holds it, the filter refused it, or the
    machine stands still.  Said of the step that drops it, by what there was at it, and of both sides: the driver has no
    reason.

    Said of the watched packet, which may be any.  Where every packet fits and is wanted,
    `drops_nothing_without_a_reason` says the same and more simply.
    """
    return not s.ghost.needless[DROP]


GIVING_UP = (
    gives_up_only_what_does_not_fit,
    pops_only_what_was_seen,
    drops_nothing_without_a_reason,
    drops_only_with_a_reason,
)
"""What is asked of sides that drop packets."""
