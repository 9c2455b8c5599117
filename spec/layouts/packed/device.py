"""hw/virtio/virtio.c: the device's half of a packed virtqueue, QEMU 7.2: what is available is looked at, counted,
popped.

The order of virtio_net_has_buffers() is: look, count (which is also the snapshot), enable, barrier, look at the
descriptor of the snapshot, count again or park.  What follows a pop stands in `device_used`.

virtqueue_packed_get_avail_bytes() and virtqueue_packed_pop() are there twice from where the flags are known.  Without
data a buffer is one descriptor and holds one unit: what else a descriptor says is no part of the state, nor is anything
read of it.  With data both walk over its descriptors (`device_descriptors`).
"""

from __future__ import annotations

from vrx.spec.layouts.packed import device_used
from vrx.spec.layouts.packed.contexts import PackedMainLoop, PackedQ
from vrx.spec.layouts.packed.device_descriptors import (
    count_buffer,
    elem_ndescs,
    enter_table,
    first_of_element,
    leave,
    limit,
    names_table,
    next_descriptor,
    read_addr,
    read_flags,
    read_len,
    there_are,
)
from vrx.spec.layouts.packed.memory import DESC, DISABLE, ENABLE, WRITE, available_mark, came_round, loc, mark_of
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import Barrier, dead, load, mb, over, rmb, store, wmb
from vrx.spec.qemu.returns import (
    count_bytes,
    count_fails,
    forget_element,
    judge_buffers,
    ndescs,
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

SET_NOTIFICATION_WMB = Barrier(
    "virtio_queue_packed_set_notification__wmb", "wmb", "virtio_queue_packed_set_notification()"
)
SET_NOTIFICATION_MB = Barrier(
    "virtio_queue_packed_set_notification__mb", "mb", "virtio_queue_packed_set_notification()"
)
POP_RMB = Barrier("vring_packed_desc_read__rmb", "rmb", "vring_packed_desc_read()")
BARRIERS = (SET_NOTIFICATION_WMB, SET_NOTIFICATION_MB, POP_RMB, *device_used.BARRIERS)


@virtio.helper
def is_desc_avail(s: PackedState, me: MainLoop, index: int) -> bool:
    """Does the descriptor at a ring index say that it is available, in that lap?  Both flags come from one load.

    C: is_desc_avail(), vring_packed_desc_read_flags(), hw/virtio/virtio.c, QEMU 7.2
    """
    flags = load(s, me, loc.desc_flags[slot(s.cfg, index)])
    found: bool = mark_of(s.cfg, flags) == available_mark(s.cfg, index)
    return found


@virtio.step(at=Q.EMPTY)
def virtio_queue_packed_empty(s: PackedState, me: MainLoop) -> None:
    """Is the queue empty?  Memory is asked each time, and of a broken device too.

    C: virtio_queue_packed_empty(), hw/virtio/virtio.c; virtio_net_has_buffers(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.2 (Polling of available and used descriptors)
    """
    if is_desc_avail(s, me, s.dev.last_avail_idx):
        not_empty(s, me)
    else:
        count_bytes(s, me)


@virtio.step(at=Q.NUM_HEADS)
def virtqueue_packed_get_avail_bytes(s: PackedState, me: PackedMainLoop) -> None:
    """Count one more buffer if it is available; where none is, that is the snapshot.  Enough leaves the snapshot as it
    was.  With data only its flags are read here.

    C: virtqueue_packed_get_avail_bytes(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.2 (Polling of available and used descriptors)
    """
    if s.cfg.data:
        flags = load(s, me, loc.desc_flags[slot(s.cfg, me.idx)])
        if mark_of(s.cfg, flags) != available_mark(s.cfg, me.idx):
            no_more(s, me)
        else:
            rmb(s, me, POP_RMB)
            count_buffer(s, me, flags)
        return
    if not is_desc_avail(s, me, me.idx):
        no_more(s, me)
        return
    if counts_too_many(s, me):
        count_fails(s, me)
        return
    me.idx = idx_add(s.cfg, me.idx, 1)
    me.in_bytes = me.in_bytes + 1
    if me.in_bytes >= me.size:
        judge_buffers(s, me)
    else:
        me.goto(Q.NUM_HEADS)


@virtio.helper
def counts_too_many(s: PackedState, me: PackedMainLoop) -> bool:
    """Are more buffers available than the ring has descriptors?  Only a driver that lies marks one anew that the device
    has not used, so beside others the question is not asked.

    C: virtqueue_packed_get_avail_bytes(), hw/virtio/virtio.c, QEMU 7.2
    """
    if not s.cfg.driver_lies:
        return False
    too_many = idx_sub(s.cfg, me.idx, s.dev.last_avail_idx) >= s.cfg.size
    lied(s, TO_DEVICE, too_many)
    return too_many


@virtio.helper
def no_more(s: PackedState, me: PackedMainLoop) -> None:
    """Nothing is available where the counting ends: a kick is wanted for that."""
    s.dev.shadow_avail_idx = me.idx
    judge_buffers(s, me)


@virtio.step(at=Q.ENABLE_LOAD, only=NOTIFY)
def virtio_queue_packed_set_notification(s: PackedState, me: MainLoop) -> None:
    """Kicks wanted again: with the event index write the position first, else the flags.

    What the function reads of its own structure before that it uses nowhere.

    C: virtio_queue_set_notification(), virtio_queue_packed_set_notification(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    s.dev.notification = True
    if s.cfg.event_idx:
        store(s, me, loc.device_off_wrap, s.dev.shadow_avail_idx)
        me.goto(PackedQ.ENABLE_FLAGS)
    else:
        store(s, me, loc.device_flags, ENABLE)
        me.goto(PackedQ.RECHECK)


@virtio.step(at=PackedQ.ENABLE_FLAGS, only=EVENT_IDX)
def virtio_queue_packed_set_notification__flags(s: PackedState, me: MainLoop) -> None:
    """With the event index: the position stands, now the flags say that it counts.

    C: virtio_queue_packed_set_notification(), vring_packed_flags_write(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    wmb(s, me, SET_NOTIFICATION_WMB)
    store(s, me, loc.device_flags, DESC)
    me.goto(PackedQ.RECHECK)


@virtio.step(at=PackedQ.RECHECK, only=NOTIFY)
def virtio_queue_packed_poll(s: PackedState, me: MainLoop) -> None:
    """Is the descriptor available at which the counting ended?

    C: virtio_queue_enable_notification_and_check(), virtio_queue_packed_poll(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    mb(s, me, SET_NOTIFICATION_MB)
    if s.dev.broken:
        recheck_says(s, me, False)
    else:
        goes_on(s, s.dev.broken)
        recheck_says(s, me, is_desc_avail(s, me, me.opaque))


@virtio.step(at=Q.DISABLE_LOAD, only=NOTIFY)
def virtio_queue_packed_set_notification_off(s: PackedState, me: MainLoop) -> None:
    """No kicks wanted: write the flags, with the event index too.

    C: virtio_queue_set_notification(), virtio_queue_packed_set_notification(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    s.dev.notification = False
    store(s, me, loc.device_flags, DISABLE)
    notification_is_off(s, me)


@virtio.step(at=Q.POP_EMPTY)
def virtqueue_packed_pop__empty(s: PackedState, me: PackedMainLoop) -> None:
    """Nothing to pop when the next descriptor is not available, nor when as many are out as the ring holds.

    C: virtqueue_pop(), virtqueue_packed_pop(), virtio_queue_packed_empty_rcu(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.2 (Polling of available and used descriptors)
    """
    if s.dev.broken or not is_desc_avail(s, me, s.dev.last_avail_idx):
        nothing_popped(s, me)
    elif s.dev.inuse >= s.cfg.size:
        lied(s, TO_DEVICE, True)
        virtio_error(s, me)
        nothing_popped(s, me)
    else:
        goes_on(s, s.dev.broken)
        lied(s, TO_DEVICE, s.dev.inuse >= s.cfg.size)
        if s.cfg.data:
            me.walk.desc = slot(s.cfg, s.dev.last_avail_idx)
        me.goto(PackedQ.POP_FLAGS)


@virtio.step(at=PackedQ.POP_FLAGS)
def virtqueue_packed_pop__flags(s: PackedState, me: PackedMainLoop) -> None:
    """Read the flags once more, for what else they say; whether they still say "available" nobody asks.  With data also
    those of each later descriptor.

    C: virtqueue_packed_pop(), vring_packed_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    if s.cfg.data:
        first = first_of_element(s, me)
        read_flags(s, me)
        if first:
            rmb(s, me, POP_RMB)
        me.goto(PackedQ.POP_ADDR)
        return
    load(s, me, loc.desc_flags[slot(s.cfg, s.dev.last_avail_idx)])
    rmb(s, me, POP_RMB)
    me.goto(PackedQ.POP_ID)


@virtio.step(at=PackedQ.POP_ID)
def virtqueue_packed_pop__id(s: PackedState, me: PackedMainLoop) -> None:
    """Read the id of the next available buffer, whatever that is; without data it is taken with that.

    C: virtqueue_packed_pop(), vring_packed_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    dev = s.dev
    here = dev.last_avail_idx
    head = load(s, me, loc.desc_id[slot(s.cfg, here)])
    s.ghost.misuse |= s.vq.next_avail_idx == here  # the descriptor is not published
    if s.cfg.data:
        me.elems[me.held] = head
        me.goto(PackedQ.POP_LEN)
        return
    give(s, head, OFFERED, HELD)
    if s.cfg.general:  # who never gives one back
        dead(s, loc.desc_id[slot(s.cfg, here)])
    take(s, me, head, 1)


@virtio.helper
def take(s: PackedState, me: PackedMainLoop, head: int, count: int) -> None:
    """virtqueue_packed_pop() ends: last_avail_idx moves past all descriptors of the element."""
    dev = s.dev
    dev.last_avail_idx = idx_add(s.cfg, dev.last_avail_idx, count)
    dev.shadow_avail_idx = dev.last_avail_idx
    mark(s, "device index wraps", when=came_round(s.cfg, dev.last_avail_idx))
    popped(s, me, head)


@walking.step(at=PackedQ.POP_ADDR, only=DATA)
def virtqueue_packed_pop__addr(s: PackedState, me: PackedMainLoop) -> None:
    """Read the address of a descriptor; of the first one the id comes next, that of the others nobody uses.

    C: virtqueue_packed_pop(), vring_packed_desc_read(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    read_addr(s, me)
    me.goto(PackedQ.POP_ID if first_of_element(s, me) else PackedQ.POP_LEN)


@walking.step(at=PackedQ.POP_LEN, only=DATA)
def virtqueue_packed_pop__len(s: PackedState, me: PackedMainLoop) -> None:
    """Read the length of a descriptor and map its piece; one that cannot be breaks the ring, and nothing is popped.

    C: virtqueue_packed_pop(), virtqueue_map_desc(), virtqueue_packed_read_next_desc(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.13 (The Virtqueue Descriptor Format)
    """
    length = read_len(s, me)
    addr, flags = me.walk.addr, me.walk.flags
    over(s, me.walk, "addr", "flags")
    if names_table(s, first_of_element(s, me), flags):
        if enter_table(s, me, addr, length):
            me.goto(PackedQ.POP_FLAGS)
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
    elif next_descriptor(s, me, flags):
        me.goto(PackedQ.POP_FLAGS)
    else:
        element_done(s, me)


@walking.helper
def element_done(s: PackedState, me: PackedMainLoop) -> None:
    """All descriptors of an element are read: of a table it takes one of the ring."""
    head = me.elems[me.held]
    count = elem_ndescs(s, me)
    me.ndescs[me.held] = count
    me.walked = 0
    leave(s, me)
    give(s, head, OFFERED, HELD)
    take(s, me, head, count)


@walking.helper
def pop_fails(s: PackedState, me: PackedMainLoop) -> None:
    """virtqueue_packed_pop() reports an error: the ring is broken, and nothing is popped."""
    leave(s, me)
    over(s, me.walk, "addr", "flags")
    virtio_error(s, me)
    nothing_popped(s, me)


@virtio.step(at=Q.UNPOP)
def virtqueue_unpop(s: PackedState, me: MainLoop) -> None:
    """Give the last popped element back: last_avail_idx rewound by one descriptor, however many the element has, inuse
    less by all of them; the packet is dropped.

    C: virtqueue_unpop(), virtqueue_packed_rewind(), virtqueue_detach_element(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.2 (Polling of available and used descriptors)
    """
    s.dev.last_avail_idx = idx_sub(s.cfg, s.dev.last_avail_idx, 1)
    s.dev.inuse = s.dev.inuse - ndescs(s, me, 0)
    give(s, me.elems[0], HELD, OFFERED)
    forget_element(s, me)
