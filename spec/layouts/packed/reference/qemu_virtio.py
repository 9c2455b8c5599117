"""hw/virtio/virtio.c, QEMU 7.2: the device's half of a packed virtqueue, in sequence.

Memory is `Vring`: an address is that of a table, or is only handed on.  What the C asks of an
address is whether it can be mapped: here every address but 0 can.
"""

from __future__ import annotations

from vrx.spec.layouts.packed.reference.structs import (
    DESC_BYTES,
    VRING_DESC_F_INDIRECT,
    VRING_DESC_F_NEXT,
    VRING_DESC_F_WRITE,
    VRING_PACKED_DESC_F_AVAIL,
    VRING_PACKED_DESC_F_USED,
    VRING_PACKED_EVENT_FLAG_DESC,
    VRING_PACKED_EVENT_FLAG_DISABLE,
    VRING_PACKED_EVENT_FLAG_ENABLE,
    Desc,
    Elem,
    VirtQueue,
    u16,
    vring_need_event,
)


class Aborted(Exception):
    """QEMU ends: an assertion fails that a driver can reach."""


def virtio_error(vq: VirtQueue) -> None:
    """The device declares itself broken."""
    vq.broken = True


def is_desc_avail(flags: int, wrap_counter: int) -> bool:
    """Do the flag bits differ, and AVAIL equals the wrap counter?"""
    avail = flags & VRING_PACKED_DESC_F_AVAIL != 0
    used = flags & VRING_PACKED_DESC_F_USED != 0
    return avail != used and avail == bool(wrap_counter)


def virtio_queue_packed_empty(vq: VirtQueue) -> bool:
    """Is the next slot not available?  A device that is broken is asked as well."""
    return not is_desc_avail(vq.vring.desc[vq.last_avail_idx].flags, vq.last_avail_wrap_counter)


def virtio_queue_packed_set_notification(vq: VirtQueue, enable: bool) -> None:
    """Ask for kicks, or for none.  With the event index: for one at the slot that was counted last."""
    vq.notification = enable
    event = vq.vring.device
    if not enable:
        event.flags = VRING_PACKED_EVENT_FLAG_DISABLE
    elif vq.event:
        event.off_wrap = vq.shadow_avail_idx | vq.shadow_avail_wrap_counter << 15
        event.flags = VRING_PACKED_EVENT_FLAG_DESC
    else:
        event.flags = VRING_PACKED_EVENT_FLAG_ENABLE


def virtio_queue_packed_poll(vq: VirtQueue, shadow_idx: int) -> bool:
    """Is the slot available that was counted last?  A broken device does not ask."""
    return not vq.broken and is_desc_avail(vq.vring.desc[shadow_idx].flags, vq.shadow_avail_wrap_counter)


def virtio_queue_enable_notification_and_check(vq: VirtQueue, opaque: int) -> bool:
    """Ask for kicks; has anything come since virtqueue_get_avail_bytes() returned `opaque`?"""
    virtio_queue_packed_set_notification(vq, True)
    return opaque >= 0 and virtio_queue_packed_poll(vq, opaque)


def address_space_cache_init(vq: VirtQueue, addr: int, length: int) -> bool:
    """Map a table of so many bytes.  Raises Aborted for one of none: assert(len > 0), softmmu/physmem.c."""
    if length == 0:
        raise Aborted("address_space_cache_init: Assertion `len > 0' failed")
    return addr != 0 and length <= DESC_BYTES * len(vq.vring.tables[addr])


def virtqueue_packed_read_next_desc(
    vq: VirtQueue, desc: Desc, table: list[Desc] | None, limit: int, i: int
) -> tuple[Desc, int] | None:
    """The descriptor behind one, and its place; None where there is none.  table: the indirect one, or the ring."""
    if table is None and not desc.flags & VRING_DESC_F_NEXT:
        return None
    i += 1
    if i == limit:
        if table is not None:
            return None
        i -= vq.vring.num
    return (vq.vring.desc if table is None else table)[i], i


