"""How a driver can break the rules of a split ring: malformed chains and tables, impossible heads and indices.

The device may refuse or give the queue up.  It may not crash, hang, or touch memory
that is not the buffers'.
"""

from __future__ import annotations

from typing import Protocol

from vrx.models.conformance.buffers import Room, lay_out
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE
from vrx.models.conformance.wire.lies import DRIVER_LIES
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable, SplitRing

(
    NEXT_OUT_OF_RANGE, LOOP, NO_LENGTH, OUTSIDE, AROUND_THE_TOP, HUGE, TABLE_ODD, TABLE_EMPTY, TABLE_OUTSIDE,
    TABLE_NESTED, TABLE_AND_NEXT, TABLE_LOOP, READABLE_LAST, NOTHING_WRITABLE, NO_ROOM, HEAD_OUT_OF_RANGE,
    INDEX_JUMPS, SAME_HEAD_TWICE,
) = range(DRIVER_LIES)  # fmt: skip


class Liar(Protocol):
    """A driver's end: its ring, descriptors that are free, and the positions behind what is placed, and published."""

    ring: SplitRing
    memory: Memory
    room: Room
    free: list[int]
    added: int
    published: int


def tell_a_lie(end: Liar, kind: int, n: int, whole: int) -> None:
    """Publish what no driver may publish.  n: a number that some kinds use; whole: bytes of a usual buffer."""
    ring, size, memory = end.ring, end.ring.size, end.memory
    if kind == INDEX_JUMPS:
        ring.avail_idx = end.published + size + 1 + n & 0xFFFF
        return
    if kind == HEAD_OUT_OF_RANGE:
        expose(end, size + n & 0xFFFF)
        return
    head = end.free.pop()
    if kind == SAME_HEAD_TWICE:
        made = lay_out(end.room, [], [whole], 0)
        if made is None:
            return
        ring.desc[head] = Descriptor(made[1][0].address, whole, WRITE, 0)
        expose(end, head)
        expose(end, head)
        return
    made = lay_out(end.room, [], [{NO_ROOM: 1 + n % 11, HUGE: 70_000}.get(kind, 2048), 64], 0)
    table = end.room.extent(4 * DESC_BYTES)
    if made is None or table is None:
        return
    first, second = made[1]
    beyond = memory.regions[-1].end
    good = Descriptor(first.address, first.length, WRITE, 0)
    entry = Descriptor(table.address, 2 * DESC_BYTES, INDIRECT, 0)
    rows = DescriptorTable(table.view[: 4 * DESC_BYTES])
    rows[0] = good._replace(flags=WRITE | NEXT, next=1)
    rows[1] = Descriptor(second.address, second.length, WRITE, 0)
    if kind == TABLE_NESTED:
        rows[0] = entry
    elif kind == TABLE_LOOP:
        rows[1] = rows[1]._replace(flags=WRITE | NEXT, next=0)
    lies = {
        NEXT_OUT_OF_RANGE: good._replace(flags=WRITE | NEXT, next=size + n & 0xFFFF),
        LOOP: good._replace(flags=WRITE | NEXT, next=head),
        NO_LENGTH: good._replace(len=0),
        OUTSIDE: good._replace(addr=beyond + n * 4096),
        AROUND_THE_TOP: good._replace(addr=2**64 - 16),
        HUGE: good._replace(len=0xFFFFFFFF - n),
        TABLE_ODD: entry._replace(len=2 * DESC_BYTES + 1 + n % 15),
        TABLE_EMPTY: entry._replace(len=0),
        TABLE_OUTSIDE: entry._replace(addr=beyond + n),
        TABLE_NESTED: entry,
        TABLE_AND_NEXT: entry._replace(flags=INDIRECT | NEXT, next=head),
        TABLE_LOOP: entry,
        NOTHING_WRITABLE: good._replace(flags=0),
        NO_ROOM: good,
    }
    if kind == READABLE_LAST and end.free:
        last = end.free.pop()
        ring.desc[last] = Descriptor(second.address, second.length, 0, 0)
        ring.desc[head] = good._replace(flags=WRITE | NEXT, next=last)
    else:
        ring.desc[head] = lies.get(kind, good)
    expose(end, head)


def expose(end: Liar, head: int) -> None:
    """Put a head into the available ring and move the index."""
    end.ring.set_avail(end.added % end.ring.size, head)
    end.added = end.added + 1 & 0xFFFF
    end.published = end.ring.avail_idx = end.added
