"""drivers/virtio/virtio_ring.c: virtqueue_add_split() writes the descriptors of a buffer, one field at a time.

A buffer has one descriptor or a chain of them (a big-page buffer), in the ring or
in an indirect table.  Its pieces of memory are numbered head * segments + n, so
that buffers at the same place look the same.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.split.contexts import SplitL, SplitSoftirq
from vrx.spec.layouts.split.memory import INDIRECT, NEXT, WRITE, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import Cell, Location, fresh, load, over, store
from vrx.spec.steps import Machine
from vrx.spec.switches import DATA, INDIRECT_DESC

descriptors = Machine("drivers/virtio/virtio_ring.c")


@descriptors.helper
def in_table(s: SplitState, me: Softirq) -> bool:
    """Is the descriptor being written one of an indirect table, and not the one that names the table?"""
    return s.cfg.indirect and me.seg < s.cfg.segments


@descriptors.helper
def piece(s: SplitState, me: Softirq) -> Any:
    """The number of the memory behind the descriptor being written, and of its place among the tables."""
    return s.vq.free_head * s.cfg.segments + me.seg


@descriptors.helper
def entry(s: SplitState, me: SplitSoftirq, ring: Location, table: Location) -> Cell:
    """A field of the descriptor being written, in the ring or in a table."""
    return table[piece(s, me)] if in_table(s, me) else ring[me.desc]


@descriptors.step(at=SplitL.ADD_TABLE, only=INDIRECT_DESC)
def alloc_indirect_split(s: SplitState, me: Softirq) -> None:
    """A fresh table: each entry is linked to the one behind it.

    C: alloc_indirect_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.5.3 (Indirect Descriptors)
    """
    store(s, me, loc.table_next[piece(s, me)], me.seg + 1)
    if me.seg < s.cfg.last_segment:
        me.seg = me.seg + 1
    else:
        me.seg = 0
        me.goto(SplitL.ADD_FLAGS)


@descriptors.step(at=SplitL.ADD_FLAGS, only=DATA)
def virtqueue_add_desc_split__flags(s: SplitState, me: SplitSoftirq) -> None:
    """Write the flags of a descriptor, as if another followed; of one that names a table, that it does.

    C: virtqueue_add_desc_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    names_table = s.cfg.indirect and not in_table(s, me)
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), INDIRECT if names_table else NEXT | WRITE)
    me.goto(SplitL.ADD_ADDR)


@descriptors.step(at=SplitL.ADD_ADDR, only=DATA)
def virtqueue_add_desc_split__addr(s: SplitState, me: SplitSoftirq) -> None:
    """Write the address of a fresh piece of memory, or of the table.

    C: virtqueue_add_desc_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    if s.cfg.indirect and not in_table(s, me):
        store(s, me, loc.desc_addr[me.desc], me.desc + 1)
    else:
        number = piece(s, me)
        fresh(s, loc.header[number])
        fresh(s, loc.piece[number])
        if s.cfg.mergeable:
            fresh(s, loc.num_buffers[number])
        store(s, me, entry(s, me, loc.desc_addr, loc.table_addr), number + 1)
    me.goto(SplitL.ADD_LEN)


@descriptors.step(at=SplitL.ADD_LEN, only=DATA)
def virtqueue_add_desc_split__len(s: SplitState, me: SplitSoftirq) -> None:
    """Write its length.

    C: virtqueue_add_desc_split(), drivers/virtio/virtio_ring.c; add_recvbuf_big(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    store(s, me, entry(s, me, loc.desc_len, loc.table_len), segment_len(s, me))
    me.goto(SplitL.ADD_NEXT)


@descriptors.helper
def segment_len(s: SplitState, me: Softirq) -> int:
    """The length of the descriptor being written; of a table, its entries."""
    if s.cfg.segments == 1:
        return s.cfg.segment_len(0)
    if s.cfg.indirect and me.seg == s.cfg.segments:
        return s.cfg.segments
    if me.seg == 0:
        return s.cfg.segment_len(0)
    return s.cfg.segment_len(1) if me.seg == 1 else s.cfg.segment_len(2)


@descriptors.step(at=SplitL.ADD_NEXT, only=DATA)
def virtqueue_add_desc_split__next(s: SplitState, me: SplitSoftirq) -> None:
    """Write the link to the next free descriptor; in a table, read the link that is there.

    C: virtqueue_add_desc_split(), virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    if in_table(s, me):
        following = load(s, me, loc.table_next[piece(s, me)])
        if me.seg < s.cfg.last_segment:
            me.seg = following
            me.goto(SplitL.ADD_FLAGS)
        else:
            me.goto(SplitL.ADD_LAST_LOAD)
        return
    store(s, me, loc.desc_next[me.desc], s.vq.next[me.desc])
    if s.cfg.indirect:
        me.goto(SplitL.ADD_RING)
    elif me.seg < s.cfg.last_segment:
        me.seg = me.seg + 1
        me.desc = s.vq.next[me.desc]
        me.goto(SplitL.ADD_FLAGS)
    else:
        me.goto(SplitL.ADD_LAST_LOAD)


@descriptors.step(at=SplitL.ADD_LAST_LOAD, only=DATA)
def virtqueue_add_split__last_load(s: SplitState, me: SplitSoftirq) -> None:
    """Read the flags of the last descriptor back.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    me.flags = load(s, me, entry(s, me, loc.desc_flags, loc.table_flags))
    me.goto(SplitL.ADD_LAST_STORE)


@descriptors.step(at=SplitL.ADD_LAST_STORE, only=DATA)
def virtqueue_add_split__last_store(s: SplitState, me: SplitSoftirq) -> None:
    """The last descriptor does not continue: clear NEXT.  A table is then named by a descriptor of the ring.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), me.flags & (INDIRECT | WRITE))
    over(s, me, "flags")
    if s.cfg.indirect:
        me.seg = s.cfg.segments
        me.goto(SplitL.ADD_FLAGS)
    else:
        me.goto(SplitL.ADD_RING)
