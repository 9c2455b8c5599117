"""The driver's half of a ring of one slot."""

from __future__ import annotations

from tests.one_slot.memory import AVAILABLE, USED, loc
from tests.one_slot.state import OneL, OneState
from vrx.spec.contents import loc as contents
from vrx.spec.linux.returns import (
    added,
    callbacks_enabled,
    got_buf,
    interrupted,
    more_work,
    not_interrupted,
    receive_over,
    ring_filled,
    stops_here,
    took_buf,
)
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.memory import Barrier, fresh, line, load, mb, over, rmb, store, wmb
from vrx.spec.ring import idx_add
from vrx.spec.rx import FREE, OFFERED, give
from vrx.spec.rx import USED as WITH_RING
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import NOTIFY

one_ring = Machine("the driver of one slot")

TAKE_RMB = Barrier("one_slot_take__rmb", "rmb", "none")
ADD_WMB = Barrier("one_slot_add__wmb", "wmb", "none")
KICK_MB = Barrier("one_slot_kick__mb", "mb", "none")
POLL_MB = Barrier("one_slot_poll__mb", "mb", "none")
BARRIERS = (TAKE_RMB, ADD_WMB, KICK_MB, POLL_MB)


@one_ring.helper
def used(s: OneState, me: GuestContext) -> bool:
    """The buffer is out, and memory says that it came back; what is left there of the last lap does not count."""
    return s.vq.num_free == 0 and load(s, me, loc.state) == USED


@one_ring.step(at=L.VRING_INTERRUPT, only=NOTIFY)
def one_interrupt(s: OneState, me: HardIrq) -> None:
    """Ignore the interrupt unless the buffer is used."""
    if used(s, me):
        interrupted(s, me)
    else:
        not_interrupted(s, me)


@one_ring.step(at=L.DISABLE_CB, only=NOTIFY)
def one_disable_cb(s: OneState, me: GuestContext) -> None:
    """Ask for no more interrupts."""
    if not s.vq.no_interrupt:
        s.vq.no_interrupt = True
        store(s, me, loc.no_interrupt, 1)
    me.ret()


@one_ring.step(at=L.MORE_USED, exhausted=2)
def one_get_buf(s: OneState, me: Softirq, exhausted: int) -> None:
    """Stop at the budget; else take the buffer where it is used."""
    if stops_here(s, me, exhausted) or not used(s, me):
        receive_over(s, me)
        return
    rmb(s, me, TAKE_RMB)
    s.ghost.misuse |= s.dev.used_idx == s.vq.last_used_idx
    give(s, 0, WITH_RING, FREE)
    s.vq.num_free = 1
    s.vq.last_used_idx = idx_add(s.cfg, s.vq.last_used_idx, 1)
    took_buf(s, me)
    got_buf(s, me)


@one_ring.step(at=L.TRY_FILL_RECV)
def one_fill(s: OneState, me: Softirq) -> None:
    """Add the buffer if it is free, then kick."""
    if s.vq.num_free == 0:
        ring_filled(s, me)
    else:
        me.goto(OneL.ADD)


@one_ring.step(at=OneL.ADD)
def one_add(s: OneState, me: Softirq) -> None:
    """Make it available."""
    wmb(s, me, ADD_WMB)
    give(s, 0, FREE, OFFERED)
    s.vq.num_free = 0
    s.vq.added = idx_add(s.cfg, s.vq.added, 1)
    if s.cfg.watch:
        fresh(s, contents.data[0])
    store(s, me, loc.state, AVAILABLE)
    added(s, me)


@one_ring.step(at=L.KICK_PREPARE, only=NOTIFY)
def one_kick_prepare(s: OneState, me: Softirq) -> None:
    """Does the device want to hear of it?"""
    mb(s, me, KICK_MB)
    if load(s, me, loc.no_notify) == 0:
        me.goto(L.NOTIFY)
    else:
        mark(s, "no kick wanted")
        me.ret()


@one_ring.step(at=L.NOTIFY, only=NOTIFY)
def one_notify(s: OneState, me: Softirq) -> None:
    """Kick the device."""
    line(s, me)
    s.lines.kick = True
    me.ret()


@one_ring.step(at=L.ENABLE_CB_PREPARE, only=NOTIFY)
def one_enable_cb(s: OneState, me: Softirq) -> None:
    """Ask for interrupts again."""
    s.vq.no_interrupt = False
    store(s, me, loc.no_interrupt, 0)
    callbacks_enabled(s, me)


@one_ring.step(at=L.VIRTQUEUE_POLL, only=NOTIFY)
def one_poll(s: OneState, me: Softirq) -> None:
    """One more look."""
    mb(s, me, POLL_MB)
    found = used(s, me)
    over(s, me, "opaque")
    more_work(s, me, found)
