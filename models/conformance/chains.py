"""Reading a descriptor chain off the wire, and what the standard says of its form.

A harness reads what a driver under test wrote: anything may stand there.
"""

from __future__ import annotations

from typing import NamedTuple

from models.conformance.memory import Memory
from models.conformance.protocol import Segment
from models.conformance.wire import DESC_BYTES, INDIRECT, NEXT, WRITE, DescriptorTable, SplitRing


class Malformed(Exception):
    """A chain that no driver may make.  clause: the rule; seen: what stands where."""

    def __init__(self, clause: str, seen: str) -> None:
        super().__init__(clause, seen)
        self.clause, self.seen = clause, seen


class Chain(NamedTuple):
    """A buffer as the ring describes it.

    head: its first descriptor; used: the descriptors of the ring's table that it occupies
    segments: what it consists of; capacity: bytes that the device may write
    """

    head: int
    used: tuple[int, ...]
    segments: tuple[Segment, ...]
    capacity: int
    indirect: bool


def read_chain(ring: SplitRing, memory: Memory, head: int, indirect: bool) -> Chain:
    """The chain that begins at descriptor `head`.  indirect: INDIRECT_DESC is negotiated.  Raises Malformed.

    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table), 2.7.5.3 (Indirect Descriptors)
    """
    size = ring.size
    used: list[int] = []
    segments: list[Segment] = []
    table, in_table, i = ring.desc, False, head
    steps = 0
    while True:
        if i >= table.count:
            where = "the indirect table" if in_table else "the descriptor table"
            raise Malformed("P-2.7-1", f"chain of head {head}: descriptor {i} of {where}, which has {table.count}")
        if steps == size:
            raise Malformed("2.7.5.3.1-3", f"chain of head {head}: more than {size} descriptors")
        d = table[i]
        if not in_table:
            used.append(i)
        if d.flags & INDIRECT:
            if not indirect:
                raise Malformed("2.7.5.3.1-1", f"descriptor {i}: flags {d.flags:#x}")
            if in_table:
                raise Malformed("2.7.5.3.1-2", f"descriptor {i} of an indirect table: flags {d.flags:#x}")
            if d.flags & NEXT:
                raise Malformed("2.7.5.3.1-4", f"descriptor {i}: flags {d.flags:#x}")
            if d.len == 0 or d.len % DESC_BYTES or not memory.holds(d.addr, d.len):
                raise Malformed("P-2.7.13-1", f"descriptor {i}: an indirect table of {d.len} bytes at {d.addr:#x}")
            table, in_table, i = DescriptorTable(memory.at(d.addr, d.len)), True, 0
            continue
        steps += 1
        segments.append(Segment(d.addr, d.len, bool(d.flags & WRITE)))
        if not d.flags & NEXT:
            break
        i = d.next
    written = False
    capacity = total = 0
    for segment in segments:
        if segment.writable:
            written = True
            capacity += segment.length
        elif written:
            raise Malformed("2.7.4.2-1", f"chain of head {head}: {segment.length} readable bytes behind writable ones")
        total += segment.length
    if total > 1 << 32:
        raise Malformed("2.7.5.2-1", f"chain of head {head}: {total} bytes")
    return Chain(head, tuple(used), tuple(segments), capacity, in_table)


def write_prefix(memory: Memory, chain: Chain, data: bytes) -> None:
    """Write `data` to the beginning of the writable part of a chain, which is large enough."""
    done = 0
    for address, length, writable in chain.segments:
        if writable and done < len(data):
            part = data[done : done + length]
            memory.at(address, len(part))[:] = part
            done += len(part)


def read_prefix(memory: Memory, segments: tuple[Segment, ...], length: int) -> bytes:
    """The first `length` bytes of the writable part."""
    out = bytearray()
    for address, whole, writable in segments:
        if writable and len(out) < length:
            out += memory.at(address, min(whole, length - len(out)))
    return bytes(out)
