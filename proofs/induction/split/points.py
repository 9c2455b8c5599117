"""Lemmas about control where a ring is split: at which points the contexts stand, and what is alive there."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, implies, lemma, no, same, some
from vrx.proofs.induction.situation import counts, filling
from vrx.proofs.induction.stores import hardirq, softirq
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import DevicePoint, Q
from vrx.spec.words import pick

ALONE = (
    L.IDLE, L.OPEN_FILL, L.OPEN_NAPI_ENABLE, L.OPEN_NAPI_SCHEDULE, L.NAPI_SCHEDULE_PREP, L.NAPI_SCHEDULE,
    L.VIRTNET_POLL, L.MORE_USED, SplitL.USED_ID, L.REFILL_TEST, L.POLL_DONE, L.ENABLE_CB_PREPARE,
    SplitL.ENABLE_CB_EVENT, L.NAPI_COMPLETE_DONE, L.VIRTQUEUE_POLL,
)  # fmt: skip
"""Points of the softirq that were not called, or that return to the idle loop."""
RECEIVING = (
    Q.CAN_RECEIVE, Q.EMPTY, Q.NUM_HEADS, SplitQ.GET_HEAD, Q.ENABLE_LOAD, SplitQ.ENABLE_STORE, SplitQ.RECHECK,
    Q.DISABLE_LOAD, SplitQ.DISABLE_STORE, Q.POP_EMPTY, SplitQ.POP_HEAD, Q.UNPOP, Q.FILL, Q.FLUSH, Q.SHOULD_NOTIFY,
    Q.IRQ,
)  # fmt: skip
"""Points of the main loop with a packet in hand."""
HOLDING = (Q.UNPOP, Q.FILL, Q.FLUSH)
"""Points of the main loop with a buffer in hand."""


@lemma()
def driver_points(s: SplitState) -> Any:
    """A context of the guest stands at a point of its own program, and returns from a call to where it came from.

    Mirrors: the call graph of vring_interrupt(), virtnet_open() and virtnet_poll(), Linux 6.1
    """
    me, irq = softirq(s), hardirq(s)
    alone = at(me, *ALONE) if s.cfg.event_idx else at(me, *ALONE, SplitL.ENABLE_CB_FLAGS)
    disabling = every(me.pc == L.DISABLE_CB, some(*(me.ret0 == p for p in (L.NAPI_SCHEDULE, L.MORE_USED, L.IDLE))))
    polls = some(every(alone, me.ret0 == L.IDLE), disabling, filling(s, L.OPEN_NAPI_ENABLE), filling(s, L.POLL_DONE))
    flat = (L.IDLE, L.VRING_INTERRUPT, L.SKB_RECV_DONE, L.NAPI_SCHEDULE_PREP, L.NAPI_SCHEDULE)
    points = (*flat, SplitL.EVENT_TRIGGERED) if s.cfg.event_idx else flat
    disables = every(irq.pc == L.DISABLE_CB, irq.ret0 == L.NAPI_SCHEDULE)
    interrupts = some(every(at(irq, *points), irq.ret0 == L.IDLE), disables)
    facts = [polls, interrupts, me.ret1 == L.IDLE, irq.ret1 == L.IDLE]
    if s.cfg.irq == "other":
        facts += [s.cpus[0].hardirq.pc == L.IDLE, s.cpus[1].softirq.pc == L.IDLE]
    return every(*facts)


@lemma()
def device_points(s: SplitState) -> Any:
    """The main loop stands at a point of its own program; it has a packet in hand exactly while it receives, and
    a buffer in hand exactly from the pop to the flush.  A general caller keeps in hand what it popped as it likes.

    Mirrors: virtio_net_receive_rcu(), hw/net/virtio-net.c, QEMU 7.2
    """
    me = s.main
    here = _general(s) if s.cfg.general else _virtio_net(s)
    return every(
        *here,
        s.dev.inuse == me.held,
        implies(no(at(me, Q.NUM_HEADS, SplitQ.GET_HEAD)), me.idx == 0, me.in_bytes == 0),
        implies(no(at(me, Q.ENABLE_LOAD, SplitQ.ENABLE_STORE, SplitQ.RECHECK)), me.opaque == 0),
    )


def _general(s: SplitState) -> list[Any]:
    """Any caller: its wish is alive while it counts and looks again, the number to flush until it is flushed."""
    me = s.main
    missing = {Q.CAN_RECEIVE, Q.EMPTY, Q.UNPOP} | ({SplitQ.DISABLE_STORE} if s.cfg.event_idx else set())
    points = [p for p in RECEIVING if p not in missing] + ([SplitQ.POP_EVENT] if s.cfg.event_idx else [])
    return [
        at(me, Q.IDLE, Q.HANDLE_RX, *points),
        same(me.size > 0, counts(s)),
        same(me.rest > 0, me.pc == Q.FLUSH),
        me.rest <= me.filled,
        me.filled <= me.held,
        implies(me.pc == Q.FILL, me.filled < me.held),
    ]


def _virtio_net(s: SplitState) -> list[Any]:
    """virtio_net_receive()."""
    me = s.main
    missing: set[DevicePoint] = {SplitQ.DISABLE_STORE} if s.cfg.event_idx else set()
    if s.cfg.mergeable:
        missing |= {Q.UNPOP}
    receiving = at(me, *(p for p in RECEIVING if p not in missing))
    return [
        some(at(me, Q.IDLE, Q.HANDLE_RX), receiving),
        same(receiving, me.size > 0),
        *(_merged(s) if s.cfg.mergeable else _single(s)),
        implies(at(me, Q.POP_EMPTY, SplitQ.POP_HEAD, SplitQ.DISABLE_STORE), no(s.dev.notification)),
    ]


def _single(s: SplitState) -> list[Any]:
    """One buffer a packet: in hand from the pop to the flush."""
    me = s.main
    popping = at(me, Q.DISABLE_LOAD, SplitQ.DISABLE_STORE, Q.POP_EMPTY, SplitQ.POP_HEAD)
    return [
        me.held == as_number(at(me, *HOLDING)),
        me.filled == as_number(me.pc == Q.FLUSH),
        pick(popping, me.rest == me.size, me.rest == 0),
    ]


def _merged(s: SplitState) -> list[Any]:
    """Several buffers a packet: popped one by one, then filled one by one, then flushed together."""
    me = s.main
    before, popping = at(me, Q.DISABLE_LOAD, SplitQ.DISABLE_STORE), at(me, Q.POP_EMPTY, SplitQ.POP_HEAD)
    filling = at(me, Q.FILL, Q.FLUSH)
    return [
        implies(before, me.rest == me.size, me.held == 0),
        implies(popping, me.rest + me.held == me.size, me.rest > 0),
        implies(filling, me.rest == 0, me.held == me.size),
        implies(no(some(before, popping, filling)), me.rest == 0, me.held == 0),
        implies(me.pc == Q.FILL, me.filled < me.held),
        implies(me.pc == Q.FLUSH, me.filled == me.held),
        implies(no(filling), me.filled == 0),
    ]
