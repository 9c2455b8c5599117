"""Reading a descriptor chain off the wire.  What the standard says of its form is `spec.layouts.split.standard.chain`.

A harness reads what a driver under test wrote: anything may stand there.
"""

from __future__ import annotations

from typing import NamedTuple

from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.buffer import Chain, Malformed
from vrx.models.conformance.wire.layout import DESC_BYTES, WRITE
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable, SplitRing
from vrx.spec.layouts.split.standard.chain import begin_chain, descriptor, next_place
from vrx.spec.standard.rules import Forbidden


class Rules(NamedTuple):
    """What the rules of a chain depend on: the size of the queue, and whether INDIRECT_DESC is negotiated."""

    size: int
    indirect: bool


def read_chain(ring: SplitRing, memory: Memory, head: int, indirect: bool) -> Chain:
    """The chain that begins at descriptor `head`.  indirect: INDIRECT_DESC is negotiated.  Raises Malformed.

    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table), 2.7.5.3 (Indirect Descriptors)
    """
    rules = Rules(ring.size, indirect)
    chain = begin_chain(rules, head)
    used: list[int] = []
    segments: list[Segment] = []
    table = ring.desc
    d = Descriptor(0, 0, 0, 0)
    while not chain.ended:
        i, in_table = chain.at, chain.in_table
        try:
            d = table[next_place(rules, chain)]
            entries = d.len // DESC_BYTES if d.len % DESC_BYTES == 0 and memory.holds(d.addr, d.len) else 0
            descriptor(rules, chain, d.flags, d.len, d.next, entries)
        except Forbidden as breach:
            where = "an indirect table" if in_table else "the descriptor table"
            last = f"the last: {d.len} bytes at {d.addr:#x}, flags {d.flags:#x}, next {d.next}"
            raise Malformed(breach.clause, f"chain of head {head}: descriptor {i} of {where}; {last}") from None
        if not in_table:
            used.append(i)
        if chain.in_table and not in_table:
            table = DescriptorTable(memory.at(d.addr, d.len))
        else:
            segments.append(Segment(d.addr, d.len, bool(d.flags & WRITE)))
    return Chain(head, tuple(used), tuple(segments), chain.capacity, chain.in_table)
