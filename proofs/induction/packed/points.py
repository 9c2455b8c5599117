"""Lemmas about control where a ring is packed: at which points the contexts stand, and what is alive there."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, implies, lemma, no, same, some
from vrx.proofs.induction.packed.words import DECIDING, FLUSHING
from vrx.proofs.induction.situation import counts, filling
from vrx.proofs.induction.stores import hardirq, softirq
from vrx.spec.layouts.packed.contexts import PackedL, PackedQ
from vrx.spec.layouts.packed.memory import DESC
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import DevicePoint, Q
from vrx.spec.words import pick

ALONE = (
    L.IDLE, L.OPEN_FILL, L.OPEN_NAPI_ENABLE, L.OPEN_NAPI_SCHEDULE, L.NAPI_SCHEDULE_PREP, L.NAPI_SCHEDULE,
    L.VIRTNET_POLL, L.MORE_USED, PackedL.USED_ID, L.REFILL_TEST, L.POLL_DONE, L.ENABLE_CB_PREPARE,
    L.NAPI_COMPLETE_DONE, L.VIRTQUEUE_POLL,
)  # fmt: skip
"""Points of the softirq that were not called, or that return to the idle loop."""
RECEIVING = (
    Q.CAN_RECEIVE, Q.EMPTY, Q.NUM_HEADS, Q.ENABLE_LOAD, PackedQ.ENABLE_FLAGS, PackedQ.RECHECK, Q.DISABLE_LOAD,
    Q.POP_EMPTY, PackedQ.POP_FLAGS, PackedQ.POP_ID, Q.UNPOP, Q.FILL, Q.FLUSH, *FLUSHING, Q.SHOULD_NOTIFY, *DECIDING,
    Q.IRQ,
)  # fmt: skip
"""Points of the main loop with a packet in hand."""
FLUSHES = (Q.FLUSH, *FLUSHING)
"""Points of virtqueue_packed_flush()."""
WITH_POSITIONS = {PackedQ.ENABLE_FLAGS, *DECIDING}
"""Points of the main loop with the event index only."""


@lemma()
def driver_points(s: PackedState) -> Any:
    """A context of the guest stands at a point of its own program, and returns from a call to where it came from.

    Mirrors: the call graph of vring_interrupt(), virtnet_open() and virtnet_poll(), Linux 6.1
    """
    me, irq = softirq(s), hardirq(s)
    enabling = (PackedL.ENABLE_CB_OFF_WRAP, PackedL.ENABLE_CB_FLAGS)
    alone = at(me, *ALONE, *enabling) if s.cfg.event_idx else at(me, *ALONE)
    disabling = every(me.pc == L.DISABLE_CB, some(*(me.ret0 == p for p in (L.NAPI_SCHEDULE, L.MORE_USED, L.IDLE))))
    polls = some(every(alone, me.ret0 == L.IDLE), disabling, filling(s, L.OPEN_NAPI_ENABLE), filling(s, L.POLL_DONE))
    flat = (L.IDLE, L.VRING_INTERRUPT, L.SKB_RECV_DONE, L.NAPI_SCHEDULE_PREP, L.NAPI_SCHEDULE)
    points = (*flat, PackedL.EVENT_TRIGGERED) if s.cfg.event_idx else flat
    disables = every(irq.pc == L.DISABLE_CB, irq.ret0 == L.NAPI_SCHEDULE)
    interrupts = some(every(at(irq, *points), irq.ret0 == L.IDLE), disables)
    facts = [polls, interrupts, me.ret1 == L.IDLE, irq.ret1 == L.IDLE]
    if s.cfg.irq == "other":
        facts += [s.cpus[0].hardirq.pc == L.IDLE, s.cpus[1].softirq.pc == L.IDLE]
    return every(*facts)


@lemma()
def device_points(s: PackedState) -> Any:
    """The main loop stands at a point of its own program; it has a packet in hand exactly while it receives, and
    a buffer in hand exactly from the pop to the end of the flush, which writes the first element last.  A general
    caller keeps in hand what it popped as it likes.

    Mirrors: virtio_net_receive_rcu(), hw/net/virtio-net.c; virtqueue_packed_flush(), hw/virtio/virtio.c, QEMU 7.2
    """
    me = s.main
    here = _general(s) if s.cfg.general else _virtio_net(s)
    count = me.rest if s.cfg.general else me.held
    return every(
        *here,
        s.dev.inuse == me.held,
        implies(me.pc != Q.NUM_HEADS, me.idx == 0, me.in_bytes == 0),
        implies(no(at(me, Q.ENABLE_LOAD, PackedQ.ENABLE_FLAGS, PackedQ.RECHECK)), me.opaque == 0),
        implies(no(at(me, *FLUSHING)), me.element == 0),
        implies(at(me, *FLUSHING), me.element < count),
        implies(me.pc == PackedQ.FLUSH_ID, me.element != 1, count > 1),
        implies(no(at(me, *DECIDING)), me.event_flags == 0) if s.cfg.event_idx else True,
        me.event_flags <= DESC,
    )


def _general(s: PackedState) -> list[Any]:
    """Any caller that flushes what it has filled: its wish is alive while it counts and looks again."""
    me = s.main
    missing: set[DevicePoint] = {Q.CAN_RECEIVE, Q.EMPTY, Q.UNPOP} | (set() if s.cfg.event_idx else WITH_POSITIONS)
    return [
        at(me, Q.IDLE, Q.HANDLE_RX, *(p for p in RECEIVING if p not in missing)),
        same(me.size > 0, counts(s)),
        pick(at(me, *FLUSHES), every(me.rest > 0, me.rest == me.filled), me.rest == 0),
        me.filled <= me.held,
        implies(me.pc == Q.FILL, me.filled < me.held),
        implies(at(me, *DECIDING), me.owed == 0) if s.cfg.event_idx else True,
    ]


def _virtio_net(s: PackedState) -> list[Any]:
    """virtio_net_receive()."""
    me = s.main
    missing: set[DevicePoint] = set() if s.cfg.event_idx else set(WITH_POSITIONS)
    if s.cfg.mergeable:
        missing |= {Q.UNPOP}
    receiving = at(me, *(p for p in RECEIVING if p not in missing))
    return [
        some(at(me, Q.IDLE, Q.HANDLE_RX), receiving),
        same(receiving, me.size > 0),
        *(_merged(s) if s.cfg.mergeable else _single(s)),
        implies(at(me, Q.POP_EMPTY, PackedQ.POP_FLAGS, PackedQ.POP_ID), no(s.dev.notification)),
    ]


def _single(s: PackedState) -> list[Any]:
    """One buffer a packet: in hand from the pop to the flush."""
    me = s.main
    popping = at(me, Q.DISABLE_LOAD, Q.POP_EMPTY, PackedQ.POP_FLAGS, PackedQ.POP_ID)
    return [
        me.held == as_number(at(me, Q.UNPOP, Q.FILL, *FLUSHES)),
        me.filled == as_number(at(me, *FLUSHES)),
        pick(popping, me.rest == me.size, me.rest == 0),
    ]


def _merged(s: PackedState) -> list[Any]:
    """Several buffers a packet: popped one by one, then filled one by one, then flushed together."""
    me = s.main
    before, popping = me.pc == Q.DISABLE_LOAD, at(me, Q.POP_EMPTY, PackedQ.POP_FLAGS, PackedQ.POP_ID)
    filling = at(me, Q.FILL, *FLUSHES)
    return [
        implies(before, me.rest == me.size, me.held == 0),
        implies(popping, me.rest + me.held == me.size, me.rest > 0),
        implies(filling, me.rest == 0, me.held == me.size),
        implies(no(some(before, popping, filling)), me.rest == 0, me.held == 0),
        implies(me.pc == Q.FILL, me.filled < me.held),
        implies(at(me, *FLUSHES), me.filled == me.held),
        implies(no(filling), me.filled == 0),
    ]
