"""drivers/virtio/virtio_ring.c: the driver's half of a split virtqueue.

Linux 6.1, the functions of the receive path in the order in which a buffer
meets them; those before it is received stand in `driver_used`.

virtqueue_add_split() with data writes descriptors first (`driver_descriptors`), without data
it begins with the available ring: a buffer is its head, and what is in a descriptor is no
part of the state.
"""

from __future__ import annotations

from vrx.spec.layouts.driver import DELAYED_MB, POLL_MB, kick_if, looked_again, virtqueue_notify
from vrx.spec.layouts.split import driver_used
from vrx.spec.layouts.split.contexts import SplitL, SplitSoftirq
from vrx.spec.layouts.split.driver_used import unread
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import added, callbacks_enabled, ring_filled
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import Barrier, fresh, load, mb, over, store, wmb
from vrx.spec.ring import idx_add, idx_sub, slot, three_quarters, vring_need_event
from vrx.spec.rx import CHAINED, FREE, OFFERED, give, goes_on
from vrx.spec.steps import Machine
from vrx.spec.switches import DELAYED, EVENT_IDX, NOTIFY

virtio_ring = Machine("drivers/virtio/virtio_ring.c")

ADD_WMB = Barrier("virtqueue_add_split__wmb", "wmb", "virtqueue_add_split()")
KICK_PREPARE_MB = Barrier("virtqueue_kick_prepare_split__mb", "mb", "virtqueue_kick_prepare_split()")
BARRIERS = (*driver_used.BARRIERS, ADD_WMB, KICK_PREPARE_MB, POLL_MB)


@virtio_ring.step(at=L.TRY_FILL_RECV)
def try_fill_recv(s: SplitState, me: SplitSoftirq) -> None:
    """Add buffers until no descriptor is free, then kick; a broken ring takes none.

    C: try_fill_recv(), drivers/net/virtio_net.c; virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    if s.vq.broken or full(s):
        ring_filled(s, me)
    else:
        goes_on(s, s.vq.broken)
        begin_add(s, me)


@virtio_ring.helper
def full(s: SplitState) -> bool:
    """Are there too few descriptors for one more buffer?  virtqueue_add_split() then refuses with -ENOSPC."""
    return not s.vq.num_free >= s.cfg.each if s.cfg.data else s.vq.num_free == 0


@virtio_ring.helper
def begin_add(s: SplitState, me: SplitSoftirq) -> None:
    """virtqueue_add_split() begins with the first free descriptor; without data nothing is written into it."""
    if s.cfg.data:
        me.desc = s.vq.free_head
        me.goto(SplitL.ADD_TABLE if s.cfg.indirect else SplitL.ADD_FLAGS)
    else:
        me.goto(SplitL.ADD_RING)


@virtio_ring.step(at=SplitL.ADD_RING)
def virtqueue_add_split__ring(s: SplitState, me: SplitSoftirq) -> None:
    """Take the buffer off the free list and put its head into the available ring.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.2 (Updating The Available Ring)
    """
    vq = s.vq
    head = vq.free_head
    give(s, head, FREE, OFFERED, vq.avail_idx_shadow)
    take_off_free_list(s, me)
    vq.token[head] = True
    if s.cfg.watch and not s.cfg.data:
        fresh(s, loc.data[head])
    store(s, me, loc.avail_ring[slot(s.cfg, vq.avail_idx_shadow)], head)
    me.goto(SplitL.ADD_IDX)


@virtio_ring.helper
def take_off_free_list(s: SplitState, me: SplitSoftirq) -> None:
    """The descriptors of the buffer leave the free list; the links inside a chain stay, for its way back."""
    vq = s.vq
    link = vq.free_head
    for _ in range(0 if s.cfg.indirect else s.cfg.last_segment):
        link = vq.next[link]
        give(s, link, FREE, CHAINED)
    vq.num_free = vq.num_free - s.cfg.each
    leaves_free_list(s, me.desc if s.cfg.data else link)  # with data, the descriptor that was written last
    over(s, me, "desc")
    me.seg = 0


def leaves_free_list(s: SplitState, last: int) -> None:
    """The free list begins behind descriptor `last`; what it begins with and where it leads is dead if it is empty."""
    vq = s.vq
    if s.cfg.stale != "no":
        vq.free_head = vq.next[last]
        return
    vq.free_head = vq.next[last] if vq.num_free > 0 else 0
    vq.next[last] = 0


@virtio_ring.step(at=SplitL.ADD_IDX)
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


@virtio_ring.step(at=L.KICK_PREPARE, only=NOTIFY)
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
    kick_if(s, me, needs_kick)


virtio_ring.step(at=L.NOTIFY, only=NOTIFY)(virtqueue_notify)


@virtio_ring.step(at=L.ENABLE_CB_PREPARE, only=NOTIFY)
def virtqueue_enable_cb_prepare(s: SplitState, me: Softirq) -> None:
    """Callbacks count as on again, the hint is forgotten, and the index to look for is remembered.

    C: virtqueue_enable_cb_prepare(), virtqueue_enable_cb_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    s.vq.event_triggered = False
    write_flags = s.vq.no_interrupt and not s.cfg.event_idx
    s.vq.no_interrupt = False
    me.opaque = asked_for(s)
    me.goto(SplitL.ENABLE_CB_FLAGS if write_flags else SplitL.ENABLE_CB_EVENT)


