"""Lemmas about control, for any layout: who answers for the next poll, and how the indices follow each other."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, implies, lemma, no, same
from vrx.proofs.induction.situation import ahead, fill, opening, polling, receiving, scheduling
from vrx.proofs.induction.stores import softirq
from vrx.proofs.induction.words import words
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add
from vrx.spec.rx import State


@lemma()
def machine_runs(s: State) -> Any:
    """Nobody stops the machine, and neither side ever finds the ring broken.

    Mirrors: virtio_error(), hw/virtio/virtio.c; BAD_RING(), drivers/virtio/virtio_ring.c
    """
    return every(s.net.running, no(s.dev.broken), no(s.vq.broken))


@lemma()
def one_packet(s: State) -> Any:
    """The device refuses packets exactly while one waits in its queue, and has none in hand then.  A general caller
    that waits neither pops nor counts.

    Mirrors: qemu_net_queue_send(), net/queue.c: a sender whose packet is queued stops
    """
    waiting = s.net.queued > 0
    own = words(s)
    completing = (Q.FILL, Q.FLUSH, *own.FLUSHING, Q.SHOULD_NOTIFY, *own.DECIDING, Q.IRQ) if s.cfg.general else ()
    points = at(s.main, Q.IDLE, Q.HANDLE_RX, *completing)
    return every(same(waiting, s.net.receive_disabled), implies(waiting, points))


@lemma()
def scheduled_once(s: State) -> Any:
    """SCHED is set exactly while one party answers for the next poll: the opening, a context that won it, the poll
    list, or the poll itself; and never two of them.

    Mirrors: napi_schedule_prep() and napi_complete_done(), net/core/dev.c, Linux 6.1
    """
    holders = as_number(opening(s)) + as_number(polling(s)) + scheduling(s) + as_number(s.napi.poll_list == 1)
    me = softirq(s)
    refused = every(me.pc == L.DISABLE_CB, me.ret0 == L.IDLE)
    return every(s.napi.poll_list <= 1, holders == as_number(s.napi.sched), implies(refused, s.napi.poll_list == 1))


@lemma()
def suppressed(s: State) -> Any:
    """While buffers are received, callbacks are off.

    Mirrors: virtqueue_disable_cb() at the start of virtnet_poll(), drivers/net/virtio_net.c, Linux 6.1
    """
    hint = True if s.cfg.event_idx else no(words(s).hinted(s))
    return every(implies(receiving(s), view(s).callbacks_off), hint)


@lemma()
def snapshot(s: State) -> Any:
    """From enabling callbacks to the second look, the index to compare with is last_used_idx, which does not move.

    Mirrors: virtqueue_enable_cb_prepare_split() returns last_used_idx, drivers/virtio/virtio_ring.c, Linux 6.1
    """
    me = softirq(s)
    remembering = at(me, *words(s).ENABLING, L.NAPI_COMPLETE_DONE, L.VIRTQUEUE_POLL)
    return every(implies(remembering, me.opaque == s.vq.last_used_idx), no(s.ghost.event_back))


@lemma()
def order(s: State) -> Any:
    """The indices follow each other around the ring, no more than one ring apart: taken by the driver, published by
    the device, filled, popped, seen by the device, published by the driver, written by the driver.

    Mirrors: VIRTIO 1.4, 2.7 and 2.8: no more than queue size buffers are outstanding
    """
    ring = view(s)
    own = words(s)
    marks = (own.shown_used(s), ring.used, ring.popped, ring.seen, own.shown_available(s), ring.added)
    places = [ahead(s, m, ring.received) for m in marks]
    rising = [a <= b for a, b in pairwise(places)]
    return every(*rising, places[-1] <= s.cfg.size)


@lemma()
def counters(s: State) -> Any:
    """num_free is what the indices leave, and not zero where a buffer is added; the device has popped what it holds
    and no more.

    Mirrors: vq->vq.num_free in virtqueue_add_split() and detach_buf_split(), Linux 6.1
    """
    me, own = softirq(s), words(s)
    out = ahead(s, view(s).added, s.vq.last_used_idx)
    return every(
        s.vq.num_free + out + as_number(at(me, *own.WRITTEN)) == s.cfg.size,
        s.dev.last_avail_idx == idx_add(s.cfg, s.dev.used_idx, s.main.held + as_number(at(s.main, *own.POPPED))),
        implies(at(me, L.OPEN_FILL, L.TRY_FILL_RECV, *own.ADDS), s.vq.num_free > 0),
    )


@lemma()
def just_tested(s: State) -> Any:
    """What a branch has just found still holds at the next access: a used entry to take, a buffer to pop.

    Mirrors: more_used_split() before the read of the entry; virtio_queue_split_empty() before the pop
    """
    me, own, ring = softirq(s), words(s), view(s)
    found = ahead(s, own.found(s), ring.popped)
    popping = at(s.main, Q.DISABLE_LOAD, *own.REFUSING, Q.POP_EMPTY, *own.POPPING)
    if s.cfg.general:
        popping = at(s.main, *own.POPPING)
    needed = s.main.rest if s.cfg.mergeable else 1
    return every(
        implies(at(me, *own.TAKING), own.shown_used(s) != ring.received),
        implies(popping, found >= needed),
    )


@lemma()
def counting(s: State) -> Any:
    """While the device counts buffers it is that many past last_avail_idx, not past what is published, and short of
    what the packet needs.

    Mirrors: virtqueue_split_get_avail_bytes(), hw/virtio/virtio.c, QEMU 7.2
    """
    me, ring, here = s.main, view(s), words(s).COUNTING
    seen = ahead(s, words(s).found(s), ring.popped)
    return every(
        implies(
            at(me, Q.NUM_HEADS, *here),
            me.idx == idx_add(s.cfg, ring.popped, me.in_bytes),
            me.in_bytes < me.size,
            me.in_bytes <= seen,
        ),
        implies(at(me, *here), me.in_bytes < seen),
    )


@lemma()
def unkicked(s: State) -> Any:
    """num_added counts the entries since the last decision about a kick, and only while the ring is filled.

    Mirrors: vq->num_added in virtqueue_add_split() and virtqueue_kick_prepare_split(), Linux 6.1
    """
    me, ring, own = softirq(s), view(s), words(s)
    decided = ahead(s, ring.added, own.shown_available(s)) <= ring.added_since
    adding = at(me, *(p for p in fill(s) if p != L.NOTIFY))
    return every(
        decided,
        ring.added_since + s.vq.num_free + as_number(at(me, *own.WRITTEN)) <= s.cfg.size,
        implies(no(adding), ring.added_since == 0),
    )
