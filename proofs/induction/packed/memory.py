"""Lemmas about the memory of a packed ring: its descriptors, the two event structures, store buffers.

The heart is `each_descriptor`: from last_used_idx on, one lap long, each descriptor is
used, available, or used in the lap before.  It is what the view counts, said the
other way round: what both sides know says what the flags are.
"""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import at, every, implies, lemma, no, same, some
from vrx.proofs.induction.packed.words import (
    FLUSHING,
    flags_waiting,
    next_index,
    offered,
    shown_available,
    shows_used,
    used_index,
    waiting,
    written_of_batch,
)
from vrx.proofs.induction.situation import ahead, opening, undecided
from vrx.proofs.induction.stores import device_stores, driver_stores, entry, softirq, written
from vrx.spec.layouts.packed.contexts import PackedL, PackedQ
from vrx.spec.layouts.packed.memory import AVAIL, DESC, DISABLE, ENABLE, USED, available_mark, loc, used_mark
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, slot, turn
from vrx.spec.rx import USED as USED_BUFFER
from vrx.spec.words import pick


@lemma(over="slots")
def each_descriptor(s: PackedState, j: Any) -> Any:
    """From last_used_idx on, one lap long, each descriptor, as the device's CPU sees it, says that it is used where the
    device has used it, available where the driver has made it so, and else that it was used in the lap before.

    Mirrors: is_used_desc_packed(), Linux 6.1; is_desc_avail(), QEMU 7.2; VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap
    Counters)
    """
    flags = s.ring.desc_flags[j]
    for there, at_slot, value in waiting(device_stores(s), loc.desc_flags):
        flags = pick(every(there, at_slot == j), value, flags)
    index, base = next_index(s, j), s.vq.last_used_idx
    before = pick(index < s.cfg.size, 0, AVAIL | USED)
    available = ahead(s, index, base) < ahead(s, shown_available(s), base)
    unused = pick(available, available_mark(s.cfg, index), before)
    said = pick(shows_used(s, index), used_mark(s.cfg, index), unused)
    # Two inequalities: z3 takes an equation for a definition of the whole array, and gets lost in it.
    return every(flags <= said, said <= flags)


@lemma()
def armed(s: PackedState) -> Any:
    """Whoever gives SCHED up has armed the interrupt first: once callbacks are on, and until SCHED is won again,
    the driver's CPU sees flags that ask for it, and with the event index the position last_used_idx.

    Mirrors: virtqueue_enable_cb_prepare() before napi_complete_done() in virtqueue_napi_complete(), Linux 6.1
    """
    me, vq, stores = softirq(s), s.vq, driver_stores(s)
    on = some(no(s.napi.sched), opening(s), me.pc == L.NAPI_COMPLETE_DONE)
    flags = written(stores, loc.driver_flags, s.ring.driver_flags)
    enabling = at(me, PackedL.ENABLE_CB_OFF_WRAP, PackedL.ENABLE_CB_FLAGS)
    facts = [implies(enabling, vq.event_flags_shadow == DISABLE)]
    if not s.cfg.event_idx:
        return every(*facts, implies(on, flags == ENABLE), vq.event_flags_shadow != DESC)
    named = written(stores, loc.driver_off_wrap, s.ring.driver_off_wrap) == vq.last_used_idx
    return every(
        *facts,
        implies(me.pc == PackedL.ENABLE_CB_FLAGS, named),
        implies(on, named, flags != DISABLE),
    )


@lemma()
def looking(s: PackedState) -> Any:
    """When the device asks for kicks, it has counted less than the packet needs; where the count ended, up to which all
    is available, is what it writes as the position, and where it looks again.

    Mirrors: virtio_queue_packed_set_notification() before virtio_queue_packed_poll(), hw/virtio/virtio.c, QEMU 7.2
    """
    me, dev, stores = s.main, s.dev, device_stores(s)
    before, now = ahead(s, me.opaque, dev.last_avail_idx), ahead(s, shown_available(s), dev.last_avail_idx)
    flags = written(stores, loc.device_flags, s.ring.device_flags)
    facts = [
        implies(at(me, Q.ENABLE_LOAD, PackedQ.ENABLE_FLAGS, PackedQ.RECHECK), before < me.size, before <= now),
        implies(me.pc == PackedQ.RECHECK, flags == (DESC if s.cfg.event_idx else ENABLE)),
    ]
    if s.cfg.event_idx:
        event = written(stores, loc.device_off_wrap, s.ring.device_off_wrap)
        facts += [
            implies(me.pc == Q.ENABLE_LOAD, dev.shadow_avail_idx == me.opaque),
            implies(at(me, PackedQ.ENABLE_FLAGS, PackedQ.RECHECK), event == me.opaque),
        ]
    return every(*facts)


