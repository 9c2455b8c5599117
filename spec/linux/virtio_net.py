"""drivers/net/virtio_net.c: the receive callback, the poll, a buffer is read, the refill.

receive_buf() is there twice.  Without data a buffer is one number, whose packet it holds.
With data it is read by its kind: small, big pages, mergeable (`receive`).  What the network
layer reads of the packet later is read here at once: nobody may write to a buffer that the
driver has taken.

A mergeable buffer of Linux has one descriptor.  On a packed ring the driver may also post lists
that merge, as VIRTIO allows: they are gathered by num_buffers as others are, and read piece by piece
as big pages are.  No C of Linux does so; it is there for what QEMU's C makes of such buffers.
"""

from __future__ import annotations

from vrx.spec.contents import loc
from vrx.spec.counting import header_tells
from vrx.spec.linux.napi import whole_budget_used
from vrx.spec.linux.returns import LENGTH_ERROR, discard, drop_used_entry, fragment_done, too_long
from vrx.spec.linux.state import HardIrq, L, Softirq
from vrx.spec.memory import dead, load
from vrx.spec.rx import State, fate
from vrx.spec.sizes import SIZE
from vrx.spec.steps import Machine, mark
from vrx.spec.switches import DATA, MERGEABLE, NOTIFY, WATCH

virtio_net = Machine("drivers/net/virtio_net.c")
receive = Machine("drivers/net/virtio_net.c")
"""The steps that only systems with data have."""


@virtio_net.step(at=L.OPEN_FILL)
def virtnet_open(s: State, me: Softirq) -> None:
    """Fill the ring for the first time, then enable the NAPI.

    C: virtnet_open(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    me.call(L.TRY_FILL_RECV, then=L.OPEN_NAPI_ENABLE if s.cfg.notify else L.IDLE)


@virtio_net.step(at=L.OPEN_NAPI_SCHEDULE, only=NOTIFY)
def virtnet_napi_enable(s: State, me: Softirq) -> None:
    """Schedule one poll, for what the device may have used before the NAPI was enabled.

    C: virtnet_napi_enable(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)


