"""drivers/virtio/virtio_ring.c: the driver's half of a packed virtqueue.

Linux 6.1, the functions of the receive path in the order in which a buffer
meets them; those before it is received stand in `driver_used`.

virtqueue_add_packed() with data writes addresses, lengths, and all of a list or a table (`driver_descriptors`); without
data it begins with the id: a buffer is one descriptor, and what else is in it is no part of the state.
"""

from __future__ import annotations

from vrx.spec.layouts.driver import DELAYED_MB, POLL_MB, kick_if, looked_again, virtqueue_notify
from vrx.spec.layouts.packed import driver_used
from vrx.spec.layouts.packed.contexts import PackedL
from vrx.spec.layouts.packed.driver_descriptors import descriptor_done, head_flags, written_at
from vrx.spec.layouts.packed.driver_used import is_used_desc
from vrx.spec.layouts.packed.memory import DESC, DISABLE, ENABLE, loc
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.returns import added, callbacks_enabled, ring_filled
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import Barrier, fresh, load, mb, store, wmb
from vrx.spec.ring import idx_add, slot, three_quarters
from vrx.spec.rx import CHAINED, FREE, OFFERED, give, goes_on
from vrx.spec.steps import Machine
from vrx.spec.switches import DELAYED, EVENT_IDX, NOTIFY

virtio_ring = Machine("drivers/virtio/virtio_ring.c")

ADD_WMB = Barrier("virtqueue_add_packed__wmb", "wmb", "virtqueue_add_packed()")
KICK_PREPARE_MB = Barrier("virtqueue_kick_prepare_packed__mb", "mb", "virtqueue_kick_prepare_packed()")
ENABLE_CB_WMB = Barrier(
    "virtqueue_enable_cb_prepare_packed__wmb", "wmb", "virtqueue_enable_cb_prepare_packed()"
)
BARRIERS = (*driver_used.BARRIERS, ADD_WMB, KICK_PREPARE_MB, ENABLE_CB_WMB, POLL_MB)


@virtio_ring.step(at=L.TRY_FILL_RECV)
def try_fill_recv(s: PackedState, me: Softirq) -> None:
    """Add buffers until no descriptor is free, then kick; a broken ring takes none.

    C: try_fill_recv(), drivers/net/virtio_net.c; virtqueue_add_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    if s.vq.broken or full(s):
        ring_filled(s, me)
    else:
        goes_on(s, s.vq.broken)
        begin_add(s, me)


@virtio_ring.helper
def full(s: PackedState) -> bool:
    """Are there too few descriptors for one more buffer?  virtqueue_add_packed() then refuses with -ENOSPC."""
    return not s.vq.num_free >= s.cfg.each if s.cfg.data else s.vq.num_free == 0


@virtio_ring.helper
def begin_add(s: PackedState, me: Softirq) -> None:
    """virtqueue_add_packed() begins, of a table with its first entry; without data nothing comes before the id."""
    if s.cfg.data:
        me.goto(PackedL.ADD_FLAGS if s.cfg.indirect else PackedL.ADD_ADDR)
    else:
        me.goto(PackedL.ADD_ID)


@virtio_ring.step(at=PackedL.ADD_ID)
def virtqueue_add_packed__id(s: PackedState, me: Softirq) -> None:
    """Write the id of the buffer into the descriptor; into each of a list the same.

    C: virtqueue_add_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    store(s, me, loc.desc_id[slot(s.cfg, written_at(s, me))], s.vq.free_head)
    descriptor_done(s, me)


