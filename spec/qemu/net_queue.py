"""net/queue.c: the packet queue in front of the device."""

from __future__ import annotations

from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.rx import State
from vrx.spec.sizes import MAX_PACKET
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import GENERAL, STOPS

net_queue = Machine("net/queue.c")


@net_queue.step(at=Q.IDLE, environment=True, only=~GENERAL, size=MAX_PACKET, watch=2)
def qemu_net_queue_send(s: State, me: MainLoop, size: int, watch: int) -> None:
    """A packet arrives from the network.  size: in buffers, 1 + the choice; watch: 1 the watched one.

    Queued without being offered while the device is not to be disturbed; the sender then stops.

    C: qemu_net_queue_send(), net/queue.c; tap_send(), net/tap.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    require(s.cfg.arrivals and s.net.queued == 0)
    identity = 0
    if watch == 1:
        require(s.cfg.can_be_watched(size + 1) and s.ghost.watched == 0)
        s.ghost.watched = 1
        identity = 2
    elif s.cfg.packets:
        identity = 1 if s.ghost.watched == 0 else 3
    if s.net.receive_disabled or not s.net.running:
        s.net.queued = size + 1
        s.net.queued_mark = identity
    else:
        me.size = size + 1
        me.mark = identity
        me.goto(Q.CAN_RECEIVE)


@net_queue.helper
def qemu_net_queue_flush(s: State, me: MainLoop) -> None:
    """Offer the queued packet again, or go back to the main loop.

    C: qemu_net_queue_flush(), net/queue.c, QEMU 7.2
    """
    if s.net.queued == 0:
        me.goto(Q.IDLE)
        return
    me.size = s.net.queued
    me.mark = s.net.queued_mark
    s.net.queued = 0
    s.net.queued_mark = 0
    me.goto(Q.CAN_RECEIVE)


@net_queue.helper
def park(s: State, me: MainLoop) -> None:
    """virtio_net_receive() returned 0: the packet waits in the queue, the sender stops.

    C: qemu_net_queue_append(), net/queue.c; qemu_deliver_packet_iov(), net/net.c, QEMU 7.2
    """
    mark(s, "the device parks")
    s.net.queued = me.size
    s.net.queued_mark = me.mark
    s.net.receive_disabled = True
    done(s, me)


@net_queue.helper
def done(s: State, me: MainLoop) -> None:
    """virtio_net_receive() returns to the main loop: the packet in hand is gone."""
    me.size = 0
    me.mark = 0
    me.goto(Q.IDLE)


@net_queue.step(at=Q.IDLE, environment=True, only=STOPS)
def vm_stop(s: State, me: MainLoop) -> None:
    """The machine is stopped: a kick that waits is consumed, and the queued packet is offered once more, and lost.

    The guest's CPUs stand still before anything else.  Then the device's handler (they run in the reverse order of the
    start) notes that the machine does not run, takes the notifier away, and handles what was kicked
    (virtio_bus_cleanup_host_notifier()).  Last the net layer flushes the queue and would purge what stays: nothing
    does, for a device that may not receive loses all that it is offered (`virtio_net_can_receive`).

    C: virtio_vmstate_change(), hw/virtio/virtio.c; net_vm_change_state_handler(), net/net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.1 (Device Status Field)
    """
    require(s.cfg.stops and s.net.running)
    s.net.running = False
    if s.cfg.notify:
        mark(s, "a kick is consumed at a stop", when=s.lines.kick)
        s.lines.kick = False
    s.net.receive_disabled = False
    qemu_net_queue_flush(s, me)


@net_queue.step(at=Q.IDLE, only=STOPS)
def vm_continue(s: State, me: MainLoop) -> None:
    """The machine goes on: what came meanwhile is offered, and the device kicks itself for what the ring may hold.

    The net layer's handler comes first and finds that the device may not receive yet; virtio_net_set_status() then
    flushes.  virtio_device_start_ioeventfd_impl() sets the kick behind that, before anybody could look at it.

    C: virtio_vmstate_change(), hw/virtio/virtio.c; virtio_net_set_status(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.1 (Device Status Field)
    """
    require(not s.net.running)
    mark(s, "what came meanwhile is offered", when=s.net.queued != 0)
    s.net.running = True
    if s.cfg.notify:
        s.lines.kick = True
    s.net.receive_disabled = False
    qemu_net_queue_flush(s, me)
