"""Lemmas about control: where the contexts can stand together, and which of their variables are alive there."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, implies, lemma, no, same, some
from vrx.proofs.induction.situation import (
    FILL,
    ahead,
    counts,
    filling,
    hardirq,
    opening,
    polling,
    receiving,
    scheduling,
    softirq,
)
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import DevicePoint, Q
from vrx.spec.ring import idx_add
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


@lemma()
def machine_runs(s: SplitState) -> Any:
    """Nobody stops the machine, and neither side ever finds the ring broken.

    Mirrors: virtio_error(), hw/virtio/virtio.c; BAD_RING(), drivers/virtio/virtio_ring.c
    """
    return every(s.net.running, no(s.dev.broken), no(s.vq.broken))


@lemma()
def one_packet(s: SplitState) -> Any:
    """The device refuses packets exactly while one waits in its queue, and has none in hand then.  A general caller
    that waits neither pops nor counts.

    Mirrors: qemu_net_queue_send(), net/queue.c: a sender whose packet is queued stops
    """
    waiting = s.net.queued > 0
    points = (Q.IDLE, Q.HANDLE_RX, *((Q.FILL, Q.FLUSH, Q.SHOULD_NOTIFY, Q.IRQ) if s.cfg.general else ()))
    return every(same(waiting, s.net.receive_disabled), implies(waiting, at(s.main, *points)))


@lemma()
def scheduled_once(s: SplitState) -> Any:
    """SCHED is set exactly while one party answers for the next poll: the opening, a context that won it, the poll
    list, or the poll itself; and never two of them.

    Mirrors: napi_schedule_prep() and napi_complete_done(), net/core/dev.c, Linux 6.1
    """
    holders = as_number(opening(s)) + as_number(polling(s)) + scheduling(s) + as_number(s.napi.poll_list == 1)
    me = softirq(s)
    refused = every(me.pc == L.DISABLE_CB, me.ret0 == L.IDLE)
    return every(s.napi.poll_list <= 1, holders == as_number(s.napi.sched), implies(refused, s.napi.poll_list == 1))


@lemma()
def suppressed(s: SplitState) -> Any:
    """While buffers are received, callbacks are off.

    Mirrors: virtqueue_disable_cb() at the start of virtnet_poll(), drivers/net/virtio_net.c, Linux 6.1
    """
    hint = True if s.cfg.event_idx else no(s.vq.event_triggered)
    return every(implies(receiving(s), s.vq.no_interrupt), hint)


@lemma()
def snapshot(s: SplitState) -> Any:
    """From enabling callbacks to the second look, the index to compare with is last_used_idx, which does not move.

    Mirrors: virtqueue_enable_cb_prepare_split() returns last_used_idx, drivers/virtio/virtio_ring.c, Linux 6.1
    """
    me = softirq(s)
    remembering = at(me, SplitL.ENABLE_CB_FLAGS, SplitL.ENABLE_CB_EVENT, L.NAPI_COMPLETE_DONE, L.VIRTQUEUE_POLL)
    return every(implies(remembering, me.opaque == s.vq.last_used_idx), no(s.ghost.event_back))


@lemma()
def order(s: SplitState) -> Any:
    """The indices follow each other around the ring, no more than one ring apart: taken by the driver, published by
    the device, filled, popped, seen by the device, published by the driver, written by the driver.

    Mirrors: VIRTIO 1.4, 2.7 (Split Virtqueues): no more than queue size buffers are outstanding
    """
    base = s.vq.last_used_idx
    marks = (
        s.ring.used_idx, s.dev.used_idx, s.dev.last_avail_idx, s.dev.shadow_avail_idx, s.ring.avail_idx,
        s.vq.avail_idx_shadow,
    )  # fmt: skip
    places = [ahead(s, m, base) for m in marks]
    rising = [a <= b for a, b in pairwise(places)]
    return every(*rising, places[-1] <= s.cfg.size)


@lemma()
def counters(s: SplitState) -> Any:
    """num_free is what the indices leave, and not zero where a buffer is added; the device has popped what it holds
    and no more.

    Mirrors: vq->vq.num_free in virtqueue_add_split() and detach_buf_split(), Linux 6.1
    """
    me = softirq(s)
    out = ahead(s, s.vq.avail_idx_shadow, s.vq.last_used_idx)
    return every(
        s.vq.num_free + out + as_number(me.pc == SplitL.ADD_IDX) == s.cfg.size,
        s.dev.last_avail_idx == idx_add(s.cfg, s.dev.used_idx, s.main.held + as_number(s.main.pc == SplitQ.POP_EVENT)),
        implies(at(me, L.OPEN_FILL, L.TRY_FILL_RECV, SplitL.ADD_RING), s.vq.num_free > 0),
    )


@lemma()
def just_tested(s: SplitState) -> Any:
    """What a branch has just found still holds at the next access: a used entry to take, a buffer to pop.

    Mirrors: more_used_split() before the read of the entry; virtio_queue_split_empty() before the pop
    """
    me = softirq(s)
    popping = at(s.main, Q.DISABLE_LOAD, SplitQ.DISABLE_STORE, Q.POP_EMPTY, SplitQ.POP_HEAD)
    if s.cfg.general:
        popping = s.main.pc == SplitQ.POP_HEAD
    needed = s.main.rest if s.cfg.mergeable else 1
    return every(
        implies(me.pc == SplitL.USED_ID, s.ring.used_idx != s.vq.last_used_idx),
        implies(popping, ahead(s, s.dev.shadow_avail_idx, s.dev.last_avail_idx) >= needed),
    )


@lemma()
def counting(s: SplitState) -> Any:
    """While the device counts buffers it is that many past last_avail_idx, not past what is published, and short of
    what the packet needs.

    Mirrors: virtqueue_split_get_avail_bytes(), hw/virtio/virtio.c, QEMU 7.2
    """
    me, dev = s.main, s.dev
    seen = ahead(s, dev.shadow_avail_idx, dev.last_avail_idx)
    return every(
        implies(
            at(me, Q.NUM_HEADS, SplitQ.GET_HEAD),
            me.idx == idx_add(s.cfg, dev.last_avail_idx, me.in_bytes),
            me.in_bytes < me.size,
            me.in_bytes <= seen,
        ),
        implies(me.pc == SplitQ.GET_HEAD, me.in_bytes < seen),
    )


@lemma()
def unkicked(s: SplitState) -> Any:
    """num_added counts the entries since the last decision about a kick, and only while the ring is filled.

    Mirrors: vq->num_added in virtqueue_add_split() and virtqueue_kick_prepare_split(), Linux 6.1
    """
    me = softirq(s)
    decided = ahead(s, s.vq.avail_idx_shadow, s.ring.avail_idx) <= s.vq.num_added
    adding = at(me, *(p for p in FILL if p != L.NOTIFY))
    return every(
        decided,
        s.vq.num_added + s.vq.num_free + as_number(me.pc == SplitL.ADD_IDX) <= s.cfg.size,
        implies(no(adding), s.vq.num_added == 0),
    )


CONTROL = (
    driver_points, device_points, machine_runs, one_packet, scheduled_once, suppressed, snapshot, order, counters,
    just_tested, counting, unkicked,
)  # fmt: skip
