"""drivers/virtio/virtio_ring.c: what a split virtqueue's driver does with what the device has used.

Linux 6.1: the interrupt, callbacks off, virtqueue_get_buf_ctx_split() for both of its callers; `driver`
goes on from there.  `avail_flags_shadow` has one bit that matters, `no_interrupt`.

virtqueue_get_buf_ctx_split() is there twice from where the id is known.  Without data a
buffer is taken in the step that reads its id: the length of the used entry and the flags of the
descriptors are no part of the state, nor is anything read of them.  With data both are
read (`taking_data`).  What the two have in common stands behind them.
"""

from __future__ import annotations

from vrx.spec.counting import takes_next
from vrx.spec.layouts.driver import ignores_or_calls, refuse_id, takes_or_ends, vring_interrupt__event_triggered
from vrx.spec.layouts.split.contexts import SplitL, SplitSoftirq
from vrx.spec.layouts.split.memory import NEXT, NO_INTERRUPT, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import got_buf, missing, no_buf, stops_here, took_buf
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.memory import Barrier, dead, load, mb, over, rmb, store
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

GET_BUF_RMB = Barrier("virtqueue_get_buf_ctx_split__rmb", "rmb", "virtqueue_get_buf_ctx_split()")
GET_BUF_MB = Barrier("virtqueue_get_buf_ctx_split__mb", "mb", "virtqueue_get_buf_ctx_split()")
BARRIERS = (GET_BUF_RMB, GET_BUF_MB)


@taking.helper
def unread(s: SplitState, value: int) -> int:
    """What is stored where nobody reads it in this configuration: zero, so that equal situations are equal; with
    `stale` what the C stores."""
    return value if s.cfg.event_idx or s.cfg.stale != "no" else 0


@taking.step(at=L.VRING_INTERRUPT, only=NOTIFY)
def vring_interrupt(s: SplitState, me: HardIrq) -> None:
    """Ignore the interrupt unless something is used.

    C: vring_interrupt(), more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    ignores_or_calls(s, me, s.vq.last_used_idx == load(s, me, loc.used_idx), SplitL.EVENT_TRIGGERED)


taking.step(at=SplitL.EVENT_TRIGGERED, only=EVENT_IDX)(vring_interrupt__event_triggered)


@taking.step(at=L.DISABLE_CB, only=NOTIFY)
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


@taking.helper
def more_used(s: SplitState, me: Softirq) -> bool:
    """virtqueue_get_buf_ctx_split() begins: has the device used another buffer?  Of a broken ring nobody asks.

    C: virtqueue_get_buf_ctx_split(), more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    if s.vq.broken or s.vq.last_used_idx == load(s, me, loc.used_idx):
        return False
    takes_next(s)
    rmb(s, me, GET_BUF_RMB)
    return True


@taking.step(at=L.MORE_USED, exhausted=2)
def virtqueue_get_buf_ctx_split__more_used(s: SplitState, me: Softirq, exhausted: int) -> None:
    """Stop at the budget; else look whether the device has used another buffer.

    The budget is a free choice: a poll may stop after any number of buffers but none.

    C: virtnet_receive(), drivers/net/virtio_net.c; more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    takes_or_ends(s, me, not stops_here(s, me, exhausted) and more_used(s, me), SplitL.USED_ID)


@taking.step(at=SplitL.USED_ID)
def virtqueue_get_buf_ctx_split__id(s: SplitState, me: Softirq) -> None:
    """Read which buffer came back.

    C: virtqueue_get_buf_ctx_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    me.head = load(s, me, loc.used_id[slot(s.cfg, s.vq.last_used_idx)])
    if s.cfg.data:
        me.goto(SplitL.USED_LEN)
    else:
        detach(s, me)


@taking.helper
def detach(s: SplitState, me: Softirq) -> None:
    """detach_buf_split() without data: the buffer is one descriptor, which goes back on the free list at once."""
    vq = s.vq
    if refuse_id(s, me):
        no_buf(s, me)
        return
    if s.cfg.positions:
        other = s.ghost.place[me.head] != vq.last_used_idx  # not the buffer that was filled here
        s.ghost.overtaken |= other
        s.ghost.wrong_fate |= other
    give(s, me.head, USED, FREE, vq.num_free)
    comes_back(s, me)
    vq.num_free = vq.num_free + 1
    joins_free_list(s, me.head, me.head)
    entry_done(s, me)