def virtqueue_packed_get_avail_bytes(vq: VirtQueue, max_in: int, max_out: int) -> tuple[int, int, int]:
    """Bytes that may be written to and read from what is available, counted until both are as many as asked for.

    And the slot for virtio_queue_enable_notification_and_check().  Raises Aborted.
    """
    num = vq.vring.num
    idx, wrap_counter = vq.last_avail_idx, vq.last_avail_wrap_counter
    total_bufs = in_total = out_total = 0
    while True:
        num_bufs, i, limit, table = total_bufs, idx, num, None
        desc = vq.vring.desc[idx]
        if not is_desc_avail(desc.flags, wrap_counter):
            break
        if desc.flags & VRING_DESC_F_INDIRECT:
            if desc.len % DESC_BYTES or num_bufs >= limit or not address_space_cache_init(vq, desc.addr, desc.len):
                virtio_error(vq)
                return 0, 0, vq.shadow_avail_idx
            table, limit = vq.vring.tables[desc.addr], desc.len // DESC_BYTES
            num_bufs = i = 0
            desc = table[0]
        while True:
            num_bufs += 1
            if num_bufs > limit:
                virtio_error(vq)
                return 0, 0, vq.shadow_avail_idx
            if desc.flags & VRING_DESC_F_WRITE:
                in_total += desc.len
            else:
                out_total += desc.len
            if in_total >= max_in and out_total >= max_out:
                return in_total, out_total, vq.shadow_avail_idx
            following = virtqueue_packed_read_next_desc(vq, desc, table, limit, i)
            if following is None:
                break
            desc, i = following
        if table is not None:
            total_bufs += 1
            idx += 1
        else:
            idx += num_bufs - total_bufs
            total_bufs = num_bufs
        if idx >= num:
            idx -= num
            wrap_counter ^= 1
    vq.shadow_avail_idx, vq.shadow_avail_wrap_counter = idx, wrap_counter
    return in_total, out_total, vq.shadow_avail_idx


def virtqueue_packed_pop(vq: VirtQueue) -> Elem | None:
    """Take the next available buffer; None where there is none, or where it breaks the device.  Raises Aborted."""
    if vq.broken or virtio_queue_packed_empty(vq):
        return None
    num = vq.vring.num
    if vq.inuse >= num:
        virtio_error(vq)
        return None
    i, limit, table = vq.last_avail_idx, num, None
    desc = vq.vring.desc[i]
    elem = Elem(desc.id, 0)
    if desc.flags & VRING_DESC_F_INDIRECT:
        if desc.len % DESC_BYTES or not address_space_cache_init(vq, desc.addr, desc.len):
            virtio_error(vq)
            return None
        table, limit = vq.vring.tables[desc.addr], desc.len // DESC_BYTES
        i, desc = 0, table[0]
    while True:
        writable = desc.flags & VRING_DESC_F_WRITE != 0
        pieces = len(elem.in_) + len(elem.out)
        full = pieces == vq.most_sg or (writable and len(elem.in_) == vq.most_in)
        if (elem.in_ and not writable) or desc.len == 0 or desc.addr == 0 or full:
            virtio_error(vq)
            return None
        (elem.in_ if writable else elem.out).append((desc.addr, desc.len))
        if pieces + 1 > limit:
            virtio_error(vq)
            return None
        following = virtqueue_packed_read_next_desc(vq, desc, table, limit, i)
        if following is None:
            break
        desc, i = following
    elem.ndescs = 1 if table is not None else len(elem.in_) + len(elem.out)
    vq.last_avail_idx += elem.ndescs
    vq.inuse += elem.ndescs
    if vq.last_avail_idx >= num:
        vq.last_avail_idx -= num
        vq.last_avail_wrap_counter ^= 1
    vq.shadow_avail_idx, vq.shadow_avail_wrap_counter = vq.last_avail_idx, vq.last_avail_wrap_counter
    return elem


def virtqueue_packed_rewind(vq: VirtQueue, count: int) -> None:
    """Go back so many slots."""
    if vq.last_avail_idx < count:
        vq.last_avail_idx = vq.vring.num + vq.last_avail_idx - count
        vq.last_avail_wrap_counter ^= 1
    else:
        vq.last_avail_idx -= count


def virtqueue_unpop(vq: VirtQueue, elem: Elem) -> None:
    """Give the element that was popped last back: one slot, however many it has."""
    virtqueue_packed_rewind(vq, 1)
    virtqueue_detach_element(vq, elem)


