"""drivers/virtio/virtio_ring.c, Linux 6.1: the driver's half of a packed virtqueue, in sequence.

Left out is what no ring shows: mapping for DMA, the allocation of tables, which never fails here, and
the entries of desc_extra that only unmapping reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from vrx.spec.layouts.packed.reference.structs import (
    DESC_BYTES,
    VRING_DESC_F_INDIRECT,
    VRING_DESC_F_NEXT,
    VRING_DESC_F_WRITE,
    VRING_PACKED_DESC_F_AVAIL,
    VRING_PACKED_DESC_F_USED,
    VRING_PACKED_EVENT_F_WRAP_CTR,
    VRING_PACKED_EVENT_FLAG_DESC,
    VRING_PACKED_EVENT_FLAG_DISABLE,
    VRING_PACKED_EVENT_FLAG_ENABLE,
    Desc,
    Vq,
    u16,
    vring_need_event,
)

BOTH = VRING_PACKED_DESC_F_AVAIL | VRING_PACKED_DESC_F_USED


def packed_used_wrap_counter(last_used_idx: int) -> int:
    """The wrap counter in bit 15."""
    return last_used_idx >> VRING_PACKED_EVENT_F_WRAP_CTR & 1


def packed_last_used(last_used_idx: int) -> int:
    """The slot below bit 15."""
    return last_used_idx & ~(-(1 << VRING_PACKED_EVENT_F_WRAP_CTR))


def alloc_indirect_packed(vq: Vq) -> int:
    """The address of a table for the next buffer: 1 more than its ID, which no other buffer that is out has."""
    return vq.free_head + 1


def virtqueue_use_indirect(vq: Vq, total_sg: int) -> bool:
    """Is a buffer of so many pieces described by a table?"""
    return vq.indirect and total_sg > 1 and vq.num_free > 0


def virtqueue_add_packed(vq: Vq, sgs: Sequence[tuple[int, int]], out_sgs: int, data: object) -> bool:
    """Make a buffer available.  False: -ENOSPC, or -EIO of a broken queue.

    sgs: address and bytes of its pieces; out_sgs: how many of them, the first, the device may only read
    """
    assert data is not None and sgs
    if vq.broken:
        return False
    if virtqueue_use_indirect(vq, len(sgs)):
        virtqueue_add_indirect_packed(vq, sgs, out_sgs, data)
        return True
    head, i = vq.next_avail_idx, vq.next_avail_idx
    if vq.num_free < len(sgs):
        return False
    desc, num = vq.vring.desc, vq.vring.num
    buffer_id = curr = prev = vq.free_head
    assert buffer_id != num
    head_flags = 0
    for n, (addr, length) in enumerate(sgs):
        flags = vq.avail_used_flags
        flags |= 0 if n == len(sgs) - 1 else VRING_DESC_F_NEXT
        flags |= 0 if n < out_sgs else VRING_DESC_F_WRITE
        if i == head:
            head_flags, flags = flags, desc[i].flags
        desc[i] = Desc(addr, length, buffer_id, flags)
        prev, curr = curr, vq.next[curr]
        i += 1
        if i >= num:
            i = 0
            vq.avail_used_flags ^= BOTH
    if i <= head:
        vq.avail_wrap_counter ^= 1
    vq.num_free -= len(sgs)
    vq.next_avail_idx, vq.free_head = i, curr
    state = vq.desc_state[buffer_id]
    state.num, state.data, state.indir_desc, state.last = len(sgs), data, 0, prev
    desc[head] = desc[head]._replace(flags=head_flags)
    vq.num_added += len(sgs)
    return True


def virtqueue_add_indirect_packed(vq: Vq, sgs: Sequence[tuple[int, int]], out_sgs: int, data: object) -> None:
    """Make a buffer available by one descriptor, which names a table of its pieces.  There is one that is free."""
    head, num, buffer_id = vq.next_avail_idx, vq.vring.num, vq.free_head
    assert buffer_id != num
    table = alloc_indirect_packed(vq)
    vq.vring.tables[table] = [
        Desc(addr, length, 0, 0 if n < out_sgs else VRING_DESC_F_WRITE) for n, (addr, length) in enumerate(sgs)
    ]
    vq.vring.desc[head] = Desc(table, len(sgs) * DESC_BYTES, buffer_id, VRING_DESC_F_INDIRECT | vq.avail_used_flags)
    vq.num_free -= 1
    vq.next_avail_idx = head + 1
    if vq.next_avail_idx >= num:
        vq.next_avail_idx = 0
        vq.avail_wrap_counter ^= 1
        vq.avail_used_flags ^= BOTH
    vq.free_head = vq.next[buffer_id]
    state = vq.desc_state[buffer_id]
    state.num, state.data, state.indir_desc, state.last = 1, data, table, buffer_id
    vq.num_added += 1


def virtqueue_kick_prepare_packed(vq: Vq) -> bool:
    """Does the device want to hear of what was added since the last time?"""
    old, new = u16(vq.next_avail_idx - vq.num_added), vq.next_avail_idx
    vq.num_added = 0
    off_wrap, flags = vq.vring.device.off_wrap, vq.vring.device.flags
    if flags != VRING_PACKED_EVENT_FLAG_DESC:
        return flags != VRING_PACKED_EVENT_FLAG_DISABLE
    wrap_counter = off_wrap >> VRING_PACKED_EVENT_F_WRAP_CTR
    event_idx = off_wrap & ~(1 << VRING_PACKED_EVENT_F_WRAP_CTR)
    if wrap_counter != vq.avail_wrap_counter:
        event_idx = u16(event_idx - vq.vring.num)
    return vring_need_event(event_idx, new, old)


def virtqueue_notify(vq: Vq) -> None:
    """Kick the device, unless the queue is broken."""
    if not vq.broken:
        vq.kicks += 1


def detach_buf_packed(vq: Vq, buffer_id: int) -> None:
    """The ID and the descriptors of a buffer are free again, in front of the others."""
    state = vq.desc_state[buffer_id]
    state.data = None
    vq.next[state.last] = vq.free_head
    vq.free_head = buffer_id
    vq.num_free += state.num
    if vq.indirect and state.indir_desc:
        del vq.vring.tables[state.indir_desc]
        state.indir_desc = 0


def is_used_desc_packed(vq: Vq, idx: int, used_wrap_counter: int) -> bool:
    """Do both flag bits of a slot equal the wrap counter?"""
    flags = vq.vring.desc[idx].flags
    avail = flags & VRING_PACKED_DESC_F_AVAIL != 0
    used = flags & VRING_PACKED_DESC_F_USED != 0
    return avail == used and used == bool(used_wrap_counter)


def more_used_packed(vq: Vq) -> bool:
    """Is there a used buffer that was not taken?"""
    return is_used_desc_packed(vq, packed_last_used(vq.last_used_idx), packed_used_wrap_counter(vq.last_used_idx))


def vring_interrupt(vq: Vq) -> bool:
    """An interrupt: is the callback called?  Then the hint stays that the event was passed."""
    if not more_used_packed(vq) or vq.broken:
        return False
    if vq.event:
        vq.event_triggered = True
    return True


def virtqueue_get_buf_ctx_packed(vq: Vq) -> tuple[object, int] | None:
    """Take the next used buffer: its token and the length that the device says.

    None where there is none, or where the entry breaks the queue.
    """
    if vq.broken or not more_used_packed(vq):
        return None
    used_wrap_counter = packed_used_wrap_counter(vq.last_used_idx)
    last_used = packed_last_used(vq.last_used_idx)
    entry = vq.vring.desc[last_used]
    if entry.id >= vq.vring.num:
        vq.broken = True
        return None
    data = vq.desc_state[entry.id].data
    if data is None:
        vq.broken = True
        return None
    detach_buf_packed(vq, entry.id)
    last_used += vq.desc_state[entry.id].num
    if last_used >= vq.vring.num:
        last_used -= vq.vring.num
        used_wrap_counter ^= 1
    vq.last_used_idx = last_used | used_wrap_counter << VRING_PACKED_EVENT_F_WRAP_CTR
    if vq.event_flags_shadow == VRING_PACKED_EVENT_FLAG_DESC:
        vq.vring.driver.off_wrap = vq.last_used_idx
    return data, entry.len


def virtqueue_disable_cb_packed(vq: Vq) -> None:
    """Ask for no more interrupts; in memory only if none was passed."""
    if vq.event_flags_shadow == VRING_PACKED_EVENT_FLAG_DISABLE:
        return
    vq.event_flags_shadow = VRING_PACKED_EVENT_FLAG_DISABLE
    if not vq.event_triggered:
        vq.vring.driver.flags = vq.event_flags_shadow


def _enable(vq: Vq, off_wrap: int) -> None:
    """What enabling with and without delay does alike: the event, then the flags."""
    vq.event_triggered = False
    if vq.event:
        vq.vring.driver.off_wrap = off_wrap
    if vq.event_flags_shadow == VRING_PACKED_EVENT_FLAG_DISABLE:
        vq.event_flags_shadow = VRING_PACKED_EVENT_FLAG_DESC if vq.event else VRING_PACKED_EVENT_FLAG_ENABLE
        vq.vring.driver.flags = vq.event_flags_shadow


def virtqueue_enable_cb_prepare_packed(vq: Vq) -> int:
    """Ask for an interrupt at the next used buffer; what to pass to virtqueue_poll_packed()."""
    _enable(vq, vq.last_used_idx)
    return vq.last_used_idx


def virtqueue_poll_packed(vq: Vq, off_wrap: int) -> bool:
    """Is the slot that was next at that time used?  Of a broken queue nobody asks."""
    used_idx = off_wrap & ~(1 << VRING_PACKED_EVENT_F_WRAP_CTR)
    return not vq.broken and is_used_desc_packed(vq, used_idx, packed_used_wrap_counter(off_wrap))


def virtqueue_enable_cb_delayed_packed(vq: Vq) -> bool:
    """Ask for an interrupt when most of what is out is used.  False: there is a used buffer already."""
    bufs = (vq.vring.num - vq.num_free) * 3 // 4
    wrap_counter = packed_used_wrap_counter(vq.last_used_idx)
    used_idx = packed_last_used(vq.last_used_idx) + bufs
    if used_idx >= vq.vring.num:
        used_idx -= vq.vring.num
        wrap_counter ^= 1
    _enable(vq, used_idx | wrap_counter << VRING_PACKED_EVENT_F_WRAP_CTR)
    return not more_used_packed(vq)


def virtqueue_detach_unused_buf_packed(vq: Vq) -> object:
    """Take back a buffer that is out, of the lowest ID; None where none is."""
    for buffer_id, state in enumerate(vq.desc_state):
        if state.data is not None:
            data = state.data
            detach_buf_packed(vq, buffer_id)
            return data
    assert vq.num_free == vq.vring.num
    return None
