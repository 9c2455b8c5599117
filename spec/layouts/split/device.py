"""hw/virtio/virtio.c: the device's half of a split virtqueue, QEMU 7.2.

The order of virtio_net_has_buffers() is: look (which is also the snapshot),
enable, barrier, compare with the snapshot, look again or park.
"""

from __future__ import annotations

from vrx.spec.layouts.split.memory import NO_INTERRUPT, NO_NOTIFY, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import Barrier, dead, line, load, mb, over, rmb, store, wmb
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import (
    count_bytes,
    count_fails,
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
    virtio_error,
)
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add, idx_sub, slot, turn, vring_need_event
from vrx.spec.rx import HELD, OFFERED, TO_DEVICE, USED, give, goes_on, lied
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import EVENT_IDX, NOTIFY

virtio = Machine("hw/virtio/virtio.c")

NUM_HEADS_RMB = Barrier("virtqueue_num_heads__rmb", "rmb", "virtqueue_num_heads()")
SET_NOTIFICATION_MB = Barrier(
    "virtio_queue_split_set_notification__mb", "mb", "virtio_queue_split_set_notification()"
)
POP_RMB = Barrier("virtqueue_split_pop__rmb", "rmb", "virtqueue_split_pop()")
FLUSH_WMB = Barrier("virtqueue_split_flush__wmb", "wmb", "virtqueue_split_flush()")
SHOULD_NOTIFY_MB = Barrier("virtio_split_should_notify__mb", "mb", "virtio_split_should_notify()")
BARRIERS = (NUM_HEADS_RMB, SET_NOTIFICATION_MB, POP_RMB, FLUSH_WMB, SHOULD_NOTIFY_MB)


@virtio.helper
def vring_avail_idx(s: SplitState, me: MainLoop) -> int:
    """Read avail.idx; every read refreshes the shadow.

    C: vring_avail_idx(), hw/virtio/virtio.c, QEMU 7.2
    """
    s.dev.shadow_avail_idx = load(s, me, loc.avail_idx)
    return s.dev.shadow_avail_idx