def virtqueue_detach_element(vq: VirtQueue, elem: Elem) -> None:
    """Forget an element."""
    vq.inuse -= elem.ndescs


def virtqueue_packed_fill(vq: VirtQueue, elem: Elem, length: int, idx: int) -> None:
    """Note what is to be said of an element, the idx-th of the next flush.  A broken device notes nothing."""
    if not vq.broken:
        used = vq.used_elems[idx]
        used.index, used.len, used.ndescs = elem.index, length, elem.ndescs


def virtqueue_packed_fill_desc(vq: VirtQueue, n: int, idx: int) -> None:
    """Write a used descriptor.  n: the element; idx: how many slots behind used_idx."""
    elem = vq.used_elems[n]
    head, wrap_counter = vq.used_idx + idx, vq.used_wrap_counter
    if head >= vq.vring.num:
        head -= vq.vring.num
        wrap_counter ^= 1
    flags = VRING_PACKED_DESC_F_AVAIL | VRING_PACKED_DESC_F_USED if wrap_counter else 0
    vq.vring.desc[head] = vq.vring.desc[head]._replace(len=elem.len, id=elem.index, flags=flags)


def virtqueue_flush(vq: VirtQueue, count: int) -> None:
    """Publish so many elements at once.  A broken device only counts them off, as if each had one descriptor."""
    if vq.broken:
        vq.inuse -= count
        return
    virtqueue_packed_flush(vq, count)


def virtqueue_packed_flush(vq: VirtQueue, count: int) -> None:
    """Write the used descriptors of so many elements, the first one last."""
    ndescs = vq.used_elems[0].ndescs
    for n in range(1, count):
        virtqueue_packed_fill_desc(vq, n, ndescs)
        ndescs += vq.used_elems[n].ndescs
    virtqueue_packed_fill_desc(vq, 0, 0)
    vq.inuse -= ndescs
    vq.used_idx += ndescs
    if vq.used_idx >= vq.vring.num:
        vq.used_idx -= vq.vring.num
        vq.used_wrap_counter ^= 1
        vq.signalled_used_valid = False


def vring_packed_need_event(vq: VirtQueue, wrap: int, off_wrap: int, new: int, old: int) -> bool:
    """Was the event's slot written on the way from old to new?  wrap: the wrap counter of new."""
    off = off_wrap & ~(1 << 15)
    if wrap != off_wrap >> 15:
        off -= vq.vring.num
    return vring_need_event(u16(off), new, old)


def virtio_packed_should_notify(vq: VirtQueue) -> bool:
    """Does the driver want to hear of what was published since the last time?"""
    flags, off_wrap = vq.vring.driver.flags, vq.vring.driver.off_wrap
    old, valid = vq.signalled_used, vq.signalled_used_valid
    vq.signalled_used, vq.signalled_used_valid = vq.used_idx, True
    if flags == VRING_PACKED_EVENT_FLAG_DISABLE:
        return False
    if flags == VRING_PACKED_EVENT_FLAG_ENABLE:
        return True
    return not valid or vring_packed_need_event(vq, vq.used_wrap_counter, off_wrap, vq.used_idx, old)


def virtio_notify(vq: VirtQueue) -> None:
    """Interrupt the driver, if it wants to hear of it."""
    if virtio_packed_should_notify(vq):
        vq.interrupts += 1


def virtio_queue_packed_get_last_avail_idx(vq: VirtQueue) -> int:
    """Both indices with their wrap counters, 16 bits each, as vhost takes them."""
    avail = vq.last_avail_idx | vq.last_avail_wrap_counter << 15
    used = vq.used_idx | vq.used_wrap_counter << 15
    return avail | used << 16


def virtio_queue_packed_set_last_avail_idx(vq: VirtQueue, idx: int) -> None:
    """Set both from what the getter returned.  Of used_idx 19 bits are kept, so that its wrap counter stays in it."""
    vq.last_avail_idx = vq.shadow_avail_idx = idx & 0x7FFF
    vq.last_avail_wrap_counter = vq.shadow_avail_wrap_counter = int(idx & 0x8000 != 0)
    idx >>= 16
    vq.used_idx = idx & 0x7FFFF
    vq.used_wrap_counter = int(idx & 0x8000 != 0)
