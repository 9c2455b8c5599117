"""The device's half of a ring of one slot."""

from __future__ import annotations

from tests.one_slot.memory import AVAILABLE, USED, loc
from tests.one_slot.state import OneQ, OneState
from vrx.spec.memory import Barrier, line, load, mb, rmb, store, wmb
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import (
    count_bytes,
    disabled_meanwhile,
    filled,
    flush_count,
    flushed,
    forget_element,
    judge_buffers,
    kept,
    not_empty,
    nothing_popped,
    notification_is_off,
    popped,
    recheck_says,
)
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub
from vrx.spec.rx import HELD, OFFERED, give
from vrx.spec.rx import USED as WITH_RING
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import NOTIFY

one_virtio = Machine("the device of one slot")

POP_RMB = Barrier("one_slot_pop__rmb", "rmb", "none")
FLUSH_WMB = Barrier("one_slot_flush__wmb", "wmb", "none")
RECHECK_MB = Barrier("one_slot_recheck__mb", "mb", "none")
SHOULD_NOTIFY_MB = Barrier("one_slot_should_notify__mb", "mb", "none")
BARRIERS = (POP_RMB, FLUSH_WMB, RECHECK_MB, SHOULD_NOTIFY_MB)


@one_virtio.helper
def available(s: OneState, me: MainLoop) -> bool:
    """The buffer is there to be popped: memory says so, and the device does not have it already."""
    dev = s.dev
    there: bool = load(s, me, loc.state) == AVAILABLE and dev.inuse == 0
    dev.shadow_avail_idx = idx_add(s.cfg, dev.last_avail_idx, 1) if there else dev.last_avail_idx
    return there


@one_virtio.step(at=Q.EMPTY)
def one_empty(s: OneState, me: MainLoop) -> None:
    """Is a buffer posted?"""
    if not s.dev.broken and available(s, me):
        not_empty(s, me)
    else:
        count_bytes(s, me)


@one_virtio.step(at=Q.NUM_HEADS)
def one_avail_bytes(s: OneState, me: MainLoop) -> None:
    """Count the buffer, if it was not counted yet."""
    if available(s, me) and me.idx == s.dev.last_avail_idx:
        me.in_bytes = 1
    judge_buffers(s, me)


@one_virtio.step(at=Q.ENABLE_LOAD, only=NOTIFY)
def one_notification_on(s: OneState, me: MainLoop) -> None:
    """Kicks are wanted."""
    s.dev.notification = True
    store(s, me, loc.no_notify, 0)
    me.goto(OneQ.RECHECK)


@one_virtio.step(at=OneQ.RECHECK, only=NOTIFY)
def one_recheck(s: OneState, me: MainLoop) -> None:
    """Has a buffer come since the snapshot?"""
    mb(s, me, RECHECK_MB)
    there = not s.dev.broken and available(s, me)
    recheck_says(s, me, there and s.dev.shadow_avail_idx != me.opaque)


@one_virtio.step(at=Q.DISABLE_LOAD, only=NOTIFY)
def one_notification_off(s: OneState, me: MainLoop) -> None:
    """Kicks are not wanted."""
    s.dev.notification = False
    store(s, me, loc.no_notify, 1)
    notification_is_off(s, me)


@one_virtio.step(at=Q.POP_EMPTY)
def one_pop(s: OneState, me: MainLoop) -> None:
    """Take the buffer, if it is there."""
    if s.dev.broken or not available(s, me):
        nothing_popped(s, me)
        return
    rmb(s, me, POP_RMB)
    s.ghost.misuse |= s.vq.added == s.dev.last_avail_idx
    s.dev.last_avail_idx = idx_add(s.cfg, s.dev.last_avail_idx, 1)
    give(s, 0, OFFERED, HELD)
    popped(s, me, 0)


@one_virtio.step(at=Q.UNPOP)
def one_unpop(s: OneState, me: MainLoop) -> None:
    """Give it back; the packet is dropped."""
    s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, 1)
    s.dev.inuse = s.dev.inuse - 1
    give(s, me.elems[0], HELD, OFFERED)
    forget_element(s, me)


@one_virtio.step(at=Q.FILL)
def one_used(s: OneState, me: MainLoop) -> None:
    """Nothing is written; the buffer is on its way back."""
    if not disabled_meanwhile(s):
        give(s, me.elems[kept(s, me.filled)], HELD, WITH_RING)
    filled(s, me)


@one_virtio.step(at=Q.FLUSH)
def one_flush(s: OneState, me: MainLoop) -> None:
    """Publish it."""
    count = flush_count(s, me)
    if not disabled_meanwhile(s):
        wmb(s, me, FLUSH_WMB)
        s.dev.used_idx = idx_add(s.cfg, s.dev.used_idx, count)
        store(s, me, loc.state, USED)
    s.dev.inuse = s.dev.inuse - count
    flushed(s, me)


@one_virtio.step(at=Q.SHOULD_NOTIFY, only=NOTIFY)
def one_should_notify(s: OneState, me: MainLoop) -> None:
    """Does the driver want to hear of it?"""
    mb(s, me, SHOULD_NOTIFY_MB)
    me.owed = 0
    if load(s, me, loc.no_interrupt) == 0:
        me.goto(Q.IRQ)
    else:
        mark(s, "no interrupt wanted")
        done(s, me)


@one_virtio.step(at=Q.IRQ, only=NOTIFY)
def one_irq(s: OneState, me: MainLoop) -> None:
    """Interrupt the driver."""
    if not disabled_meanwhile(s):
        line(s, me)
        s.lines.irq = True
    done(s, me)
