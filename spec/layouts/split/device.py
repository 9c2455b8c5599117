"""hw/virtio/virtio.c: the device's half of a split virtqueue, QEMU 7.2: what is offered is looked at, counted, popped.

The order of virtio_net_has_buffers() is: look (which is also the snapshot),
enable, barrier, compare with the snapshot, look again or park.  What follows a pop stands
in `device_used`.

virtqueue_get_avail_bytes() and virtqueue_split_pop() are there twice from where the head is
known.  Without data a buffer is its head, and holds one unit: descriptors are no part of
the state.  With data both walk over its descriptors (`walking`, `device_descriptors`).
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.split import device_used
from vrx.spec.layouts.split.contexts import SplitMainLoop, SplitQ
from vrx.spec.layouts.split.device_descriptors import (
    enter_table,
    leave,
    limit,
    next_descriptor,
    read_descriptor,
    there_are,
)
from vrx.spec.layouts.split.memory import INDIRECT, NEXT, NO_NOTIFY, WRITE, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import Barrier, load, mb, over, rmb, store
from vrx.spec.qemu.returns import (
    count_bytes,
    count_fails,
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
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import HELD, OFFERED, TO_DEVICE, give, goes_on, lied
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import DATA, EVENT_IDX, NOTIFY

virtio = Machine("hw/virtio/virtio.c")
walking = Machine("hw/virtio/virtio.c")
"""The steps that only systems with data have."""

NUM_HEADS_RMB = Barrier("virtqueue_num_heads__rmb", "rmb", "virtqueue_num_heads()")
SET_NOTIFICATION_MB = Barrier(
    "virtio_queue_split_set_notification__mb", "mb", "virtio_queue_split_set_notification()"
)
POP_RMB = Barrier("virtqueue_split_pop__rmb", "rmb", "virtqueue_split_pop()")
BARRIERS = (NUM_HEADS_RMB, SET_NOTIFICATION_MB, POP_RMB, *device_used.BARRIERS)


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
        me.goto(SplitQ.GET_HEAD)


@virtio.helper
def read_head(s: SplitState, me: MainLoop, idx: int) -> Any:
    """virtqueue_get_head(): the head that is offered at a position, one that the ring does not have included."""
    head = load(s, me, loc.avail_ring[slot(s.cfg, idx)])
    lied(s, TO_DEVICE, head >= s.cfg.size)
    return head


@virtio.step(at=SplitQ.GET_HEAD)
def virtqueue_get_head(s: SplitState, me: SplitMainLoop) -> None:
    """Read which buffer is next, only to know its size; a head that the ring does not have breaks it.

    C: virtqueue_split_get_avail_bytes(), virtqueue_get_head(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    head = read_head(s, me, me.idx)
    me.idx = idx_add(s.cfg, me.idx, 1)
    if head >= s.cfg.size:
        count_fails(s, me)
    elif s.cfg.data:
        me.desc = head
        me.goto(SplitQ.DESC_READ)
    elif is_enough(s, me, 1):
        judge_buffers(s, me)
    else:
        me.goto(Q.NUM_HEADS)


@virtio.helper
def is_enough(s: SplitState, me: MainLoop, length: int) -> bool:
    """Add a length up, in which the device may write: is there enough for the packet?"""
    wanted = me.size + s.cfg.header_len
    if me.in_bytes + length >= wanted:
        me.in_bytes = wanted
        return True
    me.in_bytes = me.in_bytes + length
    return False


@walking.step(at=(SplitQ.DESC_READ, SplitQ.DESC_NEXT), only=DATA)
def virtqueue_split_get_avail_bytes__desc(s: SplitState, me: SplitMainLoop) -> None:
    """Read a descriptor, add its length up, and stop as soon as there is enough.

    C: virtqueue_split_get_avail_bytes(), virtqueue_split_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    addr, length, flags, following = read_descriptor(s, me)
    if s.cfg.indirect and me.pc == SplitQ.DESC_READ and flags & INDIRECT != 0:
        lied(s, TO_DEVICE, me.total >= s.cfg.size)
        if me.total >= s.cfg.size or not enter_table(s, me, addr, length):
            leave(s, me)
            count_fails(s, me)
        else:
            me.goto(SplitQ.DESC_NEXT)
        return
    me.walked = me.walked + 1
    lied(s, TO_DEVICE, me.walked > there_are(s, me))
    if me.walked > limit(s, me):
        leave(s, me)
        count_fails(s, me)
        return
    if flags & WRITE != 0 and is_enough(s, me, length):
        leave(s, me)
        judge_buffers(s, me)
        return
    if flags & NEXT != 0:
        if next_descriptor(s, me, following):
            me.goto(SplitQ.DESC_NEXT)
        else:
            leave(s, me)
            count_fails(s, me)
        return
    if s.cfg.indirect and me.table != 0:
        me.total = me.total + 1
        me.walked = me.total
    elif s.cfg.indirect:
        me.total = me.walked
    leave(s, me)
    me.goto(Q.NUM_HEADS)


@virtio.step(at=Q.ENABLE_LOAD, only=NOTIFY)
def virtio_queue_set_notification__load(s: SplitState, me: SplitMainLoop) -> None:
    """Kicks wanted again: read avail.idx for avail_event, or the flags to clear NO_NOTIFY in.

    C: virtio_queue_set_notification(), virtio_queue_split_set_notification(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    s.dev.notification = True
    if s.cfg.event_idx:
        me.between = vring_avail_idx(s, me)
    else:
        me.between = load(s, me, loc.used_flags)
    me.goto(SplitQ.ENABLE_STORE)


@virtio.step(at=SplitQ.ENABLE_STORE, only=NOTIFY)
def virtio_queue_set_notification__store(s: SplitState, me: SplitMainLoop) -> None:
    """Write avail_event, or used.flags without NO_NOTIFY.

    C: vring_set_avail_event(), vring_used_flags_unset_bit(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    if s.cfg.event_idx:
        store(s, me, loc.avail_event, me.between)
    else:
        store(s, me, loc.used_flags, 0)  # NO_NOTIFY is the only bit
    over(s, me, "between")
    me.goto(SplitQ.RECHECK)


@virtio.step(at=SplitQ.RECHECK, only=NOTIFY)
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
def virtio_queue_set_notification_off__load(s: SplitState, me: SplitMainLoop) -> None:
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
        me.goto(SplitQ.DISABLE_STORE)


@virtio.step(at=SplitQ.DISABLE_STORE, only=NOTIFY & ~EVENT_IDX)
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
        me.goto(SplitQ.POP_HEAD)


@virtio.step(at=SplitQ.POP_HEAD)
def virtqueue_split_pop__head(s: SplitState, me: SplitMainLoop) -> None:
    """Take the next available buffer; a head that the ring does not have breaks it, and nothing is popped.

    C: virtqueue_split_pop(), virtqueue_get_head(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    dev = s.dev
    head = read_head(s, me, dev.last_avail_idx)
    dev.last_avail_idx = idx_add(s.cfg, dev.last_avail_idx, 1)
    mark(s, "device index wraps", when=dev.last_avail_idx == 0)
    if head >= s.cfg.size:
        virtio_error(s, me)
        nothing_popped(s, me)
        return
    give(s, head, OFFERED, HELD)
    s.ghost.misuse |= s.vq.avail_idx_shadow == idx_sub(s.cfg, dev.last_avail_idx, 1)  # the entry is not published
    if s.cfg.event_idx and dev.notification:
        me.elems[kept(s, me.held)] = head
        me.goto(SplitQ.POP_EVENT)
    else:
        if s.cfg.data:
            me.elems[me.held] = head
        map_buffer(s, me, head)


@virtio.step(at=SplitQ.POP_EVENT, only=EVENT_IDX)
def vring_set_avail_event(s: SplitState, me: SplitMainLoop) -> None:
    """Write avail_event while notification is enabled.

    C: virtqueue_split_pop(), vring_set_avail_event(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    store(s, me, loc.avail_event, s.dev.last_avail_idx)
    map_buffer(s, me, me.elems[kept(s, me.held)])


@virtio.helper
def map_buffer(s: SplitState, me: SplitMainLoop, head: int) -> None:
    """The head is known: its descriptors are read next.  Without data there are none, and the element is complete."""
    if s.cfg.data:
        me.desc = head
        me.goto(SplitQ.POP_DESC)
    else:
        popped(s, me, head)


@walking.step(at=(SplitQ.POP_DESC, SplitQ.POP_NEXT), only=DATA)
def virtqueue_split_pop__desc(s: SplitState, me: SplitMainLoop) -> None:
    """Read a descriptor and map its piece; one that cannot be breaks the ring, and nothing is popped.

    C: virtqueue_split_pop(), virtqueue_map_desc(), virtqueue_split_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    addr, length, flags, following = read_descriptor(s, me)
    if s.cfg.indirect and me.pc == SplitQ.POP_DESC and flags & INDIRECT != 0:
        if enter_table(s, me, addr, length):
            me.goto(SplitQ.POP_NEXT)
        else:
            pop_fails(s, me)
        return
    lied(s, TO_DEVICE, (length == 0) | (addr == 0))
    lied(s, TO_DEVICE, (flags & WRITE == 0) & (me.in_num != 0))
    lied(s, TO_DEVICE, (flags & WRITE != 0) & (me.in_num == s.cfg.segments))
    if length == 0 or addr == 0:
        pop_fails(s, me)
        return
    if flags & WRITE != 0:
        if me.in_num == s.cfg.segments:  # an element has no room for more
            pop_fails(s, me)
            return
        me.sg_addr[me.in_num] = addr
        me.sg_len[me.in_num] = length
        me.in_num = me.in_num + 1
    elif me.in_num != 0:
        pop_fails(s, me)
        return
    me.walked = me.walked + 1
    lied(s, TO_DEVICE, me.walked > there_are(s, me))
    if me.walked > limit(s, me):
        pop_fails(s, me)
    elif flags & NEXT != 0:
        if next_descriptor(s, me, following):
            me.goto(SplitQ.POP_NEXT)
        else:
            pop_fails(s, me)
    else:
        me.walked = 0
        leave(s, me)
        popped(s, me, me.elems[me.held])


@walking.helper
def pop_fails(s: SplitState, me: SplitMainLoop) -> None:
    """virtqueue_split_pop() reports an error: the ring is broken, and nothing is popped."""
    leave(s, me)
    virtio_error(s, me)
    nothing_popped(s, me)


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