@virtio_net.step(at=L.SKB_RECV_DONE, only=NOTIFY)
def skb_recv_done(s: State, me: HardIrq) -> None:
    """The receive callback: schedule the NAPI.

    C: skb_recv_done(), virtqueue_napi_schedule(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)


@virtio_net.step(at=L.VIRTNET_POLL, only=NOTIFY)
def virtnet_poll(s: State, me: Softirq) -> None:
    """A poll begins: callbacks off, then receive.

    C: virtnet_poll(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    me.call(L.DISABLE_CB, then=L.MORE_USED)


@virtio_net.step(at=L.RECEIVE_DATA, only=WATCH & ~DATA)
def receive_buf__data(s: State, me: Softirq) -> None:
    """Hand the packet to the network layer: its fate is to be delivered.

    C: receive_buf(), receive_small(), napi_gro_receive(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    packet = load(s, me, loc.data[me.head])
    if packet == 0:
        s.ghost.torn = True
    else:
        fate(s, packet, 1)
    drop_used_entry(s, me)
    me.goto(L.MORE_USED)


@receive.step(at=L.RECEIVE_NUM, only=DATA & MERGEABLE)
def receive_mergeable__num_buffers(s: State, me: Softirq) -> None:
    """Read how many buffers the packet takes; a first buffer longer than it can be is thrown away with the others.

    C: receive_mergeable(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    read_num_buffers(s, me)
    if too_long(s, me):
        mark(s, LENGTH_ERROR)
        discard(s, me)
    else:
        me.goto(L.RECEIVE_HEADER)


@receive.helper
def read_num_buffers(s: State, me: Softirq) -> None:
    """num_buf = hdr->num_buffers, whatever it is."""
    piece = me.head * s.cfg.segments
    me.num_buf = load(s, me, loc.num_buffers[piece])
    s.ghost.unnumbered |= me.num_buf == 0
    header_tells(s, me.num_buf)
    dead(s, loc.num_buffers[piece])


@receive.step(at=L.RECEIVE_HEADER, only=DATA)
def receive_buf__header(s: State, me: Softirq) -> None:
    """Read the header: whose it is, and how long the packet is (which its own protocol header says).

    C: receive_small(), page_to_skb(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    piece = me.head * s.cfg.segments
    me.packet, me.whole = load(s, me, loc.header[piece])
    s.ghost.torn |= me.packet == 0
    dead(s, loc.header[piece])
    me.length = me.length - s.cfg.hdr_len
    me.seg = 1 if s.cfg.segments > 1 else 0
    me.goto(L.RECEIVE_DATA)


@receive.step(at=L.RECEIVE_DATA, only=DATA)
def receive_buf__piece(s: State, me: Softirq) -> None:
    """Read the data of one piece of memory: all that its used entry says is there.

    C: page_to_skb(), receive_mergeable(), receive_small(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    here = me.head * s.cfg.segments + me.seg
    room = room_for_data(s, me)
    n = room if s.cfg.segments > 1 and me.length > room else me.length
    s.ghost.overrun |= n > room
    packet, begin, length = load(s, me, loc.piece[here])
    s.ghost.torn |= (packet != me.packet) | (begin != me.at) | (length != n)
    dead(s, loc.piece[here])
    me.at = me.at + n
    me.length = me.length - n
    if me.length > 0 and me.seg < s.cfg.last_segment:
        me.seg = me.seg + 1
    else:
        s.ghost.overrun |= me.length > 0
        fragment_done(s, me)


@receive.helper
def room_for_data(s: State, me: Softirq) -> int:
    """How much data the driver's piece of memory holds: behind the header, if it is the packet's first.  Where
    lists merge, the first piece of a packet's later buffer has data, too."""
    if s.cfg.segments == 1:
        return s.cfg.buffer_len - s.cfg.hdr_len if me.at == 0 else s.cfg.buffer_len
    if s.cfg.mergeable and me.seg == 0:
        return s.cfg.segment_len(0)
    return s.cfg.segment_len(1) if me.seg == 1 else s.cfg.segment_len(2)


@virtio_net.step(at=L.REFILL_TEST, budget=SIZE)
def virtnet_receive__refill(s: State, me: Softirq, budget: int) -> None:
    """Refill when more than half of min(budget, ring size) is free.  budget: 1 + the choice.

    C: virtnet_receive(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    if not s.cfg.gro_flush_timeout:  # else napi_complete_done() asks for it
        me.received = False
    after = L.POLL_DONE if s.cfg.notify else L.IDLE
    if refill_wanted(s, budget + 1):
        mark(s, "refill")
        me.call(L.TRY_FILL_RECV, then=after)
    else:
        me.goto(after)


@virtio_net.helper
def refill_wanted(s: State, budget: int) -> bool:
    """The test of virtnet_receive(), see `more_than_half`."""
    return more_than_half(s.vq.num_free, budget)


def more_than_half(num_free: int, budget: int) -> bool:
    """More than half of min(budget, ring size) is free.  budget: at most the ring size; larger ones do the same.

    C: virtnet_receive(), drivers/net/virtio_net.c, Linux 6.1: num_free > min(budget, size) / 2, on integers
    """
    return 2 * num_free > budget


@virtio_net.step(at=L.POLL_DONE, only=NOTIFY)
def virtnet_poll__done(s: State, me: Softirq) -> None:
    """The whole budget used: stay on the list.  Else complete.

    C: virtnet_poll(), drivers/net/virtio_net.c; napi_poll(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    if me.exhausted:
        mark(s, "budget exhausted")
        me.exhausted = False
        if s.cfg.gro_flush_timeout:
            me.received = False
        whole_budget_used(s, me)
    else:
        me.goto(L.NAPI_COMPLETE_DONE if s.cfg.delayed else L.ENABLE_CB_PREPARE)
