"""The most general caller of QEMU's virtqueue functions: what any device model of QEMU may do with a queue.

It pops whenever it likes, holds what it has popped as long as it likes,
completes in any order, flushes as many as it likes of what it has filled, and
asks for kicks and looks again before it waits.  Each is a free choice of the
environment, taken or left for ever.  Two things it owes: it notifies after it has
flushed, and it answers a kick.  The steps between are those of
the ring's device, unchanged.

virtio_net never completes out of order; virtio-blk does.
"""

from __future__ import annotations

from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import count_bytes, kept
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.ring import idx_add
from vrx.spec.rx import State, goes_on
from vrx.spec.sizes import SIZE
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import GENERAL

caller = Machine("any caller of hw/virtio/virtio.c")


def stops_waiting(s: State) -> None:
    """It goes on: from here a kick is not owed to it until it asks and looks again."""
    s.net.queued = 0
    s.net.receive_disabled = False


@caller.step(at=Q.IDLE, only=GENERAL, environment=True)
def caller_pops(s: State, me: MainLoop) -> None:
    """Pop, with notification on or off.

    C: virtio_blk_get_request(), hw/block/virtio-blk.c; virtqueue_pop(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)
    """
    mark(s, "pops while it waits", when=s.net.queued != 0)
    stops_waiting(s)
    me.goto(Q.POP_EMPTY)


@caller.step(at=Q.IDLE, only=GENERAL, environment=True, elem=SIZE)
def caller_fills(s: State, me: MainLoop, elem: int) -> None:
    """Complete a buffer.  elem: which of those in hand and not filled, 0 the one popped first.

    It changes places with the one that is next in line: the order of the others is of no consequence.

    C: virtio_blk_req_complete(), hw/block/virtio-blk.c; virtqueue_fill(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    require(me.filled + elem < me.held)
    if elem > 0:
        mark(s, "completes out of order")
        here, there = kept(s, me.filled), kept(s, me.filled + elem)
        chosen, other = me.elems[there], me.elems[here]
        me.elems[here] = chosen
        me.elems[there] = other
        if s.cfg.positions:
            s.ghost.place[chosen] = idx_add(s.cfg, s.dev.used_idx, me.filled)
            s.ghost.place[other] = idx_add(s.cfg, s.dev.used_idx, me.filled + elem)
    me.goto(Q.FILL)


@caller.step(at=Q.IDLE, only=GENERAL, environment=True, count=SIZE)
def caller_flushes(s: State, me: MainLoop, count: int) -> None:
    """Publish some of what is filled: 1 + count.

    C: virtqueue_flush(), virtqueue_push(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    require(count < me.filled)
    me.rest = count + 1
    me.goto(Q.FLUSH)


@caller.step(at=Q.IDLE, only=GENERAL)
def caller_notifies(s: State, me: MainLoop) -> None:
    """It has flushed, so in the end it notifies.

    C: virtio_blk_req_complete(), hw/block/virtio-blk.c; virtio_notify(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    require(me.owed == 1)
    me.goto(Q.SHOULD_NOTIFY)


@caller.step(at=Q.IDLE, only=GENERAL, environment=True)
def caller_notifies_again(s: State, me: MainLoop) -> None:
    """Notify although nothing is new.

    C: virtio_notify(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.7 (Used Buffer Notification Suppression)
    """
    require(me.owed == 0)
    me.goto(Q.SHOULD_NOTIFY)


@caller.step(at=Q.IDLE, only=GENERAL, environment=True, want=SIZE)
def caller_waits(s: State, me: MainLoop, want: int) -> None:
    """Count what is posted; where that is less than 1 + want ask for kicks, look again, and wait.

    C: virtqueue_get_avail_bytes(), virtio_queue_enable_notification_and_check(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    require(s.net.queued == 0)
    me.size = want + 1
    count_bytes(s, me)


@caller.step(at=Q.IDLE, only=GENERAL, environment=True)
def caller_disables(s: State, me: MainLoop) -> None:
    """Ask for no more kicks.

    C: virtio_blk_handle_vq(), hw/block/virtio-blk.c; virtio_queue_set_notification(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    stops_waiting(s)
    me.goto(Q.DISABLE_LOAD)


@caller.step(at=Q.HANDLE_RX, only=GENERAL)
def caller_is_kicked(s: State, me: MainLoop) -> None:
    """The queue's handler runs: it need not wait any longer.

    C: virtio_queue_notify_vq(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    goes_on(s, s.dev.broken)
    mark(s, "a parked device is woken", when=s.net.queued != 0)
    stops_waiting(s)
    done(s, me)
