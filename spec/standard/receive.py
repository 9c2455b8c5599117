"""The receive queue of virtio-net on top of a virtqueue: whole packets in one or several buffers.

A packet begins with a header in its first buffer, which says in how many buffers it
lies (num_buffers).  All of them but the last are full.  The device may place the
buffers of a packet one after the other, but the driver sees all of them or none.

How long a packet is stands nowhere: it is the sum of the used lengths less the header.
So this layer reads used lengths as exact, which the standard says nowhere (A9, A10 of
`docs/virtqueue.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

from vrx.spec.sizes import FRAME, SIZE
from vrx.spec.standard.rules import must
from vrx.spec.standard.virtqueue import HasQueue, hand_back, use
from vrx.spec.words import Upto


@dataclass(slots=True)
class Packet:
    """The packet that the device is placing: `left` of its `of` buffers are not placed yet; 0: none is begun.

    With MTU negotiated: length: what is placed of it; segmented: it has a gso_type, and may be longer than a frame
    """

    left: Annotated[int, Upto(SIZE)] = 0
    of: Annotated[int, Upto(SIZE)] = 0
    length: Annotated[int, Upto(FRAME)] = 0
    segmented: bool = False


class HasReceive(HasQueue, Protocol):
    """A state with a receive queue in it."""

    packet: Packet


def begin(s: HasReceive, num_buffers: int, segmented: bool = False) -> None:
    """The device writes the header of a packet.  num_buffers: as the header has it, 0..65535; segmented: has it a
    gso_type other than NONE?

    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    must(s.packet.left == 0, "5.1.9.4.1-2")
    if s.cfg.frame > 0:
        s.packet.segmented = segmented
    if s.cfg.mergeable:
        must(num_buffers > 0 and num_buffers <= s.cfg.size, "5.1.9.4.1-2")
        s.packet.left = num_buffers
    else:
        s.packet.left = 1
        must(num_buffers == 1, "5.1.9.4.1-1")
    s.packet.of = s.packet.left


def fill(s: HasReceive, head: int, length: int, first: bool, span: int = 1) -> None:
    """The device places the next buffer of the packet among the returns.

    first: it holds the header; span: as of `virtqueue.use`

    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    must(s.packet.left > 0, "5.1.9.3.2-1")
    s.packet.left = s.packet.left - 1
    total = s.packet.length + length if s.cfg.frame > 0 and not s.packet.segmented else 0
    s.packet.length = total if total <= s.cfg.frame else 0
    if s.packet.left == 0:
        s.packet.of = 0
        s.packet.length = 0
        s.packet.segmented = False
    use(s, head, length, span)
    must(total <= s.cfg.frame, "5.1.4.1-5")
    if s.cfg.lengths:
        if s.packet.left > 0:
            must(length == s.queue.capacity[head], "5.1.9.4.1-3")
        if first:
            must(length >= s.cfg.header, "P-5.1.9-1")


def deliver(s: HasReceive, count: int) -> None:
    """The device moves the index of the returns over all that it has placed: whole packets only.

    Over all: what is placed and not published cannot be told from what is placed later.

    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    hand_back(s, count)
    must(s.packet.left == 0 and s.queue.returns.idx == s.queue.returns.added, "5.1.9.4.1-4")
