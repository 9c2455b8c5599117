"""drivers/net/virtio_net.c: a buffer is read, by its kind: small, big pages, mergeable.

What the network layer reads of the packet later is read here at once: nobody
may write to a buffer that the driver has taken.
"""

from __future__ import annotations

from vrx.spec.layouts.split.memory import loc
from vrx.spec.linux.returns import LENGTH_ERROR, discard, fragment_done, too_long
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import dead, load
from vrx.spec.rx import State
from vrx.spec.steps import Machine, mark

receive = Machine("drivers/net/virtio_net.c")


@receive.step(at=L.RECEIVE_NUM, only="data mergeable")
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
    me.num_buf = load(s, me, loc.num_buffers[me.head])
    s.ghost.unnumbered |= me.num_buf == 0
    dead(s, loc.num_buffers[me.head])


@receive.step(at=L.RECEIVE_HEADER, only="data")
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


@receive.step(at=L.RECEIVE_DATA, only="data")
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
    """How much data the driver's piece of memory holds: behind the header, if it is the packet's first."""
    if s.cfg.segments == 1:
        return s.cfg.buffer_len - s.cfg.hdr_len if me.at == 0 else s.cfg.buffer_len
    return s.cfg.segment_len(1) if me.seg == 1 else s.cfg.segment_len(2)
