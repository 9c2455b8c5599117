"""hw/virtio/virtio.c, QEMU 7.2: the device's half of a split virtqueue, in sequence."""

from __future__ import annotations

from vrx.spec.layouts.split.memory import INDIRECT, NEXT, NO_INTERRUPT, NO_NOTIFY, WRITE
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.reference.rings import Element
from vrx.spec.ring import turn
from vrx.spec.steps import mark


def virtio_error(s: SplitState) -> None:
    """The device declares the ring broken."""
    mark(s, "device breaks the ring")
    s.dev.broken = True


def vring_avail_idx(s: SplitState) -> int:
    """Read avail.idx; every read refreshes the shadow."""
    s.dev.shadow_avail_idx = s.ring.avail_idx
    return s.dev.shadow_avail_idx


def virtio_queue_split_empty(s: SplitState) -> bool:
    """Nothing to pop?  avail.idx is read only when the shadow says so."""
    dev = s.dev
    if dev.broken:
        return True
    return dev.shadow_avail_idx == dev.last_avail_idx and vring_avail_idx(s) == dev.last_avail_idx


def virtqueue_get_avail_bytes(s: SplitState, wanted: int) -> bool:
    """Do the posted buffers hold so much?  Counted until they do."""
    cfg = s.cfg
    idx = s.dev.last_avail_idx
    held = walked = 0
    while True:
        heads = vring_avail_idx(s) - idx & turn(cfg) - 1
        if heads > cfg.size:
            virtio_error(s)
            return False
        if heads == 0:
            return False
        head = virtqueue_get_head(s, idx)
        if head is None:
            return False
        idx += 1
        if not cfg.data:
            held += 1
        else:
            table, at, count = 0, head, walked
            if s.ring.desc_flags[head] & INDIRECT:
                entries = s.ring.desc_len[head]
                if walked >= cfg.size or not 0 < entries <= cfg.segments or s.ring.desc_addr[head] == 0:
                    virtio_error(s)
                    return False
                table, at, count = s.ring.desc_addr[head], 0, 0
            limit = s.ring.desc_len[head] if table else cfg.size
            while True:
                _, length, flags, following = _descriptor(s, table, at)
                count += 1
                if count > limit:
                    virtio_error(s)
                    return False
                if flags & WRITE:
                    held += length
                    if held >= wanted:
                        return True
                if not flags & NEXT:
                    break
                if following >= limit:
                    virtio_error(s)
                    return False
                at = following
            walked = walked + 1 if table else count
        if held >= wanted:
            return True


def virtqueue_get_head(s: SplitState, idx: int) -> int | None:
    """The head at an index of the available ring; None for one that the ring does not have, which breaks it."""
    head: int = s.ring.avail_ring[idx & s.cfg.size - 1]
    if head >= s.cfg.size:
        virtio_error(s)
        return None
    return head


def _descriptor(s: SplitState, table: int, at: int) -> tuple[int, int, int, int]:
    """vring_split_desc_read(): addr, len, flags, next.  table: 1 + the table that it is in, 0 for the ring's own."""
    ring = s.ring
    if table:
        at += (table - 1) * s.cfg.segments
        return ring.table_addr[at], ring.table_len[at], ring.table_flags[at], ring.table_next[at]
    return ring.desc_addr[at], ring.desc_len[at], ring.desc_flags[at], ring.desc_next[at]


def virtio_queue_set_notification(s: SplitState, enable: bool) -> None:
    """Ask for kicks, or for none."""
    s.dev.notification = enable
    if s.cfg.event_idx:
        idx = vring_avail_idx(s)
        if enable:
            s.ring.avail_event = idx
    else:
        s.ring.used_flags = 0 if enable else NO_NOTIFY


def virtio_queue_enable_notification_and_check(s: SplitState, opaque: int) -> bool:
    """Ask for kicks; has avail.idx moved since it was `opaque`?"""
    virtio_queue_set_notification(s, True)
    return not s.dev.broken and vring_avail_idx(s) != opaque


