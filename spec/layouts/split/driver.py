"""drivers/virtio/virtio_ring.c: the driver's half of a split virtqueue.

Linux 6.1, the functions of the receive path in the order in which a buffer
meets them.  `avail_flags_shadow` has one bit that matters, `no_interrupt`.
"""

from __future__ import annotations

from vrx.spec.counting import takes_next
from vrx.spec.layouts.split.driver_data import begin_add, leaves_free_list, refuse_id, room, take_off_free_list
from vrx.spec.layouts.split.memory import NO_INTERRUPT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import (
    added,
    callbacks_enabled,
    got_buf,
    interrupted,
    more_work,
    no_buf,
    not_interrupted,
    receive_over,
    ring_filled,
    stops_here,
    took_buf,
)
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.memory import Barrier, dead, fresh, line, load, mb, over, rmb, store, wmb
from vrx.spec.ring import idx_add, idx_sub, slot, vring_need_event
from vrx.spec.rx import FREE, OFFERED, USED, give, goes_on
from vrx.spec.steps import Machine, mark

virtio_ring = Machine("drivers/virtio/virtio_ring.c")

GET_BUF_RMB = Barrier("virtqueue_get_buf_ctx_split__rmb", "rmb", "virtqueue_get_buf_ctx_split()")
GET_BUF_MB = Barrier("virtqueue_get_buf_ctx_split__mb", "mb", "virtqueue_get_buf_ctx_split()")
ADD_WMB = Barrier("virtqueue_add_split__wmb", "wmb", "virtqueue_add_split()")
KICK_PREPARE_MB = Barrier("virtqueue_kick_prepare_split__mb", "mb", "virtqueue_kick_prepare_split()")
POLL_MB = Barrier("virtqueue_poll__mb", "mb", "virtqueue_poll()")
BARRIERS = (GET_BUF_RMB, GET_BUF_MB, ADD_WMB, KICK_PREPARE_MB, POLL_MB)


@virtio_ring.helper
def unread(s: SplitState, value: int) -> int:
    """What is stored where nobody reads it in this configuration: zero, so that equal situations are equal; with
    `stale` what the C stores."""
    return value if s.cfg.event_idx or s.cfg.stale != "no" else 0


