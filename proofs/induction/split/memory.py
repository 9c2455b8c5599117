"""Lemmas about the memory of a split ring: the two event words, store buffers, a used entry."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, implies, lemma, no, same, some
from vrx.proofs.induction.situation import ahead, opening, undecided, used_end
from vrx.proofs.induction.stores import device_stores, driver_stores, softirq, written
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import NO_INTERRUPT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.words import pick


@lemma()
def armed(s: SplitState) -> Any:
    """Whoever gives SCHED up has armed the interrupt first: once callbacks are on, and until SCHED is won again,
    the driver's CPU sees used_event = last_used_idx (or NO_INTERRUPT clear).

    Mirrors: virtqueue_enable_cb_prepare() before napi_complete_done() in virtqueue_napi_complete(), Linux 6.1
    """
    on = some(no(s.napi.sched), opening(s), softirq(s).pc == L.NAPI_COMPLETE_DONE)
    stores = driver_stores(s)
    if s.cfg.event_idx:
        return implies(on, written(stores, loc.used_event, s.ring.used_event) == s.vq.last_used_idx)
    return every(
        implies(some(on, at(softirq(s), SplitL.ENABLE_CB_FLAGS, SplitL.ENABLE_CB_EVENT)), no(s.vq.no_interrupt)),
        implies(
            some(on, softirq(s).pc == SplitL.ENABLE_CB_EVENT),
            written(stores, loc.avail_flags, s.ring.avail_flags) != NO_INTERRUPT,
        ),
    )


@lemma()
def looking(s: SplitState) -> Any:
    """When the device asks for kicks, its snapshot is short of what the packet needs, and the snapshot, the index
    that it puts into avail_event and what is published now follow each other.

    Mirrors: virtio_queue_set_notification() before virtio_queue_split_poll(), hw/virtio/virtio.c, QEMU 7.2
    """
    me, dev = s.main, s.dev
    base = dev.last_avail_idx
    before, now = ahead(s, me.opaque, base), ahead(s, s.ring.avail_idx, base)
    facts = [
        implies(at(me, Q.ENABLE_LOAD, SplitQ.ENABLE_STORE, SplitQ.RECHECK), before < me.size, before <= now),
    ]
    if s.cfg.event_idx:
        event = ahead(s, written(device_stores(s), loc.avail_event, s.ring.avail_event), base)
        between = ahead(s, me.between, base)
        facts += [
            implies(me.pc == SplitQ.ENABLE_STORE, before <= between, between <= now),
            implies(me.pc == SplitQ.RECHECK, before <= event, event <= now),
        ]
    else:
        flags = written(device_stores(s), loc.used_flags, s.ring.used_flags)
        facts.append(implies(me.pc == SplitQ.RECHECK, flags == 0))
    return every(*facts)


@lemma()
def driver_buffer(s: SplitState) -> Any:
    """The stores that wait on the driver's CPU are, oldest first: entries of the available ring, each followed by
    the index that publishes it, one after the other from avail.idx on; and stores that turn callbacks off or on.

    Mirrors: virtio_wmb() in virtqueue_add_split(); x86-TSO drains stores in order
    """
    buffer = driver_stores(s)
    if buffer is None:
        return s.ring.avail_idx == s.vq.avail_idx_shadow
    depth = len(buffer.where)
    index = s.ring.avail_idx
    facts: list[Any] = []
    for n in range(depth):
        where, value = buffer.where[n], buffer.value[n]
        ring, idx = where == loc.avail_ring.code, where == loc.avail_idx.code
        toggles = some(where == loc.used_event.code, every(where == loc.avail_flags.code, value <= 1))
        last = every(buffer.count == n + 1, softirq(s).pc == SplitL.ADD_IDX)
        follows = some(buffer.where[n + 1] == loc.avail_idx.code, last) if n + 1 < depth else last
        there = slot(s.cfg, index)
        facts += [
            same(buffer.count > n, where != 0),
            some(where == 0, ring, idx, toggles),
            implies(ring, buffer.at[n] == there, follows),
            implies(idx, value == idx_add(s.cfg, index, 1)),
        ]
        index = pick(idx, value, index)
    return every(*facts, index == s.vq.avail_idx_shadow)


@lemma()
def device_buffer(s: SplitState) -> Any:
    """The stores that wait on the device's CPU are: entries of the used ring, one after the other up to the last that
    is filled; the indices that publish them, each after its entries and before the decision; what asks for kicks.

    Mirrors: smp_wmb() in virtqueue_split_flush(), smp_mb() in virtio_split_should_notify(), hw/virtio/virtio.c
    """
    buffer = device_stores(s)
    if buffer is None:
        return s.ring.used_idx == s.dev.used_idx
    end = used_end(s)
    shown, elements = s.ring.used_idx, 0
    facts: list[Any] = []
    for n in range(len(buffer.where)):
        where, value = buffer.where[n], buffer.value[n]
        idx, event = where == loc.used_idx.code, where == loc.avail_event.code
        suppresses = event if s.cfg.event_idx else every(where == loc.used_flags.code, value <= 1)
        facts += [
            same(buffer.count > n, where != 0),
            some(where == 0, where == loc.used_id.code, idx, suppresses),
            implies(idx, undecided(s), ahead(s, s.dev.used_idx, value) < ahead(s, s.dev.used_idx, shown)),
            implies(event, some(s.cfg.general, s.main.pc == SplitQ.RECHECK)),
        ]
        shown = pick(idx, value, shown)
    for n in reversed(range(len(buffer.where))):
        elem = buffer.where[n] == loc.used_id.code
        elements = elements + as_number(elem)
        facts += [
            implies(elem, buffer.at[n] == slot(s.cfg, idx_sub(s.cfg, end, elements))),
            implies(buffer.where[n] == loc.used_idx.code, elements <= ahead(s, end, buffer.value[n])),
        ]
    return every(*facts, shown == s.dev.used_idx, elements <= ahead(s, end, s.ring.used_idx))


@lemma()
def entry_in_hand(s: SplitState) -> Any:
    """Outside the read of a used entry the driver's copy of it is dead, and a poll begins with nothing received.

    Mirrors: the local variables of virtqueue_get_buf_ctx_split(), Linux 6.1
    """
    me: Any = softirq(s)
    takes = some(me.pc == L.MORE_USED, me.pc == SplitL.USED_ID, me.pc == L.REFILL_TEST)
    return every(
        some(me.pc == SplitL.USED_LEN, every(me.head == 0, me.length == 0, me.flags == 0)), some(takes, no(me.received))
    )