@virtio_ring.helper
def asked_for(s: SplitState) -> int:
    """Of which used entry the driver asks to hear: of the next one, or, with delay, of the one behind three quarters of
    those that are out.

    C: virtqueue_enable_cb_prepare_split(), virtqueue_enable_cb_delayed_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    vq = s.vq
    if not s.cfg.delayed:
        return vq.last_used_idx
    out = idx_sub(s.cfg, vq.avail_idx_shadow, vq.last_used_idx)
    return idx_add(s.cfg, vq.last_used_idx, three_quarters(out, s.cfg.size))


@virtio_ring.step(at=SplitL.ENABLE_CB_FLAGS, only=NOTIFY & ~EVENT_IDX)
def virtqueue_enable_cb_prepare_split__flags(s: SplitState, me: Softirq) -> None:
    """Without the event index: clear VRING_AVAIL_F_NO_INTERRUPT.

    C: virtqueue_enable_cb_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    store(s, me, loc.avail_flags, 0)
    me.goto(SplitL.ENABLE_CB_EVENT)


@virtio_ring.step(at=SplitL.ENABLE_CB_EVENT, only=NOTIFY)
def virtqueue_enable_cb_prepare_split__event(s: SplitState, me: Softirq) -> None:
    """Ask for an interrupt at the next used entry (written whether or not the event index is on).

    C: virtqueue_enable_cb_prepare_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    s.ghost.event_back |= me.opaque != asked_for(s)
    store(s, me, loc.used_event, unread(s, me.opaque))
    callbacks_enabled(s, me)


@virtio_ring.step(at=L.VIRTQUEUE_POLL, only=DELAYED)
def virtqueue_enable_cb_delayed_split(s: SplitState, me: Softirq) -> None:
    """With delay, the last look: are more used than it asked to wait for?  It is asked of a broken ring, too.

    C: virtqueue_enable_cb_delayed(), virtqueue_enable_cb_delayed_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    vq = s.vq
    mb(s, me, DELAYED_MB)
    used = idx_sub(s.cfg, load(s, me, loc.used_idx), vq.last_used_idx)
    looked_again(s, me, used > idx_sub(s.cfg, me.opaque, vq.last_used_idx))


@virtio_ring.step(at=L.VIRTQUEUE_POLL, only=NOTIFY & ~DELAYED)
def virtqueue_poll(s: SplitState, me: Softirq) -> None:
    """One more look: has the used index moved since callbacks were enabled?  Of a broken ring nobody asks.

    C: virtqueue_poll(), virtqueue_poll_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    found = False
    if not s.vq.broken:
        mb(s, me, POLL_MB)
        found = load(s, me, loc.used_idx) != me.opaque
    looked_again(s, me, found)
