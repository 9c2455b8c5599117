"""drivers/virtio/virtio_ring.c: the descriptors of a buffer, written one field at a time and walked back.

A buffer has one descriptor or a chain of them (a big-page buffer), in the ring or
in an indirect table.  Its pieces of memory are numbered head * segments + n, so
that buffers at the same place look the same.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.split.memory import INDIRECT, NEXT, WRITE, loc
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import got_buf, no_buf, took_buf
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import Cell, Location, dead, fresh, load, over, store
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import CHAINED, FREE, TO_DRIVER, USED, give, lied
from vrx.spec.steps import Machine, mark

chains = Machine("drivers/virtio/virtio_ring.c")


@chains.helper
def refuse_id(s: SplitState, me: Softirq) -> bool:
    """BAD_RING: an id that no descriptor has, or one that is no head in use, breaks the ring.

    C: virtqueue_get_buf_ctx_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    lied(s, TO_DRIVER, me.head >= s.cfg.size)
    if me.head >= s.cfg.size:
        mark(s, "a used id is out of range")
    elif not s.vq.token[me.head]:
        lied(s, TO_DRIVER, True)
        mark(s, "a used id is no head")
    else:
        lied(s, TO_DRIVER, not s.vq.token[me.head])
        return False
    mark(s, "driver breaks the ring")
    s.vq.broken = True
    return True


@chains.step(at=L.USED_LEN, only="data")
def virtqueue_get_buf_ctx_split__len(s: SplitState, me: Softirq) -> None:
    """Read how much the device wrote into it; an id that is no head in use breaks the ring.

    C: virtqueue_get_buf_ctx_split(), detach_buf_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    vq = s.vq
    me.length = load(s, me, loc.used_len[slot(s.cfg, vq.last_used_idx)])
    if refuse_id(s, me):
        s.ghost.torn = True
        no_buf(s, me)
        return
    give(s, me.head, USED, CHAINED)
    s.ghost.misuse |= s.dev.used_idx == vq.last_used_idx  # its entry is written but not published
    s.ghost.torn |= me.length != s.ghost.written[me.head]
    s.ghost.written[me.head] = 0
    vq.token[me.head] = False
    me.desc = me.head
    me.goto(L.DETACH_BUF)


@chains.step(at=L.DETACH_BUF, only="data")
def detach_buf_split(s: SplitState, me: Softirq) -> None:
    """Walk the chain by the flags in the ring and the driver's own links, and put it back on the free list.

    C: detach_buf_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    if put_back(s, me):
        detached(s, me)


@chains.helper
def put_back(s: SplitState, me: Softirq) -> bool:
    """One descriptor goes back on the free list; true after the last one."""
    vq = s.vq
    here = me.desc
    flags = load(s, me, loc.desc_flags[here])
    dead(s, loc.desc[here])
    give(s, here, CHAINED, FREE)
    vq.num_free = vq.num_free + 1
    if flags & NEXT != 0:
        me.desc = vq.next[here]
        return False
    vq.next[here] = vq.free_head
    vq.free_head = me.head
    return True


@chains.helper
def detached(s: SplitState, me: Softirq, believed: bool = False) -> None:
    """The descriptors are back on the free list: on to the next used entry.  believed: see `spec.linux.returns`."""
    vq = s.vq
    over(s, me, "desc")
    for n in range(s.cfg.segments if s.cfg.indirect else 0):
        dead(s, loc.table[me.head * s.cfg.segments + n])  # kfree(): the table is gone
    dead(s, loc.used_elem[slot(s.cfg, vq.last_used_idx)])
    vq.last_used_idx = idx_add(s.cfg, vq.last_used_idx, 1)
    mark(s, "driver index wraps", when=vq.last_used_idx == 0)
    took_buf(s, me)
    if vq.no_interrupt or not s.cfg.notify:
        got_buf(s, me, believed)
    else:
        me.goto(L.GET_BUF_EVENT)


@chains.helper
def in_table(s: SplitState, me: Softirq) -> bool:
    """Is the descriptor being written one of an indirect table, and not the one that names the table?"""
    return s.cfg.indirect and me.seg < s.cfg.segments


@chains.helper
def piece(s: SplitState, me: Softirq) -> Any:
    """The number of the memory behind the descriptor being written, and of its place among the tables."""
    return s.vq.free_head * s.cfg.segments + me.seg


@chains.helper
def entry(s: SplitState, me: Softirq, ring: Location, table: Location) -> Cell:
    """A field of the descriptor being written, in the ring or in a table."""
    return table[piece(s, me)] if in_table(s, me) else ring[me.desc]


@chains.step(at=L.ADD_TABLE, only="indirect")
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
        me.goto(L.ADD_FLAGS)


