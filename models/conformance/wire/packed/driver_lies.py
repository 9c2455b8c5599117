"""How a driver can break the rules of a packed ring: flags, IDs, wrap counters, lists, tables, event words.

The device may refuse or give the queue up.  It may not crash, hang, or touch memory
that is not the buffers'.
"""

from __future__ import annotations

from typing import Protocol

from vrx.models.conformance.buffers import Room, lay_out
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE
from vrx.models.conformance.wire.lies import DRIVER_LIES
from vrx.models.conformance.wire.packed.positions import available_mark
from vrx.models.conformance.wire.packed.ring import AVAIL, EVENT_DESC, USED, PackedDescriptor, PackedRing, PackedTable

(
    LIST_OVER_THE_END, LIST_OF_WHAT_IS_NOT, NO_LENGTH, OUTSIDE, AROUND_THE_TOP, HUGE, TABLE_ODD, TABLE_EMPTY,
    TABLE_OUTSIDE, TABLE_NESTED, TABLE_AND_NEXT, TABLE_WITH_FLAGS, READABLE_LAST, NOTHING_WRITABLE, NO_ROOM,
    IDS_OF_NOBODY, LAPS_MIXED, EVENT_WORDS,
) = range(DRIVER_LIES)  # fmt: skip


class Liar(Protocol):
    """A driver's end: its ring, IDs that are free, and the position behind what is published."""

    ring: PackedRing
    memory: Memory
    room: Room
    ids: list[int]
    added: int
    published: int


def tell_a_lie(end: Liar, kind: int, n: int, whole: int) -> None:
    """Publish what no driver may publish.  n: a number that some kinds use; whole: bytes of a usual buffer."""
    ring, size, memory = end.ring, end.ring.size, end.memory
    begin = end.published
    made = lay_out(end.room, [], [{NO_ROOM: 1 + n % 11, HUGE: 70_000}.get(kind, whole), 64], 0)
    table = end.room.extent(4 * DESC_BYTES)
    if made is None or table is None or not end.ids:
        return
    first, second = made[1]
    beyond = memory.regions[-1].end
    buffer_id = end.ids.pop()
    good = PackedDescriptor(first.address, first.length, buffer_id, WRITE)
    last = PackedDescriptor(second.address, second.length, buffer_id, WRITE)
    entry = PackedDescriptor(table.address, 2 * DESC_BYTES, buffer_id, INDIRECT)
    entries = PackedTable(table.view[: 4 * DESC_BYTES])
    entries[0], entries[1] = good, last
    if kind == TABLE_NESTED:
        entries[0] = entry
    elif kind == TABLE_WITH_FLAGS:
        entries[n % 2] = entries[n % 2]._replace(flags=WRITE | (NEXT, NEXT | AVAIL, USED, 0xFF78)[n % 4])
    rows = {
        LIST_OVER_THE_END: [good._replace(flags=WRITE | NEXT)] * size,
        LIST_OF_WHAT_IS_NOT: [good._replace(flags=WRITE | NEXT)],
        NO_LENGTH: [good._replace(len=0)],
        OUTSIDE: [good._replace(addr=beyond + n * 4096)],
        AROUND_THE_TOP: [good._replace(addr=2**64 - 16)],
        HUGE: [good._replace(len=0xFFFFFFFF - n)],
        TABLE_ODD: [entry._replace(len=2 * DESC_BYTES + 1 + n % 15)],
        TABLE_EMPTY: [entry._replace(len=0)],
        TABLE_OUTSIDE: [entry._replace(addr=beyond + n)],
        TABLE_AND_NEXT: [entry._replace(flags=INDIRECT | NEXT), last],
        READABLE_LAST: [good._replace(flags=WRITE | NEXT), last._replace(flags=0)],
        NOTHING_WRITABLE: [good._replace(flags=0)],
        IDS_OF_NOBODY: [good._replace(id=size + n & 0xFFFF), good._replace(id=size + n & 0xFFFF)],
    }.get(kind, [entry if kind in (TABLE_NESTED, TABLE_WITH_FLAGS) else good])[:size]
    if kind == LAPS_MIXED:  # every slot, some of them with the mark of another lap
        for at in range(begin + 1, begin + size):
            ring.desc[at % size] = good._replace(flags=WRITE | available_mark(size, at + size * (n >> at % 8 & 1)))
    elif kind == EVENT_WORDS:
        ring.driver_event.off_wrap = (size + n | (n & 1) << 15) & 0xFFFF
        ring.driver_event.flags = (3, EVENT_DESC, EVENT_DESC | 4 << n % 13, 0xFFFF - n)[n % 4]
    expose(end, rows)


def expose(end: Liar, rows: list[PackedDescriptor]) -> None:
    """Write these from the next slot on, the first one last, whoever has the slots."""
    ring, size = end.ring, end.ring.size
    for i in (*range(1, len(rows)), 0):
        at = end.published + i
        ring.desc[at % size] = rows[i]._replace(flags=rows[i].flags | available_mark(size, at))
    end.published += len(rows)
    end.added = end.published
