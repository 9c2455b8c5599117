"""hw/net/virtio-net.c: the device's receive path from the kick to the copy into the buffer."""

from __future__ import annotations

from typing import Any

from vrx.spec.contents import loc
from vrx.spec.memory import over, store
from vrx.spec.qemu.net_queue import done, qemu_net_queue_flush
from vrx.spec.qemu.returns import copied, look
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.rx import HELD, State, fate, goes_on
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import DATA, FILTER, GENERAL, MERGEABLE, NOTIFY, WATCH
from vrx.spec.words import pick

virtio_net = Machine("hw/net/virtio-net.c")


@virtio_net.step(at=Q.IDLE, only=NOTIFY)
def virtio_queue_host_notifier_read(s: State, me: MainLoop) -> None:
    """The main loop takes the kick; a broken device does no more.

    C: virtio_queue_host_notifier_read(), virtio_queue_notify_vq(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    require(s.lines.kick)
    s.lines.kick = False
    if s.dev.broken:
        me.goto(Q.IDLE)
    else:
        me.goto(Q.HANDLE_RX)


@virtio_net.step(at=Q.HANDLE_RX, only=NOTIFY & ~GENERAL)
def virtio_net_handle_rx(s: State, me: MainLoop) -> None:
    """Offer the queued packet again.

    C: virtio_net_handle_rx(), hw/net/virtio-net.c; qemu_flush_queued_packets(), net/net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    goes_on(s, s.dev.broken)
    if s.net.receive_disabled:
        mark(s, "a parked device is woken")
    s.net.receive_disabled = False
    qemu_net_queue_flush(s, me)


@virtio_net.step(at=Q.CAN_RECEIVE, only=~GENERAL)
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


@virtio_net.step(at=Q.RECEIVE_FILTER, only=FILTER, refused=2)
def receive_filter(s: State, me: MainLoop, refused: int) -> None:
    """The receive filter may refuse the packet: it is gone, and no buffer was taken.

    C: receive_filter(), virtio_net_receive_rcu(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.5.1 (Packet Receive Filtering)
    """
    if refused == 0:
        me.goto(Q.POP_EMPTY)
    else:
        mark(s, "a packet is filtered out")
        over(s, me, "rest")
        fate(s, me.mark, 2)
        done(s, me)


@virtio_net.step(at=Q.RECEIVE_HEADER, only=DATA)
def receive_header(s: State, me: MainLoop) -> None:
    """Write the header into the first piece of the packet's first buffer.

    C: receive_header(), iov_from_buf(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    touch(s, me.elems[0])
    store(s, me, loc.header[me.sg_addr[0] - 1], (me.mark, me.size))
    me.lens[0] = s.cfg.hdr_len
    if not s.cfg.any_id:
        s.ghost.written[me.elems[0]] = s.cfg.hdr_len
    me.seg = 1 if s.cfg.segments > 1 and me.sg_len[0] == s.cfg.hdr_len else 0
    me.goto(Q.IOV_FROM_BUF)


@virtio_net.step(at=Q.IOV_FROM_BUF, only=WATCH & ~DATA)
def iov_from_buf(s: State, me: MainLoop) -> None:
    """Copy as much of the packet as the buffer holds.  Without data that is one unit, in one piece, without a header.

    C: iov_from_buf(), include/qemu/iov.h; virtio_net_receive_rcu(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    store(s, me, loc.data[last_element(s, me)], me.mark)
    copied(s, me)


@virtio_net.step(at=Q.IOV_FROM_BUF, only=DATA)
def iov_from_buf__piece(s: State, me: MainLoop) -> None:
    """Copy as much of the packet as one piece of memory holds.

    C: iov_from_buf_full(), util/iov.c; virtio_net_receive_rcu(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    room = me.sg_len[me.seg] - pick((me.held == 1) & (me.seg == 0), s.cfg.hdr_len, 0)
    copy_piece(s, me, pick(me.rest <= room, me.rest, room))


@virtio_net.helper
def copy_piece(s: State, me: MainLoop, n: int) -> None:
    """Write the next n units of the packet into the piece, then go to the next piece or be done with the element."""
    head = last_element(s, me)
    if n > 0:
        store(s, me, loc.piece[me.sg_addr[me.seg] - 1], (me.mark, me.size - me.rest, n))
    me.lens[me.held - 1] = me.lens[me.held - 1] + n
    if s.cfg.any_id:  # which says nothing of the memory that is offered with it: a piece holds what it is said to
        first = pick((me.held == 1) & (me.seg == 0), s.cfg.hdr_len, 0)
        s.ghost.overrun |= first + n > me.sg_len[me.seg]
    else:
        s.ghost.written[head] = s.ghost.written[head] + n
        s.ghost.overrun |= s.ghost.written[head] > s.cfg.capacity
    me.rest = me.rest - n
    if me.rest != 0 and me.seg + 1 < me.in_num:
        me.seg = me.seg + 1
    else:
        copied(s, me)


@virtio_net.helper
def last_element(s: State, me: MainLoop) -> Any:
    """The element that was popped last, by its head: the device writes into it now."""
    head = me.elems[me.held - 1]
    touch(s, head)
    return head


@virtio_net.step(at=Q.NUM_BUFFERS, only=DATA & MERGEABLE)
def virtio_net_receive_rcu__num_buffers(s: State, me: MainLoop) -> None:
    """All buffers of the packet are filled: write how many there are into the header of the first.

    C: virtio_net_receive_rcu(), hw/net/virtio-net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    write_num_buffers(s, me)
    me.goto(Q.FILL)


@virtio_net.helper
def write_num_buffers(s: State, me: MainLoop) -> None:
    """num_buffers goes to where it was when the first element was mapped."""
    touch(s, me.elems[0])
    store(s, me, loc.num_buffers[me.mhdr - 1], me.held)
    over(s, me, "mhdr")


def touch(s: State, head: int) -> None:
    """Record in the ghost that the device writes into a buffer: it may only between pop and unmap."""
    s.ghost.misuse |= s.ghost.owner[head] != HELD


@virtio_net.step(at=Q.IDLE, only=~NOTIFY)
def virtio_net_handle_rx__any_time(s: State, me: MainLoop) -> None:
    """Where there are no notifications, the queued packet may be offered again at any time.

    C: virtio_net_handle_rx(), hw/net/virtio-net.c; qemu_flush_queued_packets(), net/net.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    require(s.net.queued != 0)
    s.net.receive_disabled = False
    qemu_net_queue_flush(s, me)