@chains.step(at=L.ADD_FLAGS, only="data")
def virtqueue_add_desc_split__flags(s: SplitState, me: Softirq) -> None:
    """Write the flags of a descriptor, as if another followed; of one that names a table, that it does.

    C: virtqueue_add_desc_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    names_table = s.cfg.indirect and not in_table(s, me)
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), INDIRECT if names_table else NEXT | WRITE)
    me.goto(L.ADD_ADDR)


@chains.step(at=L.ADD_ADDR, only="data")
def virtqueue_add_desc_split__addr(s: SplitState, me: Softirq) -> None:
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
    me.goto(L.ADD_LEN)


@chains.step(at=L.ADD_LEN, only="data")
def virtqueue_add_desc_split__len(s: SplitState, me: Softirq) -> None:
    """Write its length.

    C: virtqueue_add_desc_split(), drivers/virtio/virtio_ring.c; add_recvbuf_big(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    store(s, me, entry(s, me, loc.desc_len, loc.table_len), segment_len(s, me))
    me.goto(L.ADD_NEXT)


@chains.helper
def segment_len(s: SplitState, me: Softirq) -> int:
    """The length of the descriptor being written; of a table, its entries."""
    if s.cfg.segments == 1:
        return s.cfg.segment_len(0)
    if s.cfg.indirect and me.seg == s.cfg.segments:
        return s.cfg.segments
    if me.seg == 0:
        return s.cfg.segment_len(0)
    return s.cfg.segment_len(1) if me.seg == 1 else s.cfg.segment_len(2)


@chains.step(at=L.ADD_NEXT, only="data")
def virtqueue_add_desc_split__next(s: SplitState, me: Softirq) -> None:
    """Write the link to the next free descriptor; in a table, read the link that is there.

    C: virtqueue_add_desc_split(), virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.13.1 (Placing Buffers Into The Descriptor Table)
    """
    if in_table(s, me):
        following = load(s, me, loc.table_next[piece(s, me)])
        if me.seg < s.cfg.last_segment:
            me.seg = following
            me.goto(L.ADD_FLAGS)
        else:
            me.goto(L.ADD_LAST_LOAD)
        return
    store(s, me, loc.desc_next[me.desc], s.vq.next[me.desc])
    if s.cfg.indirect:
        me.goto(L.ADD_RING)
    elif me.seg < s.cfg.last_segment:
        me.seg = me.seg + 1
        me.desc = s.vq.next[me.desc]
        me.goto(L.ADD_FLAGS)
    else:
        me.goto(L.ADD_LAST_LOAD)


@chains.step(at=L.ADD_LAST_LOAD, only="data")
def virtqueue_add_split__last_load(s: SplitState, me: Softirq) -> None:
    """Read the flags of the last descriptor back.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    me.flags = load(s, me, entry(s, me, loc.desc_flags, loc.table_flags))
    me.goto(L.ADD_LAST_STORE)


@chains.step(at=L.ADD_LAST_STORE, only="data")
def virtqueue_add_split__last_store(s: SplitState, me: Softirq) -> None:
    """The last descriptor does not continue: clear NEXT.  A table is then named by a descriptor of the ring.

    C: virtqueue_add_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.5 (The Virtqueue Descriptor Table)
    """
    store(s, me, entry(s, me, loc.desc_flags, loc.table_flags), me.flags & (INDIRECT | WRITE))
    over(s, me, "flags")
    if s.cfg.indirect:
        me.seg = s.cfg.segments
        me.goto(L.ADD_FLAGS)
    else:
        me.goto(L.ADD_RING)


@chains.helper
def room(s: SplitState) -> bool:
    """Are there descriptors for one more buffer?  virtqueue_add_split() refuses with -ENOSPC where there are not."""
    return s.vq.num_free >= s.cfg.each


@chains.helper
def begin_add(s: SplitState, me: Softirq) -> None:
    """virtqueue_add_split() begins with the first free descriptor."""
    me.desc = s.vq.free_head
    me.goto(L.ADD_TABLE if s.cfg.indirect else L.ADD_FLAGS)


@chains.helper
def take_off_free_list(s: SplitState, me: Softirq) -> None:
    """The descriptors of the buffer leave the free list; the links inside a chain stay, for its way back."""
    vq = s.vq
    link = vq.free_head
    for _ in range(0 if s.cfg.indirect else s.cfg.last_segment):
        link = vq.next[link]
        give(s, link, FREE, CHAINED)
    vq.num_free = vq.num_free - s.cfg.each
    leaves_free_list(s, me.desc)
    over(s, me, "desc")
    me.seg = 0


def leaves_free_list(s: SplitState, last: int) -> None:
    """The free list begins behind descriptor `last`; what it begins with and where it leads is dead if it is empty."""
    vq = s.vq
    if s.cfg.stale != "no":
        vq.free_head = vq.next[last]
        return
    vq.free_head = vq.next[last] if vq.num_free > 0 else 0
    vq.next[last] = 0