@lemma()
def id_before_flags(s: PackedState) -> Any:
    """Between the two stores of an add, the descriptor has the id of the first free buffer.

    Mirrors: desc[i].id before desc[i].flags in virtqueue_add_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    return implies(softirq(s).pc == PackedL.ADD_HEAD_FLAGS, offered(s, s.vq.next_avail_idx) == s.vq.free_head)


@lemma(over="indices")
def batch(s: PackedState, i: Any) -> Any:
    """While a flush is under way, the descriptors of the elements that are written have their ids.

    Mirrors: virtqueue_packed_flush(), virtqueue_packed_fill_desc(), hw/virtio/virtio.c, QEMU 7.2
    """
    me, k = s.main, ahead(s, i, s.dev.used_idx)
    done = every(at(me, *FLUSHING), 0 < k, k < written_of_batch(s))
    if not some(done, every(me.pc == PackedQ.FLUSH_FLAGS, k == me.element)):
        return True
    return entry(s, device_stores(s), loc.desc_id, i) == s.dev.used_elems[k]


@lemma()
def filled_element(s: PackedState) -> Any:
    """A buffer that the device has filled and not flushed is a used one, and it remembers which.

    Mirrors: vq->used_elems in virtqueue_packed_fill(), hw/virtio/virtio.c, QEMU 7.2, where buffers do not merge
    """
    return _kth_filled(s, 0)


@lemma(over="heights")
def each_filled_element(s: PackedState, k: Any) -> Any:
    """Each buffer that the device has filled and not flushed is a used one, and it remembers which, in their order.

    Mirrors: vq->used_elems in virtqueue_packed_fill(), hw/virtio/virtio.c, QEMU 7.2
    """
    return _kth_filled(s, k)


def _kth_filled(s: PackedState, k: Any) -> Any:
    if not k < s.main.filled:
        return True
    head = s.dev.used_elems[k]
    if not head < s.cfg.size:
        return False
    return every(s.ghost.owner[head] == USED_BUFFER, s.ghost.place[head] == idx_add(s.cfg, s.dev.used_idx, k))


@lemma()
def driver_buffer(s: PackedState) -> Any:
    """The stores that wait on the driver's CPU are, oldest first: the id of a descriptor, followed by the flags that
    make it available, one descriptor after the other; and stores that turn callbacks off or on.  Flags do not wait for
    more descriptors than the device has not taken.

    Mirrors: virtio_wmb() in virtqueue_add_packed(); x86-TSO drains stores in order
    """
    buffer = driver_stores(s)
    if buffer is None:
        return True
    depth = len(buffer.where)
    index = shown_available(s)
    unseen = ahead(s, s.vq.next_avail_idx, s.dev.last_avail_idx)
    facts: list[Any] = [flags_waiting(s) <= unseen]
    for n in range(depth):
        where, value, there = buffer.where[n], buffer.value[n], slot(s.cfg, index)
        ids, flags = where == loc.desc_id.code, where == loc.desc_flags.code
        off_wrap = every(s.cfg.event_idx, where == loc.driver_off_wrap.code, value < turn(s.cfg))
        toggles = some(off_wrap, every(where == loc.driver_flags.code, value <= (DESC if s.cfg.event_idx else DISABLE)))
        last = every(buffer.count == n + 1, softirq(s).pc == PackedL.ADD_HEAD_FLAGS)
        follows = some(buffer.where[n + 1] == loc.desc_flags.code, last) if n + 1 < depth else last
        facts += [
            same(buffer.count > n, where != 0),
            some(where == 0, ids, flags, toggles),
            implies(ids, buffer.at[n] == there, value < s.cfg.size, follows),
            implies(flags, buffer.at[n] == there, value == available_mark(s.cfg, index)),
        ]
        index = pick(flags, idx_add(s.cfg, index, 1), index)
    return every(*facts)


@lemma()
def device_buffer(s: PackedState) -> Any:
    """The stores that wait on the device's CPU are ids and flags of descriptors that are used, and what asks for kicks.
    Flags that wait are those of different descriptors, each of which memory shows as available; an id goes before the
    flags of the first descriptor of its batch.  Descriptors wait only until the device decides about an interrupt.

    Mirrors: smp_wmb() in vring_packed_desc_write(), hw/virtio/virtio.c, QEMU 7.2; the barrier that
    virtio_packed_should_notify() lacks
    """
    buffer = device_stores(s)
    if buffer is None:
        return True
    base, used = s.vq.last_used_idx, s.dev.used_idx
    popped = ahead(s, s.dev.last_avail_idx, base)
    pairs = waiting(buffer, loc.desc_flags)
    shown: Any = used
    facts: list[Any] = []
    for n in reversed(range(len(buffer.where))):
        where, at_slot, value = buffer.where[n], buffer.at[n], buffer.value[n]
        ids, flags = where == loc.desc_id.code, where == loc.desc_flags.code
        off_wrap = every(s.cfg.event_idx, where == loc.device_off_wrap.code, value < turn(s.cfg))
        asks = some(off_wrap, every(where == loc.device_flags.code, value <= DESC))
        lap, index = next_index(s, at_slot), used_index(s, at_slot, value)
        here = ahead(s, lap, base)
        facts += [
            same(buffer.count > n, where != 0),
            some(where == 0, ids, flags, asks),
            implies(some(ids, flags), some(undecided(s), at(s.main, *FLUSHING)), here < popped),
            implies(ids, value < s.cfg.size, here >= ahead(s, shown, base)),
            implies(
                flags,
                value == used_mark(s.cfg, lap),
                shows_used(s, lap),
                s.ring.desc_flags[at_slot] == available_mark(s.cfg, lap),
                *(no(every(there, other == at_slot)) for there, other, _ in pairs[n + 1 :]),
            ),
        ]
        before = every(flags, ahead(s, index, base) < ahead(s, shown, base))
        shown = pick(before, index, shown)
    return every(*facts)


@lemma()
def entry_in_hand(s: PackedState) -> Any:
    """The driver keeps nothing of a used descriptor behind the step that takes it, and a poll begins with nothing
    received.

    Mirrors: the local variables of virtqueue_get_buf_ctx_packed(), Linux 6.1
    """
    me: Any = softirq(s)
    takes = some(me.pc == L.MORE_USED, me.pc == PackedL.USED_ID, me.pc == L.REFILL_TEST)
    return every(me.head == 0, me.length == 0, some(takes, no(me.received)))