@virtio.step(at=Q.EMPTY)
def virtio_queue_split_empty(s: SplitState, me: MainLoop) -> None:
    """Is the queue empty?  avail.idx is read only when the shadow says so.

    C: virtio_queue_split_empty(), hw/virtio/virtio.c; virtio_net_has_buffers(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    dev = s.dev
    if dev.broken:
        count_bytes(s, me)
    elif dev.shadow_avail_idx != dev.last_avail_idx:
        not_empty(s, me)
    elif vring_avail_idx(s, me) != dev.last_avail_idx:
        not_empty(s, me)
    else:
        count_bytes(s, me)


@virtio.step(at=Q.NUM_HEADS)
def virtqueue_num_heads(s: SplitState, me: MainLoop) -> None:
    """Are there buffers that were not counted yet?

    C: virtqueue_split_get_avail_bytes(), virtqueue_num_heads(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    heads = idx_sub(s.cfg, vring_avail_idx(s, me), me.idx)
    lied(s, TO_DEVICE, heads > s.cfg.size)
    if heads > s.cfg.size:
        count_fails(s, me)
    elif heads == 0:
        judge_buffers(s, me)
    else:
        rmb(s, me, NUM_HEADS_RMB)
        me.goto(Q.GET_HEAD)


@virtio.step(at=Q.GET_HEAD)
def virtqueue_get_head(s: SplitState, me: MainLoop) -> None:
    """Read which buffer is next, only to know its size; a head that the ring does not have breaks it.

    C: virtqueue_split_get_avail_bytes(), virtqueue_get_head(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    head = load(s, me, loc.avail_ring[slot(s.cfg, me.idx)])
    me.idx = idx_add(s.cfg, me.idx, 1)
    lied(s, TO_DEVICE, head >= s.cfg.size)
    if head >= s.cfg.size:
        count_fails(s, me)
    elif s.cfg.data:
        me.desc = head
        me.goto(Q.DESC_READ)
    else:
        count_buffer(s, me, 1)


@virtio.helper
def count_buffer(s: SplitState, me: MainLoop, length: int) -> None:
    """One more buffer seen; stop when there is enough for the packet."""
    if me.in_bytes + length >= me.size:
        me.in_bytes = me.size
        judge_buffers(s, me)
    else:
        me.in_bytes = me.in_bytes + length
        me.goto(Q.NUM_HEADS)


@virtio.step(at=Q.ENABLE_LOAD, only=NOTIFY)
def virtio_queue_set_notification__load(s: SplitState, me: MainLoop) -> None:
    """Kicks wanted again: read avail.idx for avail_event, or the flags to clear NO_NOTIFY in.

    C: virtio_queue_set_notification(), virtio_queue_split_set_notification(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    s.dev.notification = True
    if s.cfg.event_idx:
        me.between = vring_avail_idx(s, me)
    else:
        me.between = load(s, me, loc.used_flags)
    me.goto(Q.ENABLE_STORE)


@virtio.step(at=Q.ENABLE_STORE, only=NOTIFY)
def virtio_queue_set_notification__store(s: SplitState, me: MainLoop) -> None:
    """Write avail_event, or used.flags without NO_NOTIFY.

    C: vring_set_avail_event(), vring_used_flags_unset_bit(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    if s.cfg.event_idx:
        store(s, me, loc.avail_event, me.between)
    else:
        store(s, me, loc.used_flags, 0)  # NO_NOTIFY is the only bit
    over(s, me, "between")
    me.goto(Q.RECHECK)


@virtio.step(at=Q.RECHECK, only=NOTIFY)
def virtio_queue_split_poll(s: SplitState, me: MainLoop) -> None:
    """Did avail.idx move since the snapshot?

    C: virtio_queue_enable_notification_and_check(), virtio_queue_split_poll(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    mb(s, me, SET_NOTIFICATION_MB)
    if s.dev.broken:
        recheck_says(s, me, False)
    else:
        goes_on(s, s.dev.broken)
        recheck_says(s, me, vring_avail_idx(s, me) != me.opaque)


@virtio.step(at=Q.DISABLE_LOAD, only=NOTIFY)
def virtio_queue_set_notification_off__load(s: SplitState, me: MainLoop) -> None:
    """No kicks wanted: with the event index avail.idx is read and nothing is written; else read the flags.

    C: virtio_queue_set_notification(), vring_set_avail_event(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    s.dev.notification = False
    if s.cfg.event_idx:
        vring_avail_idx(s, me)
        notification_is_off(s, me)
    else:
        me.between = load(s, me, loc.used_flags)
        me.goto(Q.DISABLE_STORE)


@virtio.step(at=Q.DISABLE_STORE, only=NOTIFY & ~EVENT_IDX)
def virtio_queue_set_notification_off__store(s: SplitState, me: MainLoop) -> None:
    """Write used.flags with NO_NOTIFY.

    C: vring_used_flags_set_bit(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    over(s, me, "between")
    store(s, me, loc.used_flags, NO_NOTIFY)
    notification_is_off(s, me)


@virtio.step(at=Q.POP_EMPTY)
def virtqueue_split_pop__empty(s: SplitState, me: MainLoop) -> None:
    """Nothing to pop when the queue is empty, nor when as many are out as the ring holds.

    C: virtqueue_split_pop(), virtio_queue_empty_rcu(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    dev = s.dev
    if dev.broken:
        nothing_popped(s, me)
    elif dev.shadow_avail_idx == dev.last_avail_idx and vring_avail_idx(s, me) == dev.last_avail_idx:
        nothing_popped(s, me)
    elif dev.inuse >= s.cfg.size:
        lied(s, TO_DEVICE, True)
        virtio_error(s, me)
        nothing_popped(s, me)
    else:
        goes_on(s, dev.broken)
        lied(s, TO_DEVICE, dev.inuse >= s.cfg.size)
        rmb(s, me, POP_RMB)
        me.goto(Q.POP_HEAD)


@virtio.step(at=Q.POP_HEAD)
def virtqueue_split_pop__head(s: SplitState, me: MainLoop) -> None:
    """Take the next available buffer; a head that the ring does not have breaks it, and nothing is popped.

    C: virtqueue_split_pop(), virtqueue_get_head(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    dev = s.dev
    head = load(s, me, loc.avail_ring[slot(s.cfg, dev.last_avail_idx)])
    dev.last_avail_idx = idx_add(s.cfg, dev.last_avail_idx, 1)
    mark(s, "device index wraps", when=dev.last_avail_idx == 0)
    lied(s, TO_DEVICE, head >= s.cfg.size)
    if head >= s.cfg.size:
        virtio_error(s, me)
        nothing_popped(s, me)
        return
    give(s, head, OFFERED, HELD)
    s.ghost.misuse |= s.vq.avail_idx_shadow == idx_sub(s.cfg, dev.last_avail_idx, 1)  # the entry is not published
    if s.cfg.event_idx and dev.notification:
        me.elems[kept(s, me.held)] = head
        me.goto(Q.POP_EVENT)
    elif s.cfg.data:
        me.elems[me.held] = head
        me.desc = head
        me.goto(Q.POP_DESC)
    else:
        popped(s, me, head)


@virtio.step(at=Q.POP_EVENT, only=EVENT_IDX)
def vring_set_avail_event(s: SplitState, me: MainLoop) -> None:
    """Write avail_event while notification is enabled.

    C: virtqueue_split_pop(), vring_set_avail_event(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    store(s, me, loc.avail_event, s.dev.last_avail_idx)
    if s.cfg.data:
        me.desc = me.elems[me.held]
        me.goto(Q.POP_DESC)
    else:
        popped(s, me, me.elems[kept(s, me.held)])


@virtio.step(at=Q.UNPOP)
def virtqueue_unpop(s: SplitState, me: MainLoop) -> None:
    """Give the last popped element back: last_avail_idx rewound, inuse one less; the packet is dropped.

    C: virtqueue_unpop(), virtqueue_split_rewind(), virtqueue_detach_element(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, 1)
    s.dev.inuse = s.dev.inuse - 1
    give(s, me.elems[0], HELD, OFFERED)
    forget_element(s, me)


@virtio.step(at=Q.FILL)
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


@virtio.step(at=Q.FLUSH)
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


@virtio.step(at=Q.SHOULD_NOTIFY, only=NOTIFY)
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
    if wanted:
        me.goto(Q.IRQ)
    else:
        mark(s, "no interrupt wanted")
        done(s, me)


@virtio.step(at=Q.IRQ, only=NOTIFY)
def virtio_irq(s: SplitState, me: MainLoop) -> None:
    """Interrupt the driver; a broken device does not.

    C: virtio_notify(), virtio_irq(), virtio_notify_vector(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    if not disabled_meanwhile(s):
        line(s, me)
        goes_on(s, s.dev.broken)
        s.lines.irq = True
    done(s, me)
