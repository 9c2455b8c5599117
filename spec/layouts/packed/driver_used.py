"""drivers/virtio/virtio_ring.c: what a packed virtqueue's driver does with what the device has used.

Linux 6.1: the interrupt, callbacks off, virtqueue_get_buf_ctx_packed() for both of its callers; `driver` goes on from
there.

Without data a buffer is taken in the step that reads its id: the length of a used descriptor is no part of the state,
so nobody reads it.  With data it is (`taking_data`).  Nothing of a buffer's own descriptors is read again: how many
there were, and which ids go back on the free list, the driver has kept to itself.
"""

from __future__ import annotations

from vrx.spec.counting import takes_next
from vrx.spec.layouts.driver import ignores_or_calls, refuse_id, takes_or_ends, vring_interrupt__event_triggered
from vrx.spec.layouts.packed.contexts import PackedL
from vrx.spec.layouts.packed.memory import DESC, DISABLE, came_round, loc, mark_of, used_mark
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.returns import got_buf, missing, no_buf, stops_here, took_buf
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.memory import Barrier, dead, load, mb, rmb, store
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import CHAINED, FREE, USED, give
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import DATA, EVENT_IDX, MERGEABLE, NOTIFY

taking = Machine("drivers/virtio/virtio_ring.c")
taking_data = Machine("drivers/virtio/virtio_ring.c")
"""The steps that only systems with data have."""
gathering = Machine("drivers/virtio/virtio_ring.c")
"""Where receive_mergeable() calls the same function, for a packet's next buffer: the call is in the step of its first
access, so it stands here; the step is called after the caller, as `more_used` is after the loop."""

GET_BUF_RMB = Barrier("virtqueue_get_buf_ctx_packed__rmb", "rmb", "virtqueue_get_buf_ctx_packed()")
GET_BUF_MB = Barrier("virtqueue_get_buf_ctx_packed__mb", "mb", "virtqueue_get_buf_ctx_packed()")
BARRIERS = (GET_BUF_RMB, GET_BUF_MB)


@taking.helper
def is_used_desc(s: PackedState, me: GuestContext, index: int) -> bool:
    """Does the descriptor at a ring index say that it is used, in that lap?  Both flags come from one load.

    C: is_used_desc_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    flags = load(s, me, loc.desc_flags[slot(s.cfg, index)])
    found: bool = mark_of(s.cfg, flags) == used_mark(s.cfg, index)
    return found


@taking.step(at=L.VRING_INTERRUPT, only=NOTIFY)
def vring_interrupt(s: PackedState, me: HardIrq) -> None:
    """Ignore the interrupt unless something is used.

    C: vring_interrupt(), more_used_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    ignores_or_calls(s, me, not is_used_desc(s, me, s.vq.last_used_idx), PackedL.EVENT_TRIGGERED)


taking.step(at=PackedL.EVENT_TRIGGERED, only=EVENT_IDX)(vring_interrupt__event_triggered)


@taking.step(at=L.DISABLE_CB, only=NOTIFY)
def virtqueue_disable_cb_packed(s: PackedState, me: GuestContext) -> None:
    """Ask for no more interrupts by the flags, with the event index too, unless an event was passed already.

    C: virtqueue_disable_cb_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    if s.vq.event_flags_shadow != DISABLE:
        s.vq.event_flags_shadow = DISABLE
        if s.vq.event_triggered:
            mark(s, "disable_cb writes nothing")
        else:
            store(s, me, loc.driver_flags, DISABLE)
    me.ret()


@taking.helper
def more_used(s: PackedState, me: Softirq) -> bool:
    """virtqueue_get_buf_ctx_packed() begins: has the device used another buffer?  Of a broken ring nobody asks.

    C: virtqueue_get_buf_ctx_packed(), more_used_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    if s.vq.broken or not is_used_desc(s, me, s.vq.last_used_idx):
        return False
    rmb(s, me, GET_BUF_RMB)
    return True


@taking.step(at=L.MORE_USED, exhausted=2)
def virtqueue_get_buf_ctx_packed__more_used(s: PackedState, me: Softirq, exhausted: int) -> None:
    """Stop at the budget; else look whether the device has used another buffer.

    The budget is a free choice: a poll may stop after any number of buffers but none.

    C: virtnet_receive(), drivers/net/virtio_net.c; more_used_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    found = not stops_here(s, me, exhausted) and more_used(s, me)
    if found:
        takes_next(s)
    takes_or_ends(s, me, found, PackedL.USED_ID)


@taking.step(at=PackedL.USED_ID)
def virtqueue_get_buf_ctx_packed__id(s: PackedState, me: Softirq) -> None:
    """Read which buffer came back; without data put its id on the free list.

    C: virtqueue_get_buf_ctx_packed(), detach_buf_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    me.head = load(s, me, loc.desc_id[slot(s.cfg, s.vq.last_used_idx)])
    if s.cfg.data:
        me.goto(PackedL.USED_LEN)
    elif refuse_id(s, me):
        no_buf(s, me)
    else:
        detach_buf_packed(s, me)
        entry_done(s, me)


