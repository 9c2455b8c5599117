"""Reading a buffer off a packed ring.  What the standard says of its form is `spec.layouts.packed.standard.chain`.

A harness reads what a driver under test wrote: anything may stand there.
"""

from __future__ import annotations

from typing import NamedTuple

from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.buffer import Chain, Malformed
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, WRITE
from vrx.models.conformance.wire.packed.positions import wrap
from vrx.models.conformance.wire.packed.ring import PackedDescriptor, PackedRing, PackedTable
from vrx.spec.layouts.packed.standard.chain import List, entry_of_table, piece, slot_of_list
from vrx.spec.standard.rules import Forbidden


class Rules(NamedTuple):
    """What the rules of a list depend on: the size of the queue, and whether INDIRECT_DESC is negotiated."""

    size: int
    indirect: bool


def read_list(ring: PackedRing, memory: Memory, at: int, indirect: bool) -> Chain:
    """The buffer that begins at position `at`; `Chain.head` is its ID, `Chain.used` the positions that it takes.

    indirect: INDIRECT_DESC is negotiated.  Raises Malformed.

    Spec: VIRTIO 1.4, 2.8.6 (Next Flag: Descriptor Chaining), 2.8.7 (Indirect Flag: Scatter-Gather Support)
    """
    rules, found, size = Rules(ring.size, indirect), List(), ring.size
    segments: list[Segment] = []
    table: PackedTable | None = None
    entry, d = 0, PackedDescriptor(0, 0, 0, 0)
    while not found.ended:
        try:
            if table is not None:
                d = table[entry]
                entry += 1
                entry_of_table(rules, found, d.flags)
            else:
                place = at + found.slots
                d = ring.desc[place % size]
                there = d.len > 0 and d.len % DESC_BYTES == 0 and memory.holds(d.addr, d.len)
                slot_of_list(rules, found, d.flags, wrap(size, place), d.id, d.len // DESC_BYTES if there else 0)
                if d.flags & INDIRECT:
                    table = PackedTable(memory.at(d.addr, d.len))
                    continue
            piece(found, d.flags, d.len)
        except Forbidden as breach:
            where = f"entry {entry - 1} of its table" if table is not None else f"slot {(at + found.slots) % size}"
            last = f"{d.len} bytes at {d.addr:#x}, ID {d.id}, flags {d.flags:#x}"
            raise Malformed(breach.clause, f"the buffer at slot {at % size}: {where} has {last}") from None
        segments.append(Segment(d.addr, d.len, bool(d.flags & WRITE)))
    positions = tuple(range(at, at + found.slots))
    return Chain(found.id, positions, tuple(segments), found.capacity, found.in_table)
