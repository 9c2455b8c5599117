"""Lemmas about notifications, for any layout: why nobody sleeps while there is something to do."""

from __future__ import annotations

from typing import Any

from vrx.models.engines.induction.logic import at, every, implies, lemma, no, same, some
from vrx.proofs.induction.situation import ahead, crossed, opening, undecided
from vrx.proofs.induction.stores import device_stores, hardirq, softirq, waits
from vrx.proofs.induction.words import words
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add
from vrx.spec.rx import State
from vrx.spec.words import pick

COMPLETE_LOCK = "napi_complete_done__lock"


@lemma()
def published(s: State) -> Any:
    """Only until the device decides about an interrupt is its last publication unseen: after that used.idx shows what
    was flushed, and the last decision was about that.  What it has decided about was visible then.  Where buffers do
    not merge virtio_net decides about each entry.

    Mirrors: virtio_notify() after virtqueue_flush(), hw/virtio/virtio.c, QEMU 7.2; where more than half of all
    indices lie between two decisions virtqueue_split_flush() clears signalled_used_valid
    """
    ring, own, unseen = view(s), words(s), undecided(s)
    single = no(some(s.cfg.general, s.cfg.mergeable))
    since, shown = (ahead(s, i, ring.decided) for i in (ring.used, own.shown_used(s)))
    within = since < own.decided_within(s.cfg)
    new = every(0 < since, within)
    deciding = within if s.cfg.general else new  # any caller may notify again
    return every(
        implies(no(unseen), own.shown_used(s) == ring.used),
        implies(single, ahead(s, ring.used, own.shown_used(s)) <= 1),
        implies(
            every(ring.decided_known, s.cfg.event_idx),
            pick(unseen, new, pick(at(s.main, *own.DECIDING), deciding, since == 0)),
            shown <= since,
        ),
    )


@lemma()
def armed_for_all(s: State) -> Any:
    """Once the driver has looked a second time, the arming store waits in no store buffer: the device sees it.

    On an SMP guest it waits in none even before, because the exchange that gives SCHED up is a locked instruction.

    Mirrors: virtio_mb() in virtqueue_poll(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    if s.cfg.memory == "sc":
        return True
    quiet = no(s.napi.sched)
    if s.cfg.guest == "up" or COMPLETE_LOCK in s.cfg.without:  # else the exchange that gives SCHED up drains
        quiet = every(quiet, softirq(s).pc != L.VIRTQUEUE_POLL)
    waiting = some(*(waits(b, *words(s).interrupt_wishes(s.cfg)) for b in s.buffers[:-1]))
    return implies(some(quiet, opening(s)), no(waiting))


@lemma(goal=True)
def asleep(s: State) -> Any:
    """If a used entry is not taken, somebody is awake for it: SCHED is set; or a context is about to set it; or the
    second look is still to come and will find it; or an interrupt is on its way; or the device is about to decide,
    and the decision will be to interrupt.

    Mirrors: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    irq, me, ring, own = hardirq(s), softirq(s), view(s), words(s)
    visible = own.shown_used(s) != ring.received
    on_its_way = some(s.lines.irq, irq.pc == L.VRING_INTERRUPT, s.main.pc == Q.IRQ, me.pc == L.VIRTQUEUE_POLL)
    deciding = some(undecided(s), at(s.main, *own.DECIDING))
    if s.cfg.event_idx:
        if s.cfg.general or s.cfg.mergeable:
            passes = crossed(s, ring.received, ring.used, ring.decided)
        else:  # each entry is decided about
            passes = ring.used == idx_add(s.cfg, ring.received, 1)
        deciding = every(deciding, own.decision(s, some(no(ring.decided_known), passes)))
    return some(
        ring.used == ring.received,
        s.napi.sched,
        at(irq, *own.INTERRUPTED, L.SKB_RECV_DONE, L.NAPI_SCHEDULE_PREP),
        at(me, L.OPEN_NAPI_SCHEDULE, L.NAPI_SCHEDULE_PREP),
        every(on_its_way, visible),
        deciding,
    )


@lemma(goal=True)
def parked(s: State) -> Any:
    """While a packet waits, or a general caller does, the device has asked for kicks where all can see it; and if the
    posted buffers are as many as it waits for, a kick is on its way, or the driver is about to decide, and the decision
    will be to kick.

    Mirrors: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    ring, own = view(s), words(s)
    waiting = every(s.net.queued > 0, s.main.pc != Q.HANDLE_RX)
    on_its_way = some(s.lines.kick, softirq(s).pc == L.NOTIFY)
    posted = ahead(s, ring.added, ring.popped)
    asked = every(no(waits(device_stores(s), *own.kick_wishes(s.cfg))), own.kicks_asked(s))
    if s.cfg.event_idx:
        event = ring.kick_event
        will_kick = crossed(s, event, ring.added, ahead(s, ring.added, ring.added_since))
        asked = every(asked, ahead(s, event, ring.popped) < s.net.queued)
        woken = some(event == ring.added, on_its_way, will_kick)
    else:
        woken = some(posted < s.net.queued, on_its_way, ring.added_since > 0)
    return implies(waiting, asked, woken)


@lemma()
def other_buffer(s: State) -> Any:
    """A CPU that only takes interrupts has at most the store that turns callbacks off waiting, until it wakes the
    thread that polls.

    Mirrors: try_to_wake_up() is a full barrier, kernel/sched/core.c, Linux 6.1
    """
    if s.cfg.irq != "other" or s.cfg.memory == "sc":
        return True
    buffer = s.buffers[1]
    place = words(s).interrupt_wishes(s.cfg)[-1]
    facts = [buffer.count <= 1, implies(buffer.count > 0, hardirq(s).pc == L.NAPI_SCHEDULE)]
    for n in range(len(buffer.where)):
        facts.append(same(buffer.count > n, buffer.where[n] != 0))
        facts.append(some(buffer.where[n] == 0, every(buffer.where[n] == place.code, buffer.value[n] <= 1)))
    return every(*facts)
