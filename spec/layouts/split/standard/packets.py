"""Do the packets that QEMU publishes follow the rules of a receive queue?  Asked of memory, as the driver finds it.

Every used entry that is published and not yet taken goes through the standard's own
`begin`, `fill` and `deliver`, in the order of the ring.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.linux.state import L
from vrx.spec.property import Property, invariant
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import State
from vrx.spec.standard.config import StandardConfig
from vrx.spec.standard.receive import Packet, begin, deliver, fill
from vrx.spec.standard.rules import Forbidden
from vrx.spec.standard.virtqueue import LIVE, TAKEN, Queue, new_queue
from vrx.spec.words import Array

WITHIN: Final = (L.RECEIVE_NUM, L.RECEIVE_HEADER, L.RECEIVE_DATA, L.GATHER, L.DISCARD, SplitL.USED_ID, SplitL.USED_LEN,
                 SplitL.DETACH_BUF)  # fmt: skip
"""Where the driver may have taken some of a packet's buffers and not the others."""


@dataclass
class Returns:
    """A receive queue of the standard on which the device has every buffer."""

    cfg: StandardConfig
    queue: Queue
    packet: Packet
    marks: list[str] | None = None


@cache
def rules(size: int, mergeable: bool, header: int) -> StandardConfig:
    """What was negotiated.  Lengths are in the model's units."""
    return StandardConfig(
        size=size, idx_bits=16, mergeable=mergeable, max_packet=1, lengths=True, len_bits=32, header=header
    )


def all_taken(s: State) -> Returns:
    """The queue before the first entry that the driver has not taken: whatever comes back is the device's to return."""
    c = rules(s.cfg.size, s.cfg.mergeable, s.cfg.hdr_len)
    queue = new_queue(c, LIVE)
    queue.owner = Array([TAKEN] * c.size)
    queue.capacity = Array([s.cfg.capacity] * c.size)
    return Returns(c, queue, Packet())


def replayed(s: State, numbered: bool) -> None:
    """Return what is published by the standard's functions.  Raises Forbidden.

    numbered: num_buffers is read from memory; else, without mergeable buffers, taken to be right
    """
    at = all_taken(s)
    published = idx_sub(s.cfg, s.ring.used_idx, s.vq.last_used_idx)
    for n in range(s.cfg.size):
        if not n < published:
            break
        place = slot(s.cfg, idx_add(s.cfg, s.vq.last_used_idx, n))
        head = s.ring.used_id[place]
        first = at.packet.left == 0
        if first:
            begin(at, s.contents.num[head * s.cfg.segments] if numbered else 1)
        fill(at, head, s.ring.used_len[place], first)
    deliver(at, published)


def within(s: State) -> bool:
    """Has the driver begun to take a packet?"""
    for cpu in s.cpus:
        for point in WITHIN:
            if cpu.softirq.pc == point:
                return True
    return False


@invariant
def packets_follow_the_standard(s: State) -> bool:
    """Unless the driver is within a packet, what is published is whole packets by the rules of a receive queue:
    num_buffers of each, its lengths, and all of its buffers together."""
    if within(s):
        return True
    try:
        replayed(s, numbered=s.cfg.mergeable)
    except Forbidden:
        return False
    return True


def no_packet_breaks(clause: str) -> Property:
    """No published packet breaks this rule before any other; num_buffers is read whether buffers merge or not."""

    def holds(s: State) -> bool:
        if within(s):
            return True
        try:
            replayed(s, numbered=True)
        except Forbidden as breach:
            return breach.clause != clause
        return True

    holds.__doc__ = f"No published packet breaks {clause} before any other rule; num_buffers is always read."
    return Property(f"no_packet_breaks_{clause}", holds, "always")