@virtio_ring.step(at=L.VRING_INTERRUPT, only="notify")
def vring_interrupt(s: SplitState, me: HardIrq) -> None:
    """Ignore the interrupt unless something is used.

    C: vring_interrupt(), more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    if s.vq.last_used_idx == load(s, me, loc.used_idx):
        not_interrupted(s, me)
    elif s.vq.broken:
        not_interrupted(s, me)
    else:
        goes_on(s, s.vq.broken)
        if s.cfg.event_idx:
            me.goto(L.EVENT_TRIGGERED)
        else:
            interrupted(s, me)


@virtio_ring.step(at=L.EVENT_TRIGGERED, only="event_idx")
def vring_interrupt__event_triggered(s: SplitState, me: HardIrq) -> None:
    """Note, as a hint, that the event index was passed.

    C: vring_interrupt(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7 (Used Buffer Notification Suppression)
    """
    s.vq.event_triggered = True
    interrupted(s, me)


@virtio_ring.step(at=L.DISABLE_CB, only="notify")
def virtqueue_disable_cb_split(s: SplitState, me: GuestContext) -> None:
    """Ask for no more interrupts: by the flag, or by moving used_event away, or not at all where that is wasted.

    C: virtqueue_disable_cb_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    if not s.vq.no_interrupt:
        s.vq.no_interrupt = True
        if s.vq.event_triggered:
            mark(s, "disable_cb writes nothing")
        elif s.cfg.event_idx:
            store(s, me, loc.used_event, 0)
        else:
            store(s, me, loc.avail_flags, NO_INTERRUPT)
    me.ret()


@virtio_ring.step(at=L.MORE_USED, exhausted=2)
def virtqueue_get_buf_ctx_split__more_used(s: SplitState, me: Softirq, exhausted: int) -> None:
    """Stop at the budget; else look whether the device has used another buffer.

    The budget is a free choice: a poll may stop after any number of buffers but none.

    C: virtnet_receive(), drivers/net/virtio_net.c; more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    if stops_here(s, me, exhausted):
        receive_over(s, me)
    elif s.vq.broken or s.vq.last_used_idx == load(s, me, loc.used_idx):
        receive_over(s, me)
    else:
        goes_on(s, s.vq.broken)
        takes_next(s)
        rmb(s, me, GET_BUF_RMB)
        me.goto(L.USED_ID)


@virtio_ring.step(at=L.USED_ID)
def virtqueue_get_buf_ctx_split__id(s: SplitState, me: Softirq) -> None:
    """Read which buffer came back.

    C: virtqueue_get_buf_ctx_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    me.head = load(s, me, loc.used_id[slot(s.cfg, s.vq.last_used_idx)])
    if s.cfg.data:
        me.goto(L.USED_LEN)
    else:
        detach(s, me)


@virtio_ring.helper
def detach(s: SplitState, me: Softirq) -> None:
    """Take the buffer: an id that is no head in use breaks the ring; last_used_idx moves on."""
    vq = s.vq
    if refuse_id(s, me):
        no_buf(s, me)
        return
    if s.cfg.positions:
        other = s.ghost.place[me.head] != vq.last_used_idx  # not the buffer that was filled here
        s.ghost.overtaken |= other
        s.ghost.wrong_fate |= other
    give(s, me.head, USED, FREE, vq.num_free)
    s.ghost.misuse |= s.dev.used_idx == vq.last_used_idx  # its entry is written but not published
    dead(s, loc.used_id[slot(s.cfg, vq.last_used_idx)])
    vq.token[me.head] = False
    vq.next[me.head] = vq.free_head
    vq.free_head = me.head
    vq.num_free = vq.num_free + 1
    vq.last_used_idx = idx_add(s.cfg, vq.last_used_idx, 1)
    mark(s, "driver index wraps", when=vq.last_used_idx == 0)
    took_buf(s, me)
    if vq.no_interrupt or not s.cfg.notify:
        got_buf(s, me)
    else:
        me.goto(L.GET_BUF_EVENT)


@virtio_ring.step(at=L.GET_BUF_EVENT, only="notify")
def virtqueue_get_buf_ctx_split__event(s: SplitState, me: Softirq) -> None:
    """Callbacks are on: ask for an interrupt at the next entry.

    C: virtqueue_get_buf_ctx_split(), virtio_store_mb(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    store(s, me, loc.used_event, unread(s, s.vq.last_used_idx))
    me.goto(L.GET_BUF_EVENT_MB)


@virtio_ring.step(at=L.GET_BUF_EVENT_MB, only="notify")
def virtqueue_get_buf_ctx_split__event_mb(s: SplitState, me: Softirq) -> None:
    """Let the device see the event index before looking at the used index again.

    C: virtqueue_get_buf_ctx_split(), virtio_store_mb(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    mb(s, me, GET_BUF_MB)
    got_buf(s, me)


@virtio_ring.step(at=L.TRY_FILL_RECV)
def try_fill_recv(s: SplitState, me: Softirq) -> None:
    """Add buffers until no descriptor is free, then kick; a broken ring takes none.

    C: try_fill_recv(), drivers/net/virtio_net.c; virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    if s.cfg.data:
        if s.vq.broken or not room(s):
            ring_filled(s, me)
        else:
            goes_on(s, s.vq.broken)
            begin_add(s, me)
    elif s.vq.broken or s.vq.num_free == 0:
        ring_filled(s, me)
    else:
        goes_on(s, s.vq.broken)
        me.goto(L.ADD_RING)


@virtio_ring.step(at=L.ADD_RING)
def virtqueue_add_split__ring(s: SplitState, me: Softirq) -> None:
    """Take the descriptor off the free list and put it into the available ring.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.2 (Updating The Available Ring)
    """
    vq = s.vq
    head = vq.free_head
    give(s, head, FREE, OFFERED, vq.avail_idx_shadow)
    if s.cfg.data:
        take_off_free_list(s, me)
    else:
        vq.num_free = vq.num_free - 1
        leaves_free_list(s, head)
    vq.token[head] = True
    if s.cfg.watch and not s.cfg.data:
        fresh(s, loc.data[head])
    store(s, me, loc.avail_ring[slot(s.cfg, vq.avail_idx_shadow)], head)
    me.goto(L.ADD_IDX)


@virtio_ring.step(at=L.ADD_IDX)
def virtqueue_add_split__idx(s: SplitState, me: Softirq) -> None:
    """Publish it.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    vq = s.vq
    wmb(s, me, ADD_WMB)
    vq.avail_idx_shadow = idx_add(s.cfg, vq.avail_idx_shadow, 1)
    store(s, me, loc.avail_idx, vq.avail_idx_shadow)
    if s.cfg.notify:
        vq.num_added = vq.num_added + 1
    added(s, me)


@virtio_ring.step(at=L.KICK_PREPARE, only="notify")
def virtqueue_kick_prepare_split(s: SplitState, me: Softirq) -> None:
    """Decide whether the device wants to hear of the new buffers.

    C: virtqueue_kick_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.4 (Notifying The Device)
    """
    vq = s.vq
    mb(s, me, KICK_PREPARE_MB)
    new = vq.avail_idx_shadow
    old = idx_sub(s.cfg, new, vq.num_added)
    vq.num_added = 0
    if s.cfg.event_idx:
        needs_kick = vring_need_event(s.cfg, load(s, me, loc.avail_event), new, old)
    else:
        needs_kick = load(s, me, loc.used_flags) == 0
    if needs_kick:
        me.goto(L.NOTIFY)
    else:
        mark(s, "no kick wanted")
        me.ret()


@virtio_ring.step(at=L.NOTIFY, only="notify")
def virtqueue_notify(s: SplitState, me: Softirq) -> None:
    """Kick the device, unless the ring is broken.

    C: virtqueue_notify(), drivers/virtio/virtio_ring.c; vp_notify(), drivers/virtio/virtio_pci_common.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    line(s, me)
    if not s.vq.broken:
        goes_on(s, s.vq.broken)
        s.lines.kick = True
    me.ret()


@virtio_ring.step(at=L.ENABLE_CB_PREPARE, only="notify")
def virtqueue_enable_cb_prepare(s: SplitState, me: Softirq) -> None:
    """Callbacks count as on again, the hint is forgotten, and the index to look for is remembered.

    C: virtqueue_enable_cb_prepare(), virtqueue_enable_cb_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    s.vq.event_triggered = False
    write_flags = s.vq.no_interrupt and not s.cfg.event_idx
    s.vq.no_interrupt = False
    me.opaque = s.vq.last_used_idx
    me.goto(L.ENABLE_CB_FLAGS if write_flags else L.ENABLE_CB_EVENT)


@virtio_ring.step(at=L.ENABLE_CB_FLAGS, only="notify !event_idx")
def virtqueue_enable_cb_prepare_split__flags(s: SplitState, me: Softirq) -> None:
    """Without the event index: clear VRING_AVAIL_F_NO_INTERRUPT.

    C: virtqueue_enable_cb_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    store(s, me, loc.avail_flags, 0)
    me.goto(L.ENABLE_CB_EVENT)


@virtio_ring.step(at=L.ENABLE_CB_EVENT, only="notify")
def virtqueue_enable_cb_prepare_split__event(s: SplitState, me: Softirq) -> None:
    """Ask for an interrupt at the next used entry (written whether or not the event index is on).

    C: virtqueue_enable_cb_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    s.ghost.event_back |= me.opaque != s.vq.last_used_idx
    store(s, me, loc.used_event, unread(s, me.opaque))
    callbacks_enabled(s, me)


@virtio_ring.step(at=L.VIRTQUEUE_POLL, only="notify")
def virtqueue_poll(s: SplitState, me: Softirq) -> None:
    """One more look: has the used index moved since callbacks were enabled?  Of a broken ring nobody asks.

    C: virtqueue_poll(), virtqueue_poll_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    found = False
    if not s.vq.broken:
        mb(s, me, POLL_MB)
        found = load(s, me, loc.used_idx) != me.opaque
    over(s, me, "opaque")
    if found:
        goes_on(s, s.vq.broken)
    more_work(s, me, found)