@taking_data.step(at=PackedL.USED_LEN, only=DATA)
def virtqueue_get_buf_ctx_packed__len(s: PackedState, me: Softirq) -> None:
    """Read how much the device wrote into it, and put its ids on the free list; an id that is not out breaks the ring.

    C: virtqueue_get_buf_ctx_packed(), detach_buf_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    me.length = load(s, me, loc.desc_len[slot(s.cfg, s.vq.last_used_idx)])
    if refuse_id(s, me):
        s.ghost.torn = True
        no_buf(s, me)
        return
    s.ghost.torn |= me.length != s.ghost.written[me.head]
    s.ghost.written[me.head] = 0
    detach_buf_packed(s, me)
    entry_done(s, me)


@taking.helper
def detach_buf_packed(s: PackedState, me: Softirq) -> None:
    """The buffer is out no more, and its ids are the first of the free list.

    C: detach_buf_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    vq = s.vq
    if s.cfg.positions:
        other = s.ghost.place[me.head] != vq.last_used_idx  # not the buffer that was filled here
        s.ghost.overtaken |= other
        s.ghost.wrong_fate |= other
    give(s, me.head, USED, FREE, vq.num_free)
    s.ghost.misuse |= s.dev.used_idx == vq.last_used_idx  # its descriptor is not published
    vq.token[me.head] = False
    last = me.head
    for _ in range(s.cfg.each - 1):
        last = vq.next[last]
        give(s, last, CHAINED, FREE)
    vq.next[last] = vq.free_head
    vq.free_head = me.head
    vq.num_free = vq.num_free + s.cfg.each


@taking.helper
def entry_done(s: PackedState, me: Softirq, believed: bool = False) -> None:
    """last_used_idx moves on, around the end of the ring with the other wrap counter.  believed: see
    `spec.linux.returns`.

    C: virtqueue_get_buf_ctx_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    vq = s.vq
    taken(s, me)
    vq.last_used_idx = idx_add(s.cfg, vq.last_used_idx, s.cfg.each)
    mark(s, "driver index wraps", when=came_round(s.cfg, vq.last_used_idx))
    took_buf(s, me)
    if s.cfg.event_idx and vq.event_flags_shadow == DESC:
        me.goto(PackedL.GET_BUF_OFF_WRAP)
    else:
        got_buf(s, me, believed)


@taking.helper
def taken(s: PackedState, me: Softirq) -> None:
    """What the buffer's descriptors say is dead, but for whose they are: the device does not look behind the flags."""
    for n in range(s.cfg.each):
        here = slot(s.cfg, idx_add(s.cfg, s.vq.last_used_idx, n) if n else s.vq.last_used_idx)
        dead(s, loc.desc_id[here])
        if s.cfg.data:
            dead(s, loc.desc_addr[here])
            dead(s, loc.desc_len[here])
    for n in range(s.cfg.segments if s.cfg.indirect else 0):
        number = me.head * s.cfg.segments + n  # kfree(): the table is gone
        dead(s, loc.table_addr[number])
        dead(s, loc.table_len[number])
        dead(s, loc.table_flags[number])


@taking.step(at=PackedL.GET_BUF_OFF_WRAP, only=EVENT_IDX)
def virtqueue_get_buf_ctx_packed__off_wrap(s: PackedState, me: Softirq) -> None:
    """Callbacks are on: ask for an interrupt at the next descriptor.

    C: virtqueue_get_buf_ctx_packed(), virtio_store_mb(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    store(s, me, loc.driver_off_wrap, s.vq.last_used_idx)
    me.goto(PackedL.GET_BUF_OFF_WRAP_MB)


@taking.step(at=PackedL.GET_BUF_OFF_WRAP_MB, only=EVENT_IDX)
def virtqueue_get_buf_ctx_packed__mb(s: PackedState, me: Softirq) -> None:
    """Let the device see the position before looking at the next descriptor.

    C: virtqueue_get_buf_ctx_packed(), virtio_store_mb(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    mb(s, me, GET_BUF_MB)
    got_buf(s, me)


@gathering.step(at=L.GATHER, only=DATA & MERGEABLE)
def receive_mergeable__gather(s: PackedState, me: Softirq) -> None:
    """Take the packet's next buffer; where it is missing, the packet is dropped and counted.

    C: receive_mergeable(), drivers/net/virtio_net.c; more_used_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    another(s, me, L.GATHER)


@gathering.step(at=L.DISCARD, only=DATA & MERGEABLE)
def receive_mergeable__discard(s: PackedState, me: Softirq) -> None:
    """Take a buffer of a bad packet, to throw it away.

    C: receive_mergeable(), drivers/net/virtio_net.c; more_used_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    another(s, me, L.DISCARD)


@gathering.helper
def another(s: PackedState, me: Softirq, point: L) -> None:
    """virtqueue_get_buf_ctx() for `point`, up to its first access."""
    if more_used(s, me):
        takes_next(s)
        me.call(PackedL.USED_ID, then=point)
    else:
        missing(s, me)
