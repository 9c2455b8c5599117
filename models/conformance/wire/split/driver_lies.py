"""How a driver can break the rules of a split ring: malformed chains and tables, impossible heads and indices.

The device may refuse or give the queue up.  It may not crash, hang, or touch memory
that is not the buffers'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vrx.models.conformance.buffers import lay_out
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable

if TYPE_CHECKING:
    from vrx.models.conformance.harness.device_run import DeviceRun

(
    NEXT_OUT_OF_RANGE, LOOP, NO_LENGTH, OUTSIDE, AROUND_THE_TOP, HUGE, TABLE_ODD, TABLE_EMPTY, TABLE_OUTSIDE,
    TABLE_NESTED, TABLE_AND_NEXT, TABLE_LOOP, READABLE_LAST, NOTHING_WRITABLE, NO_ROOM, HEAD_OUT_OF_RANGE,
    INDEX_JUMPS, SAME_HEAD_TWICE,
) = range(18)  # fmt: skip


def tell_a_lie(run: DeviceRun, kind: int, n: int) -> None:
    """Publish something that no driver may publish.  n: a number that some kinds use."""
    ring, size, memory = run.ring, run.setup.size, run.memory
    if kind == INDEX_JUMPS:
        ring.avail_idx = run.avail_idx + size + 1 + n & 0xFFFF
        return
    if kind == HEAD_OUT_OF_RANGE:
        expose(run, size + n & 0xFFFF)
        return
    head = run.free.pop()
    if kind == SAME_HEAD_TWICE:
        made = lay_out(run.room, [], [run.whole], 0)
        if made is None:
            return
        ring.desc[head] = Descriptor(made[1][0].address, run.whole, WRITE, 0)
        expose(run, head)
        expose(run, head)
        return
    made = lay_out(run.room, [], [{NO_ROOM: 1 + n % 11, HUGE: 70_000}.get(kind, 2048), 64], 0)
    table = run.room.extent(4 * DESC_BYTES)
    if made is None or table is None:
        return
    first, second = made[1]
    end = memory.regions[-1].end
    good = Descriptor(first.address, first.length, WRITE, 0)
    whole = Descriptor(table.address, 2 * DESC_BYTES, INDIRECT, 0)
    rows = DescriptorTable(table.view[: 4 * DESC_BYTES])
    rows[0] = good._replace(flags=WRITE | NEXT, next=1)
    rows[1] = Descriptor(second.address, second.length, WRITE, 0)
    if kind == TABLE_NESTED:
        rows[0] = whole
    elif kind == TABLE_LOOP:
        rows[1] = rows[1]._replace(flags=WRITE | NEXT, next=0)
    lies = {
        NEXT_OUT_OF_RANGE: good._replace(flags=WRITE | NEXT, next=size + n & 0xFFFF),
        LOOP: good._replace(flags=WRITE | NEXT, next=head),
        NO_LENGTH: good._replace(len=0),
        OUTSIDE: good._replace(addr=end + n * 4096),
        AROUND_THE_TOP: good._replace(addr=2**64 - 16),
        HUGE: good._replace(len=0xFFFFFFFF - n),
        TABLE_ODD: whole._replace(len=2 * DESC_BYTES + 1 + n % 15),
        TABLE_EMPTY: whole._replace(len=0),
        TABLE_OUTSIDE: whole._replace(addr=end + n),
        TABLE_NESTED: whole,
        TABLE_AND_NEXT: whole._replace(flags=INDIRECT | NEXT, next=head),
        TABLE_LOOP: whole,
        NOTHING_WRITABLE: good._replace(flags=0),
        NO_ROOM: good,
    }
    if kind == READABLE_LAST and run.free:
        last = run.free.pop()
        ring.desc[last] = Descriptor(second.address, second.length, 0, 0)
        ring.desc[head] = good._replace(flags=WRITE | NEXT, next=last)
    else:
        ring.desc[head] = lies.get(kind, good)
    expose(run, head)


def expose(run: DeviceRun, head: int) -> None:
    """Put a head into the available ring and move the index."""
    run.ring.set_avail(run.avail_added % run.setup.size, head)
    run.avail_added = run.avail_added + 1 & 0xFFFF
    run.avail_idx = run.avail_added
    run.ring.avail_idx = run.avail_idx
