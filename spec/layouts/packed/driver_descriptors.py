"""drivers/virtio/virtio_ring.c: virtqueue_add_packed() writes the descriptors of a buffer, one field at a time.

A buffer has one descriptor or a list of them (a big-page buffer), in the ring or in an indirect table.  Its pieces of
memory are numbered id * segments + n, so that buffers with the same id look the same.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.packed.contexts import PackedL
from vrx.spec.layouts.packed.memory import INDIRECT, NEXT, WRITE, available_mark, loc
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import Cell, Location, fresh, store
from vrx.spec.ring import idx_add, slot
from vrx.spec.steps import Machine
from vrx.spec.switches import CHAINS, DATA
from vrx.spec.words import pick

descriptors = Machine("drivers/virtio/virtio_ring.c")


@descriptors.helper
def in_table(s: PackedState, me: Softirq) -> bool:
    """Is the descriptor being written one of an indirect table, and not the one that names the table?"""
    return s.cfg.indirect and me.seg < s.cfg.segments


@descriptors.helper
def piece(s: PackedState, me: Softirq) -> Any:
    """The number of the memory behind the descriptor being written, and of its place among the tables."""
    return s.vq.free_head * s.cfg.segments + me.seg


@descriptors.helper
def written_at(s: PackedState, me: Softirq) -> int:
    """The ring index of the descriptor being written: of a list they lie one behind the other, over the end, too."""
    return idx_add(s.cfg, s.vq.next_avail_idx, me.seg) if s.cfg.each > 1 else s.vq.next_avail_idx


@descriptors.helper
def entry(s: PackedState, me: Softirq, ring: Location, table: Location) -> Cell:
    """A field of the descriptor being written, in the ring or in a table."""
    return table[piece(s, me)] if in_table(s, me) else ring[slot(s.cfg, written_at(s, me))]


@descriptors.step(at=PackedL.ADD_FLAGS, only=CHAINS)
def virtqueue_add_packed__flags(s: PackedState, me: Softirq) -> None:
    """Write the flags of an entry of a table, or of a later descriptor of a list, which nobody looks at yet.

    C: virtqueue_add_packed(), virtqueue_add_indirect_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    if in_table(s, me):
        store(s, me, loc.table_flags[piece(s, me)], WRITE)
    else:
        here = written_at(s, me)
        more = pick(me.seg < s.cfg.last_segment, NEXT, 0)
        store(s, me, loc.desc_flags[slot(s.cfg, here)], available_mark(s.cfg, here) + WRITE + more)
    me.goto(PackedL.ADD_ADDR)


@descriptors.helper
def head_flags(s: PackedState, here: int) -> int:
    """The flags of a buffer's first descriptor, which make the buffer available; without data only whose it is."""
    mark = available_mark(s.cfg, here)
    if not s.cfg.data:
        return mark
    return mark + (INDIRECT if s.cfg.indirect else WRITE | NEXT if s.cfg.each > 1 else WRITE)


@descriptors.step(at=PackedL.ADD_ADDR, only=DATA)
def virtqueue_add_packed__addr(s: PackedState, me: Softirq) -> None:
    """Write the address of a fresh piece of memory, or of the table.

    C: virtqueue_add_packed(), virtqueue_add_indirect_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    if s.cfg.indirect and not in_table(s, me):
        store(s, me, loc.desc_addr[slot(s.cfg, s.vq.next_avail_idx)], s.vq.free_head + 1)
    else:
        number = piece(s, me)
        fresh(s, loc.header[number])
        fresh(s, loc.piece[number])
        if s.cfg.mergeable:
            fresh(s, loc.num_buffers[number])
        store(s, me, entry(s, me, loc.desc_addr, loc.table_addr), number + 1)
    me.goto(PackedL.ADD_LEN)


@descriptors.step(at=PackedL.ADD_LEN, only=DATA)
def virtqueue_add_packed__len(s: PackedState, me: Softirq) -> None:
    """Write its length.

    C: virtqueue_add_packed(), virtqueue_add_indirect_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    store(s, me, entry(s, me, loc.desc_len, loc.table_len), segment_len(s, me))
    if in_table(s, me):
        me.seg = me.seg + 1
        me.goto(PackedL.ADD_FLAGS if me.seg < s.cfg.segments else PackedL.ADD_ADDR)
    else:
        me.goto(PackedL.ADD_ID)


@descriptors.helper
def segment_len(s: PackedState, me: Softirq) -> int:
    """The length of the descriptor being written; of a table, its entries."""
    if s.cfg.segments == 1:
        return s.cfg.segment_len(0)
    if s.cfg.indirect and me.seg == s.cfg.segments:
        return s.cfg.segments
    if me.seg == 0:
        return s.cfg.segment_len(0)
    return s.cfg.segment_len(1) if me.seg == 1 else s.cfg.segment_len(2)


@descriptors.helper
def descriptor_done(s: PackedState, me: Softirq) -> None:
    """A descriptor of the ring has its id: on to the next one of the list, at last to the flags of the first."""
    if s.cfg.each > 1 and me.seg < s.cfg.last_segment:
        me.seg = me.seg + 1
        me.goto(PackedL.ADD_FLAGS)
    else:
        me.goto(PackedL.ADD_HEAD_FLAGS)
