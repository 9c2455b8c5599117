"""A split ring as both sides see it.  Spec: VIRTIO 1.4, 2.7.5, 2.7.6, 2.7.8."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec import contents
from vrx.spec.memory import Location
from vrx.spec.sizes import CELLS, LEN_TOP, SEGMENTS, TOP_OFFERED, TOP_USED
from vrx.spec.words import Array, Bits, Index, Of, Upto

NEXT, WRITE, INDIRECT = 1, 2, 4
"""Descriptor flags.  Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)."""
NO_INTERRUPT = 1
"""avail.flags.  Spec: VIRTIO 1.4, 2.7.6 (The Virtqueue Available Ring)."""
NO_NOTIFY = 1
"""used.flags.  Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)."""


@dataclass(slots=True)
class SplitRing:
    """The words of the ring.  What was never written, or no longer counts, is 0.

    desc_addr: 1 + the piece of memory, or 1 + the head that an indirect table belongs to; desc_len: of a table, its
    entries
    table_*: the indirect tables, one behind the other
    """

    avail_flags: Annotated[int, Bits(1)] = 0
    avail_idx: Index = 0
    avail_ring: Annotated[Array[int], Of(Upto(TOP_OFFERED))] = field(default_factory=Array)
    used_event: Index = 0
    used_flags: Annotated[int, Bits(1)] = 0
    used_idx: Index = 0
    used_id: Annotated[Array[int], Of(Upto(TOP_USED))] = field(default_factory=Array)
    used_len: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    avail_event: Index = 0
    desc_addr: Annotated[Array[int], Of(Upto(CELLS))] = field(default_factory=Array)
    desc_len: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    desc_flags: Annotated[Array[int], Of(Upto(7))] = field(default_factory=Array)
    desc_next: Annotated[Array[int], Of(Upto(TOP_OFFERED))] = field(default_factory=Array)
    table_addr: Annotated[Array[int], Of(Upto(CELLS))] = field(default_factory=Array)
    table_len: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    table_flags: Annotated[Array[int], Of(Upto(7))] = field(default_factory=Array)
    table_next: Annotated[Array[int], Of(Upto(SEGMENTS))] = field(default_factory=Array)


def new_ring(cfg: Any) -> SplitRing:
    """An empty ring; without data it has no descriptors."""

    def zeros(length: int) -> Array[int]:
        return Array([0] * length)

    n = cfg.size
    heads = n if cfg.data else 0
    in_tables = cfg.cells if cfg.indirect else 0
    return SplitRing(
        avail_ring=zeros(n),
        used_id=zeros(n),
        used_len=zeros(heads),
        desc_addr=zeros(heads),
        desc_len=zeros(heads),
        desc_flags=zeros(heads),
        desc_next=zeros(heads),
        table_addr=zeros(in_tables),
        table_len=zeros(in_tables),
        table_flags=zeros(in_tables),
        table_next=zeros(in_tables),
    )


class loc(contents.loc):
    """The locations of a split ring, and those in its buffers."""

    avail_flags = Location("avail.flags", ("avail_flags",), 1, "driver")
    avail_idx = Location("avail.idx", ("avail_idx",), 2, "driver")
    avail_ring = Location("avail.ring", ("avail_ring",), 3, "driver", array=True)
    used_event = Location("used_event", ("used_event",), 4, "driver")
    desc_addr = Location("desc.addr", ("desc_addr",), 5, "driver", array=True)
    desc_len = Location("desc.len", ("desc_len",), 6, "driver", array=True)
    desc_flags = Location("desc.flags", ("desc_flags",), 7, "driver", array=True)
    desc_next = Location("desc.next", ("desc_next",), 8, "driver", array=True)
    used_flags = Location("used.flags", ("used_flags",), 9, "device")
    used_idx = Location("used.idx", ("used_idx",), 10, "device")
    used_elem = Location("used.ring", ("used_id", "used_len"), 11, "device", array=True)
    avail_event = Location("avail_event", ("avail_event",), 12, "device")
    used_id = Location("used.ring.id", ("used_id",), 15, "device", array=True)
    used_len = Location("used.ring.len", ("used_len",), 0, "device", array=True)
    table_addr = Location("table.addr", ("table_addr",), 18, "driver", array=True)
    table_len = Location("table.len", ("table_len",), 19, "driver", array=True)
    table_flags = Location("table.flags", ("table_flags",), 20, "driver", array=True)
    table_next = Location("table.next", ("table_next",), 21, "driver", array=True)
    desc = Location("desc", ("desc_addr", "desc_len", "desc_flags", "desc_next"), 22, "driver", array=True)
    table = Location("table", ("table_addr", "table_len", "table_flags", "table_next"), 23, "driver", array=True)


AT_ONCE = (loc.desc, loc.table)
"""Structures of more numbers than a store buffer keeps: only a driver that lies, which has none, writes them whole."""
LOCATIONS = tuple(x for x in vars(loc).values() if isinstance(x, Location) and x not in AT_ONCE)
"""The other locations of the ring."""


def stored(cfg: Any) -> tuple[Location, ...]:
    """The locations of the ring that a system with this configuration stores to."""
    if cfg.data:
        absent = [loc.used_id]
    else:
        absent = [x for x in LOCATIONS if x.name.startswith("desc")] + [loc.used_elem]
    if not cfg.indirect:
        absent += [x for x in LOCATIONS if x.name.startswith("table")]
    return tuple(x for x in LOCATIONS if x not in absent)
