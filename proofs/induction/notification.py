"""Lemmas about notifications: why nobody sleeps while there is something to do."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import as_number, at, every, implies, lemma, no, same, some
from vrx.proofs.induction.situation import (
    ahead,
    crossed,
    device_stores,
    driver_stores,
    hardirq,
    opening,
    softirq,
    undecided,
    used_end,
    waits,
    written,
)
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import NO_INTERRUPT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.words import pick

HALF = 1 << 15
"""Half of all indices."""
COMPLETE_LOCK = "napi_complete_done__lock"


@lemma()
def published(s: SplitState) -> Any:
    """Only until the device decides about an interrupt is its last publication unseen: after that used.idx shows what
    was flushed, and the last decision was about that.  What it has decided about was visible then.  Where buffers do
    not merge virtio_net decides about each entry.

    Mirrors: virtio_notify() after virtqueue_flush(), hw/virtio/virtio.c, QEMU 7.2; where more than half of all
    indices lie between two decisions virtqueue_split_flush() clears signalled_used_valid
    """
    dev, deciding = s.dev, undecided(s)
    single = no(some(s.cfg.general, s.cfg.mergeable))
    since, shown = (ahead(s, i, dev.signalled_used) for i in (dev.used_idx, s.ring.used_idx))
    return every(
        implies(no(deciding), s.ring.used_idx == dev.used_idx),
        implies(single, ahead(s, dev.used_idx, s.ring.used_idx) <= 1),
        implies(
            every(dev.signalled_used_valid, s.cfg.event_idx),
            pick(deciding, every(0 < since, since < HALF), since == 0),
            shown <= since,
        ),
    )


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
def armed_for_all(s: SplitState) -> Any:
    """Once the driver has looked a second time, the arming store waits in no store buffer: the device sees it.

    On an SMP guest it waits in none even before, because the exchange that gives SCHED up is a locked instruction.

    Mirrors: virtio_mb() in virtqueue_poll(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    if s.cfg.memory == "sc":
        return True
    quiet = no(s.napi.sched)
    if s.cfg.guest == "up" or COMPLETE_LOCK in s.cfg.without:  # else the exchange that gives SCHED up drains
        quiet = every(quiet, softirq(s).pc != L.VIRTQUEUE_POLL)
    place = loc.used_event if s.cfg.event_idx else loc.avail_flags
    waiting = some(*(waits(b, place) for b in s.buffers[:-1]))
    return implies(some(quiet, opening(s)), no(waiting))


@lemma(goal=True)
def asleep(s: SplitState) -> Any:
    """If a used entry is not taken, somebody is awake for it: SCHED is set; or a context is about to set it; or the
    second look is still to come and will find it; or an interrupt is on its way; or the device is about to decide,
    and the decision will be to interrupt.

    Mirrors: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    irq, me, dev = hardirq(s), softirq(s), s.dev
    visible = s.ring.used_idx != s.vq.last_used_idx
    on_its_way = some(s.lines.irq, irq.pc == L.VRING_INTERRUPT, s.main.pc == Q.IRQ, me.pc == L.VIRTQUEUE_POLL)
    deciding = undecided(s)
    if s.cfg.event_idx:
        if s.cfg.general or s.cfg.mergeable:
            passes = crossed(s, s.vq.last_used_idx, dev.used_idx, dev.signalled_used)
        else:  # each entry is decided about
            passes = dev.used_idx == idx_add(s.cfg, s.vq.last_used_idx, 1)
        deciding = every(deciding, some(no(dev.signalled_used_valid), passes))
    return some(
        dev.used_idx == s.vq.last_used_idx,
        s.napi.sched,
        at(irq, SplitL.EVENT_TRIGGERED, L.SKB_RECV_DONE, L.NAPI_SCHEDULE_PREP),
        at(me, L.OPEN_NAPI_SCHEDULE, L.NAPI_SCHEDULE_PREP),
        every(on_its_way, visible),
        deciding,
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


@lemma(goal=True)
def parked(s: SplitState) -> Any:
    """While a packet waits, or a general caller does, the device has asked for kicks where all can see it; and if the
    posted buffers are as many as it waits for, a kick is on its way, or the driver is about to decide, and the decision
    will be to kick.

    Mirrors: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    vq, dev = s.vq, s.dev
    waiting = every(s.net.queued > 0, s.main.pc != Q.HANDLE_RX)
    on_its_way = some(s.lines.kick, softirq(s).pc == L.NOTIFY)
    posted = ahead(s, vq.avail_idx_shadow, dev.last_avail_idx)
    place = loc.avail_event if s.cfg.event_idx else loc.used_flags
    asked = no(waits(device_stores(s), place))
    if s.cfg.event_idx:
        event = s.ring.avail_event
        will_kick = crossed(s, event, vq.avail_idx_shadow, ahead(s, vq.avail_idx_shadow, vq.num_added))
        asked = every(asked, ahead(s, event, dev.last_avail_idx) < s.net.queued)
        woken = some(event == vq.avail_idx_shadow, on_its_way, will_kick)
    else:
        asked = every(asked, s.ring.used_flags == 0)
        woken = some(posted < s.net.queued, on_its_way, vq.num_added > 0)
    return implies(waiting, asked, woken)


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
def other_buffer(s: SplitState) -> Any:
    """A CPU that only takes interrupts has at most the store that turns callbacks off waiting, until it wakes the
    thread that polls.

    Mirrors: try_to_wake_up() is a full barrier, kernel/sched/core.c, Linux 6.1
    """
    if s.cfg.irq != "other" or s.cfg.memory == "sc":
        return True
    buffer = s.buffers[1]
    place = loc.used_event if s.cfg.event_idx else loc.avail_flags
    facts = [buffer.count <= 1, implies(buffer.count > 0, hardirq(s).pc == L.NAPI_SCHEDULE)]
    for n in range(len(buffer.where)):
        facts.append(same(buffer.count > n, buffer.where[n] != 0))
        facts.append(some(buffer.where[n] == 0, every(buffer.where[n] == place.code, buffer.value[n] <= 1)))
    return every(*facts)


NOTIFICATION = (published, armed, armed_for_all, asleep, looking, parked)
STORES = (driver_buffer, device_buffer, other_buffer)
"""With sequential consistency they say that memory shows what was written."""