def virtqueue_split_pop(s: SplitState) -> Element | None:
    """Take the next available buffer and map it; None where there is none, or it breaks the ring."""
    cfg, dev, ring = s.cfg, s.dev, s.ring
    if virtio_queue_split_empty(s):
        return None
    if dev.inuse >= cfg.size:
        virtio_error(s)
        return None
    head = virtqueue_get_head(s, dev.last_avail_idx)
    dev.last_avail_idx = dev.last_avail_idx + 1 & turn(cfg) - 1
    if dev.last_avail_idx == 0:
        mark(s, "device index wraps")
    if head is None:
        return None
    elem = Element(head)
    if cfg.event_idx and dev.notification:
        ring.avail_event = dev.last_avail_idx
    if cfg.data and not _map(s, elem):
        virtio_error(s)
        return None
    dev.inuse += 1
    return elem


def _map(s: SplitState, elem: Element) -> bool:
    """Walk the descriptors of an element; False for a chain that cannot be."""
    table, at, count, limit = 0, elem.head, 0, s.cfg.size
    addr, length, flags, following = _descriptor(s, table, at)
    if flags & INDIRECT:
        if not 0 < length <= s.cfg.segments or addr == 0:
            return False
        table, limit = addr, length
        addr, length, flags, following = _descriptor(s, table, 0)
    while True:
        if length == 0 or addr == 0 or (len(elem.sg) == s.cfg.segments and flags & WRITE):
            return False
        if flags & WRITE:
            elem.sg.append((addr, length))
        elif elem.sg:
            return False
        count += 1
        if count > limit:
            return False
        if not flags & NEXT:
            return True
        if following >= limit:
            return False
        addr, length, flags, following = _descriptor(s, table, following)


def virtqueue_unpop(s: SplitState, elem: Element) -> None:
    """Give the element that was popped last back."""
    s.dev.last_avail_idx = s.dev.last_avail_idx - 1 & turn(s.cfg) - 1
    virtqueue_detach_element(s, elem)


def virtqueue_detach_element(s: SplitState, elem: Element) -> None:
    """Forget an element: it is unmapped, and inuse no longer counts it."""
    s.dev.inuse -= 1


def virtqueue_fill(s: SplitState, elem: Element, length: int, n: int) -> None:
    """Write the used entry of the n-th element from now; nothing is published yet."""
    cfg, ring = s.cfg, s.ring
    at = s.dev.used_idx + n & cfg.size - 1
    ring.avail_ring[at] = 0  # dead: QEMU completes in order, so the available entry had the same place
    ring.used_id[at] = elem.head
    if cfg.data:
        ring.used_len[at] = length


def virtqueue_flush(s: SplitState, count: int) -> None:
    """Publish so many used entries at once."""
    dev, mask = s.dev, turn(s.cfg) - 1
    dev.used_idx = dev.used_idx + count & mask
    s.ring.used_idx = dev.used_idx
    dev.inuse -= count
    since = dev.used_idx - dev.signalled_used & mask
    if since > mask >> 1 or since < count:  # since is an int16_t
        dev.signalled_used_valid = False


def virtio_split_should_notify(s: SplitState) -> bool:
    """Does the driver want to hear of what was published since the last time?"""
    dev, mask = s.dev, turn(s.cfg) - 1
    if not s.cfg.event_idx:
        return s.ring.avail_flags != NO_INTERRUPT
    valid, old = dev.signalled_used_valid, dev.signalled_used
    dev.signalled_used_valid, dev.signalled_used = True, dev.used_idx
    return not valid or (dev.used_idx - s.ring.used_event - 1 & mask) < (dev.used_idx - old & mask)


def virtio_notify(s: SplitState) -> None:
    """Interrupt the driver, if it wants to hear of it."""
    if virtio_split_should_notify(s):
        s.lines.irq = True
    else:
        mark(s, "no interrupt wanted")
