"""hw/virtio/virtio.c: what a split virtqueue's device gives back, QEMU 7.2: used entries, used.idx, the interrupt."""

from __future__ import annotations

from vrx.spec.layouts.device import notify_if, virtio_irq
from vrx.spec.layouts.split.memory import NO_INTERRUPT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import Barrier, dead, load, mb, store, wmb
from vrx.spec.qemu.returns import disabled_meanwhile, filled, flush_count, flushed, kept
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub, slot, turn, vring_need_event
from vrx.spec.rx import HELD, USED, give, goes_on
from vrx.spec.steps import Machine
from vrx.spec.switches import NOTIFY

using = Machine("hw/virtio/virtio.c")

FLUSH_WMB = Barrier("virtqueue_split_flush__wmb", "wmb", "virtqueue_split_flush()")
SHOULD_NOTIFY_MB = Barrier("virtio_split_should_notify__mb", "mb", "virtio_split_should_notify()")
BARRIERS = (FLUSH_WMB, SHOULD_NOTIFY_MB)


@using.step(at=Q.FILL)
def virtqueue_split_fill(s: SplitState, me: MainLoop) -> None:
    """Write the used element of one buffer, 8 bytes at once; nothing is published yet, and by a broken device never.

    C: virtqueue_fill(), virtqueue_split_fill(), vring_used_write(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    if disabled_meanwhile(s):
        filled(s, me)
        return
    goes_on(s, s.dev.broken)
    head = me.elems[kept(s, me.filled)]
    index = idx_add(s.cfg, s.dev.used_idx, me.filled)
    position = slot(s.cfg, index)
    give(s, head, HELD, USED, index)
    consumed = idx_add(s.cfg, idx_sub(s.cfg, s.dev.last_avail_idx, me.held), me.filled)
    dead(s, loc.avail_ring[slot(s.cfg, consumed)])
    if s.cfg.data:
        store(s, me, loc.used_elem[position], (head, me.lens[me.filled]))
    else:
        store(s, me, loc.used_id[position], head)
    filled(s, me)


@using.step(at=Q.FLUSH)
def virtqueue_split_flush(s: SplitState, me: MainLoop) -> None:
    """Publish the used elements: one write of used.idx; a broken device only forgets them.

    C: virtqueue_flush(), virtqueue_split_flush(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    dev = s.dev
    if disabled_meanwhile(s):
        dev.inuse = dev.inuse - flush_count(s, me)
        flushed(s, me)
        return
    wmb(s, me, FLUSH_WMB)
    goes_on(s, dev.broken)
    count = flush_count(s, me)
    old = dev.used_idx
    new = idx_add(s.cfg, old, count)
    dev.used_idx = new
    store(s, me, loc.used_idx, new)
    dev.inuse = dev.inuse - count
    since = idx_sub(s.cfg, new, dev.signalled_used)
    if since >= turn(s.cfg) // 2 or since < count:  # the cast to int16_t makes the former negative
        dev.signalled_used_valid = False
    flushed(s, me)


@using.step(at=Q.SHOULD_NOTIFY, only=NOTIFY)
def virtio_split_should_notify(s: SplitState, me: MainLoop) -> None:
    """Decide whether the driver wants to hear of it.

    C: virtio_notify(), virtio_split_should_notify(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    dev = s.dev
    mb(s, me, SHOULD_NOTIFY_MB)
    me.owed = 0
    if s.cfg.event_idx:
        valid = dev.signalled_used_valid
        old = dev.signalled_used
        dev.signalled_used_valid = True
        dev.signalled_used = dev.used_idx
        wanted = not valid or vring_need_event(s.cfg, load(s, me, loc.used_event), dev.used_idx, old)
    else:
        wanted = load(s, me, loc.avail_flags) != NO_INTERRUPT
    notify_if(s, me, wanted)


using.step(at=Q.IRQ, only=NOTIFY)(virtio_irq)