@taking_data.step(at=SplitL.USED_LEN, only=DATA)
def virtqueue_get_buf_ctx_split__len(s: SplitState, me: SplitSoftirq) -> None:
    """Read how much the device wrote into it; an id that is no head in use breaks the ring.

    C: virtqueue_get_buf_ctx_split(), detach_buf_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    me.length = load(s, me, loc.used_len[slot(s.cfg, s.vq.last_used_idx)])
    if refuse_id(s, me):
        s.ghost.torn = True
        no_buf(s, me)
        return
    give(s, me.head, USED, CHAINED)
    comes_back(s, me)
    s.ghost.torn |= me.length != s.ghost.written[me.head]
    s.ghost.written[me.head] = 0
    me.desc = me.head
    me.goto(SplitL.DETACH_BUF)


@taking_data.step(at=SplitL.DETACH_BUF, only=DATA)
def detach_buf_split(s: SplitState, me: SplitSoftirq) -> None:
    """Walk the chain by the flags in the ring and the driver's own links, and put it back on the free list.

    C: detach_buf_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    if put_back(s, me):
        detached(s, me)


@taking_data.helper
def put_back(s: SplitState, me: SplitSoftirq) -> bool:
    """One descriptor goes back on the free list; true after the last one."""
    vq = s.vq
    here = me.desc
    flags = load(s, me, loc.desc_flags[here])
    dead(s, loc.desc[here])
    give(s, here, CHAINED, FREE)
    vq.num_free = vq.num_free + 1
    if flags & NEXT != 0:
        me.desc = vq.next[here]
        return False
    joins_free_list(s, me.head, here)
    return True


@taking_data.helper
def detached(s: SplitState, me: Softirq, believed: bool = False) -> None:
    """The descriptors are back on the free list: on to the next used entry.  believed: see `spec.linux.returns`."""
    over(s, me, "desc")
    for n in range(s.cfg.segments if s.cfg.indirect else 0):
        dead(s, loc.table[me.head * s.cfg.segments + n])  # kfree(): the table is gone
    entry_done(s, me, believed)


@taking.helper
def comes_back(s: SplitState, me: Softirq) -> None:
    """The buffer is out no more: desc_state[].data becomes NULL."""
    s.ghost.misuse |= s.dev.used_idx == s.vq.last_used_idx  # its entry is written but not published
    s.vq.token[me.head] = False


@taking.helper
def joins_free_list(s: SplitState, head: int, last: int) -> None:
    """The free list begins with the descriptors from `head` to `last`, which are linked already."""
    s.vq.next[last] = s.vq.free_head
    s.vq.free_head = head


@taking.helper
def entry_done(s: SplitState, me: Softirq, believed: bool = False) -> None:
    """virtqueue_get_buf_ctx_split() ends: last_used_idx moves on.  believed: see `spec.linux.returns`."""
    vq = s.vq
    used = loc.used_elem if s.cfg.data else loc.used_id
    dead(s, used[slot(s.cfg, vq.last_used_idx)])
    vq.last_used_idx = idx_add(s.cfg, vq.last_used_idx, 1)
    mark(s, "driver index wraps", when=vq.last_used_idx == 0)
    took_buf(s, me)
    if vq.no_interrupt or not s.cfg.notify:
        got_buf(s, me, believed)
    else:
        me.goto(SplitL.GET_BUF_EVENT)


@taking.step(at=SplitL.GET_BUF_EVENT, only=NOTIFY)
def virtqueue_get_buf_ctx_split__event(s: SplitState, me: Softirq) -> None:
    """Callbacks are on: ask for an interrupt at the next entry.

    C: virtqueue_get_buf_ctx_split(), virtio_store_mb(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    store(s, me, loc.used_event, unread(s, s.vq.last_used_idx))
    me.goto(SplitL.GET_BUF_EVENT_MB)


@taking.step(at=SplitL.GET_BUF_EVENT_MB, only=NOTIFY)
def virtqueue_get_buf_ctx_split__event_mb(s: SplitState, me: Softirq) -> None:
    """Let the device see the event index before looking at the used index again.

    C: virtqueue_get_buf_ctx_split(), virtio_store_mb(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    mb(s, me, GET_BUF_MB)
    got_buf(s, me)


@gathering.step(at=L.GATHER, only=DATA & MERGEABLE)
def receive_mergeable__gather(s: SplitState, me: Softirq) -> None:
    """Take the packet's next buffer; where it is missing, the packet is dropped and counted.

    C: receive_mergeable(), drivers/net/virtio_net.c; more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    another(s, me, L.GATHER)


@gathering.step(at=L.DISCARD, only=DATA & MERGEABLE)
def receive_mergeable__discard(s: SplitState, me: Softirq) -> None:
    """Take a buffer of a bad packet, to throw it away.

    C: receive_mergeable(), drivers/net/virtio_net.c; more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    another(s, me, L.DISCARD)


@gathering.helper
def another(s: SplitState, me: Softirq, point: L) -> None:
    """virtqueue_get_buf_ctx() for `point`, up to its first access."""
    if more_used(s, me):
        me.call(SplitL.USED_ID, then=point)
    else:
        missing(s, me)
