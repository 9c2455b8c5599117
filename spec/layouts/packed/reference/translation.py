"""The state of a system as the structures of the C, and back.

A ring index of the steps counts modulo twice the size: its slot and its wrap counter are what the C has.
Without data a buffer is one descriptor of one unit; its name is its ID, and so is its token.
The length of a table is in descriptors in the state, in bytes in the C.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from vrx.spec.layouts.packed import memory
from vrx.spec.layouts.packed.reference.structs import (
    DESC_BYTES,
    VRING_DESC_F_INDIRECT,
    VRING_DESC_F_NEXT,
    VRING_DESC_F_WRITE,
    VRING_PACKED_DESC_F_AVAIL,
    VRING_PACKED_DESC_F_USED,
    Desc,
    DescEvent,
    DescState,
    UsedElem,
    VirtQueue,
    Vq,
    Vring,
)
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.rx import HELD, OFFERED, USED

WRAP = 1 << 15
TO_C = {
    memory.AVAIL: VRING_PACKED_DESC_F_AVAIL,
    memory.USED: VRING_PACKED_DESC_F_USED,
    memory.NEXT: VRING_DESC_F_NEXT,
    memory.WRITE: VRING_DESC_F_WRITE,
    memory.INDIRECT: VRING_DESC_F_INDIRECT,
}
OUT = (OFFERED, HELD, USED)
"""Who has a buffer that the driver has not taken back: its IDs stay linked, even where a damaged state forgets it."""
FROM_C = {word: flag for flag, word in TO_C.items()}
"""The flags of a descriptor, of the state and of the C."""
P = ParamSpec("P")
R = TypeVar("R")


def place(size: int, index: int) -> tuple[int, int]:
    """Slot and wrap counter of a ring index."""
    return index % size, 1 if index < size else 0


def index(size: int, slot: int, wrap: int) -> int:
    """The ring index of a slot and a wrap counter."""
    return slot + (0 if wrap else size)


def off_wrap(size: int, at: int) -> int:
    """A ring index as the C packs it."""
    slot, wrap = place(size, at)
    return slot | wrap << 15


def unpacked(size: int, word: int) -> int:
    """The ring index that the C has packed."""
    return index(size, word & ~WRAP, word >> 15)


def vring_of(s: PackedState) -> Vring:
    """The memory that both sides share."""
    size, ring = s.cfg.size, s.ring
    desc = []
    for n in range(size):
        flags = translated(ring.desc_flags[n], TO_C)
        if s.cfg.data:
            length = ring.desc_len[n] * (DESC_BYTES if flags & VRING_DESC_F_INDIRECT else 1)
            desc.append(Desc(ring.desc_addr[n], length, ring.desc_id[n], flags))
        else:
            desc.append(Desc(1, 1, ring.desc_id[n], flags | VRING_DESC_F_WRITE))
    return Vring(
        size, desc, DescEvent(off_wrap(size, ring.driver_off_wrap), ring.driver_flags),
        DescEvent(off_wrap(size, ring.device_off_wrap), ring.device_flags), tables_of(s),
    )  # fmt: skip


def translated(flags: int, table: dict[int, int]) -> int:
    """Flags of the state as those of the C, or back."""
    return sum(table[flag] for flag in table if flags & flag)


def tables_of(s: PackedState) -> dict[int, list[Desc]]:
    """The indirect tables by their address, 1 + the ID of their buffer."""
    ring, segments = s.ring, s.cfg.segments
    tables = {}
    for n in range(s.cfg.size if s.cfg.indirect else 0):
        at = range(n * segments, (n + 1) * segments)
        tables[n + 1] = [
            Desc(ring.table_addr[i], ring.table_len[i], 0, translated(ring.table_flags[i], TO_C)) for i in at
        ]
    return tables


def put_tables(s: PackedState, tables: dict[int, list[Desc]]) -> None:
    """The tables as a function has left them: of one that is gone nobody reads anything."""
    ring, segments = s.ring, s.cfg.segments
    for n in range(s.cfg.size if s.cfg.indirect else 0):
        for k, entry in enumerate(tables.get(n + 1, [Desc()] * segments)):
            i = n * segments + k
            ring.table_addr[i], ring.table_len[i] = entry.addr, entry.len
            ring.table_flags[i] = translated(entry.flags, FROM_C)


def put_vring(s: PackedState, vring: Vring) -> None:
    """The memory as a function of the C has left it."""
    size, ring = s.cfg.size, s.ring
    for n, d in enumerate(vring.desc):
        ring.desc_id[n] = d.id
        flags = translated(d.flags, FROM_C)
        ring.desc_flags[n] = flags if s.cfg.data else flags & memory.BOTH
        if s.cfg.data:
            ring.desc_addr[n] = d.addr
            ring.desc_len[n] = d.len // (DESC_BYTES if d.flags & VRING_DESC_F_INDIRECT else 1)
    put_tables(s, vring.tables)
    ring.driver_off_wrap, ring.driver_flags = unpacked(size, vring.driver.off_wrap), vring.driver.flags
    ring.device_off_wrap, ring.device_flags = unpacked(size, vring.device.off_wrap), vring.device.flags


def vq_of(s: PackedState) -> Vq:
    """What the driver keeps."""
    size, vq = s.cfg.size, s.vq
    slot, wrap = place(size, vq.next_avail_idx)
    return Vq(
        vring_of(s), event=s.cfg.event_idx, broken=vq.broken, num_free=vq.num_free, num_added=vq.num_added,
        free_head=vq.free_head, last_used_idx=off_wrap(size, vq.last_used_idx), event_triggered=vq.event_triggered,
        avail_wrap_counter=wrap, avail_used_flags=VRING_PACKED_DESC_F_AVAIL if wrap else VRING_PACKED_DESC_F_USED,
        next_avail_idx=slot, event_flags_shadow=vq.event_flags_shadow, next=list(vq.next),
        desc_state=[desc_state(s, n) for n in range(size)], indirect=s.cfg.indirect,
    )  # fmt: skip


def desc_state(s: PackedState, head: int) -> DescState:
    """What the driver keeps of an ID: each buffer has as many descriptors as any other."""
    if not s.vq.token[head]:
        return DescState()
    *_, last = ids(s.vq.next, head, s.cfg.each)
    return DescState(head, head + 1 if s.cfg.indirect else 0, s.cfg.each, last)


def ids(links: Sequence[int], first: int, count: int) -> Iterator[int]:
    """So many IDs, from the first one on along the list."""
    for _ in range(count):
        yield first
        first = links[first]


def put_vq(s: PackedState, c: Vq) -> None:
    """What a function of the driver has left: its queue, and the memory."""
    size, vq = s.cfg.size, s.vq
    marked = VRING_PACKED_DESC_F_AVAIL if c.avail_wrap_counter else VRING_PACKED_DESC_F_USED
    assert c.avail_used_flags == marked, "the flags follow from the wrap counter"
    vq.broken, vq.num_free, vq.num_added, vq.event_triggered = c.broken, c.num_free, c.num_added, c.event_triggered
    vq.last_used_idx = unpacked(size, c.last_used_idx)
    vq.next_avail_idx = index(size, c.next_avail_idx, c.avail_wrap_counter)
    vq.event_flags_shadow = c.event_flags_shadow
    free = [*ids(c.next, c.free_head, c.num_free)]
    vq.free_head = free[0] if free else 0  # dead
    linked = {*free[:-1]}
    for n in range(size):
        forgotten = not vq.token[n] and s.ghost.owner[n] in OUT
        vq.token[n] = c.desc_state[n].data is not None
        linked |= {*[*ids(c.next, n, s.cfg.each)][:-1]} if vq.token[n] or forgotten else {*()}
    for n in range(size):
        vq.next[n] = c.next[n] if n in linked else 0  # dead: of the last one, of the free ones and of each buffer
    put_vring(s, c.vring)


def virtqueue_of(s: PackedState) -> VirtQueue:
    """What the device keeps."""
    size, dev = s.cfg.size, s.dev
    last, last_wrap = place(size, dev.last_avail_idx)
    shadow, shadow_wrap = place(size, dev.shadow_avail_idx)
    used, used_wrap = place(size, dev.used_idx)
    filled = [UsedElem(dev.used_elems[n], 1, 1) for n in range(s.cfg.in_hand)]
    for n in range(len(dev.used_lens)):
        filled[n].len, filled[n].ndescs = dev.used_lens[n], dev.used_ndescs[n]
    return VirtQueue(
        vring_of(s), s.cfg.event_idx, dev.broken, last, last_wrap, shadow, shadow_wrap, used, used_wrap,
        dev.signalled_used, dev.signalled_used_valid, dev.notification, dev.inuse, filled,
        most_in=s.cfg.segments,
    )  # fmt: skip


def put_virtqueue(s: PackedState, c: VirtQueue) -> None:
    """What a function of the device has left: its queue, and the memory."""
    size, dev = s.cfg.size, s.dev
    dev.broken, dev.inuse, dev.notification = c.broken, c.inuse, c.notification
    dev.last_avail_idx = index(size, c.last_avail_idx, c.last_avail_wrap_counter)
    dev.shadow_avail_idx = index(size, c.shadow_avail_idx, c.shadow_avail_wrap_counter)
    dev.used_idx = index(size, c.used_idx, c.used_wrap_counter)
    dev.signalled_used, dev.signalled_used_valid = c.signalled_used, c.signalled_used_valid
    for n in range(s.cfg.in_hand):
        dev.used_elems[n] = c.used_elems[n].index
    for n in range(len(dev.used_lens)):
        dev.used_lens[n], dev.used_ndescs[n] = c.used_elems[n].len, c.used_elems[n].ndescs
    put_vring(s, c.vring)


def on_driver(function: Callable[Concatenate[Vq, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A function of the driver's, asked of a state."""

    def run(s: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        vq = vq_of(s)
        returned = function(vq, *args, **kwargs)
        put_vq(s, vq)
        return returned

    return run


def on_device(function: Callable[Concatenate[VirtQueue, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A function of the device's, asked of a state."""

    def run(s: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        vq = virtqueue_of(s)
        returned = function(vq, *args, **kwargs)
        put_virtqueue(s, vq)
        return returned

    return run
