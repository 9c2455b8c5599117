"""hw/net/virtio-net.c: the device's receive path from the kick to the copy into the buffer."""

from __future__ import annotations

from spec.memory import store
from spec.qemu.flow import copied, look
from spec.qemu.net_queue import done, qemu_net_queue_flush
from spec.qemu.state import MainLoop, Q
from spec.rx import HELD, State, fate, loc
from spec.steps import Machine, mark, require

virtio_net = Machine("hw/net/virtio-net.c")


@virtio_net.step(at=Q.IDLE)
def virtio_queue_host_notifier_read(s: State, me: MainLoop) -> None:
    """The main loop takes the kick; a broken device does no more.

    C: virtio_queue_host_notifier_read(), virtio_queue_notify_vq(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    require(s.lines.kick)
    s.lines.kick = False
    me.goto(Q.IDLE if s.dev.broken else Q.HANDLE_RX)


@virtio_net.step(at=Q.HANDLE_RX, only="!general")
def virtio_net_handle_rx(s: State, me: MainLoop) -> None:
    """Offer the queued packet again.

    C: virtio_net_handle_rx(), hw/net/virtio-net.c; qemu_flush_queued_packets(), net/net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    if s.net.receive_disabled:
        mark(s, "a parked device is woken")
    s.net.receive_disabled = False
    qemu_net_queue_flush(s, me)


@virtio_net.step(at=Q.CAN_RECEIVE, only="!general")
def virtio_net_can_receive(s: State, me: MainLoop) -> None:
    """A stopped machine receives nothing: the packet is lost (virtio_net_receive_rcu() returns -1).

    C: virtio_net_receive_rcu(), virtio_net_can_receive(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.1.2 (Device Requirements: Device Status Field)
    """
    if s.net.running:
        look(s, me)
    else:
        mark(s, "not ready")
        fate(s, me.mark, 2)
        done(s, me)


@virtio_net.step(at=Q.RECEIVE_HEADER, only="data")
def receive_header(s: State, me: MainLoop) -> None:
    """Write the header into the first buffer of the packet.

    C: receive_header(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    head = me.elems[me.held - 1]
    if s.ghost.owner[head] != HELD:
        s.ghost.misuse = True
    store(s, me, loc.header[head], 1)
    me.goto(Q.IOV_FROM_BUF)


@virtio_net.step(at=Q.IOV_FROM_BUF, only="packets")
def iov_from_buf(s: State, me: MainLoop) -> None:
    """Copy as much of the packet as the buffer holds.

    C: iov_from_buf(), include/qemu/iov.h; virtio_net_receive_rcu(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    head = me.elems[me.held - 1]
    if s.ghost.owner[head] != HELD:
        s.ghost.misuse = True
    store(s, me, loc.data[head], me.mark)
    copied(s, me)