@virtio_ring.step(at=PackedL.ADD_HEAD_FLAGS)
def virtqueue_add_packed__head_flags(s: PackedState, me: Softirq) -> None:
    """Take the id off the free list, and make the buffer available: all flags of its first descriptor in one store.

    C: virtqueue_add_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    vq = s.vq
    head, here = vq.free_head, vq.next_avail_idx
    give(s, head, FREE, OFFERED, here)
    if s.cfg.watch and not s.cfg.data:
        fresh(s, loc.data[head])
    vq.next_avail_idx = idx_add(s.cfg, here, s.cfg.each)
    take_off_free_list(s, head)
    vq.token[head] = True
    wmb(s, me, ADD_WMB)
    store(s, me, loc.desc_flags[slot(s.cfg, here)], head_flags(s, here))
    me.seg = 0
    if s.cfg.notify:
        vq.num_added = vq.num_added + s.cfg.each
    added(s, me)


@virtio_ring.helper
def take_off_free_list(s: PackedState, head: int) -> None:
    """An id less is free for each descriptor; what the free list begins with and where it leads is dead if it is empty.

    The links inside of a buffer stay, for its way back.
    """
    vq = s.vq
    last = head
    for _ in range(s.cfg.each - 1):
        last = vq.next[last]
        give(s, last, FREE, CHAINED)
    vq.num_free = vq.num_free - s.cfg.each
    if s.cfg.stale != "no":
        vq.free_head = vq.next[last]
        return
    vq.free_head = vq.next[last] if vq.num_free > 0 else 0
    vq.next[last] = 0


@virtio_ring.step(at=L.KICK_PREPARE, only=NOTIFY)
def virtqueue_kick_prepare_packed(s: PackedState, me: Softirq) -> None:
    """Decide whether the device wants to hear of the new buffers: its whole structure is read by one load.

    C: virtqueue_kick_prepare_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.21.3.1 (Driver Requirements: Sending Available Buffer Notifications)
    """
    vq = s.vq
    mb(s, me, KICK_PREPARE_MB)
    new = slot(s.cfg, vq.next_avail_idx)
    old = new - vq.num_added
    vq.num_added = 0
    off_wrap, flags = load(s, me, loc.device_event)
    if flags == DESC:
        needs_kick = need_event(s.cfg, off_wrap, new, vq.next_avail_idx, old)
    else:
        needs_kick = flags != DISABLE
    kick_if(s, me, needs_kick)


virtio_ring.step(at=L.NOTIFY, only=NOTIFY)(virtqueue_notify)


@virtio_ring.step(at=L.ENABLE_CB_PREPARE, only=NOTIFY)
def virtqueue_enable_cb_prepare(s: PackedState, me: Softirq) -> None:
    """The hint is forgotten; without the event index the flags are written, with it the position comes first.

    C: virtqueue_enable_cb_prepare(), virtqueue_enable_cb_prepare_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    s.vq.event_triggered = False
    me.opaque = asked_for(s)
    if s.cfg.event_idx:
        me.goto(PackedL.ENABLE_CB_OFF_WRAP)
    else:
        callbacks_on(s, me)


@virtio_ring.helper
def asked_for(s: PackedState) -> int:
    """Of which used descriptor the driver asks to hear: of the next one, or, with delay, of the one behind three
    quarters of those that are out.

    C: virtqueue_enable_cb_prepare_packed(), virtqueue_enable_cb_delayed_packed(), drivers/virtio/virtio_ring.c
    """
    if not s.cfg.delayed:
        return s.vq.last_used_idx
    return idx_add(s.cfg, s.vq.last_used_idx, three_quarters(s.cfg.size - s.vq.num_free, s.cfg.size))


@virtio_ring.step(at=PackedL.ENABLE_CB_OFF_WRAP, only=EVENT_IDX)
def virtqueue_enable_cb_prepare_packed__off_wrap(s: PackedState, me: Softirq) -> None:
    """With the event index: ask for an interrupt at the next descriptor.

    C: virtqueue_enable_cb_prepare_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    s.ghost.event_back |= me.opaque != asked_for(s)
    store(s, me, loc.driver_off_wrap, me.opaque)
    me.goto(PackedL.ENABLE_CB_FLAGS)


@virtio_ring.step(at=PackedL.ENABLE_CB_FLAGS, only=EVENT_IDX)
def virtqueue_enable_cb_prepare_packed__flags(s: PackedState, me: Softirq) -> None:
    """With the event index: the position stands, now the flags say that it counts.

    C: virtqueue_enable_cb_prepare_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    wmb(s, me, ENABLE_CB_WMB)
    callbacks_on(s, me)


@virtio_ring.helper
def callbacks_on(s: PackedState, me: Softirq) -> None:
    """The flags are written where callbacks count as off, and virtqueue_enable_cb_prepare() returns."""
    if s.vq.event_flags_shadow == DISABLE:
        s.vq.event_flags_shadow = DESC if s.cfg.event_idx else ENABLE
        store(s, me, loc.driver_flags, s.vq.event_flags_shadow)
    callbacks_enabled(s, me)


@virtio_ring.step(at=L.VIRTQUEUE_POLL, only=DELAYED)
def virtqueue_enable_cb_delayed_packed(s: PackedState, me: Softirq) -> None:
    """With delay, the last look: is the next descriptor used already?  It is asked of a broken ring, too.

    C: virtqueue_enable_cb_delayed(), virtqueue_enable_cb_delayed_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    mb(s, me, DELAYED_MB)
    looked_again(s, me, is_used_desc(s, me, s.vq.last_used_idx))


@virtio_ring.step(at=L.VIRTQUEUE_POLL, only=NOTIFY & ~DELAYED)
def virtqueue_poll(s: PackedState, me: Softirq) -> None:
    """One more look: is the descriptor used where callbacks were enabled?  Of a broken ring nobody asks.

    C: virtqueue_poll(), virtqueue_poll_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    found = False
    if not s.vq.broken:
        mb(s, me, POLL_MB)
        found = is_used_desc(s, me, me.opaque)
    looked_again(s, me, found)
