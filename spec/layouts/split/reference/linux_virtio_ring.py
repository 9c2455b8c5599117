"""drivers/virtio/virtio_ring.c, Linux 6.1: the driver's half of a split virtqueue, in sequence."""

from __future__ import annotations

from vrx.spec.layouts.split.memory import INDIRECT, NEXT, NO_INTERRUPT, WRITE
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.ring import turn
from vrx.spec.steps import mark


def virtqueue_add_split(s: SplitState) -> bool:
    """Post a fresh buffer: its descriptors, then the available entry, then the index.  False: -ENOSPC, or broken."""
    cfg, vq, ring = s.cfg, s.vq, s.ring
    needed = cfg.segments if cfg.data and not cfg.indirect else 1
    if vq.broken or vq.num_free < needed:
        return False
    head = last = vq.free_head
    if cfg.indirect:
        _fill_table(s, head)
        ring.desc_flags[head], ring.desc_addr[head] = INDIRECT, head + 1
        ring.desc_len[head], ring.desc_next[head] = cfg.segments, vq.next[head]
    elif cfg.data:
        for n in range(cfg.segments):
            last = vq.next[last] if n else head
            piece = head * cfg.segments + n
            _fresh(s, piece)
            ring.desc_flags[last] = WRITE if n == cfg.segments - 1 else NEXT | WRITE
            ring.desc_addr[last], ring.desc_len[last] = piece + 1, cfg.segment_len(n)
            ring.desc_next[last] = vq.next[last]
    vq.num_free -= needed
    vq.free_head = vq.next[last] if vq.num_free else 0  # dead
    vq.next[last] = 0  # dead
    vq.token[head] = True
    ring.avail_ring[vq.avail_idx_shadow & cfg.size - 1] = head
    vq.avail_idx_shadow = vq.avail_idx_shadow + 1 & turn(cfg) - 1
    ring.avail_idx = vq.avail_idx_shadow
    vq.num_added += 1
    return True


def _fill_table(s: SplitState, head: int) -> None:
    """virtqueue_add_split() with an indirect table: every entry linked to the one behind it, the last one not NEXT."""
    ring, segments = s.ring, s.cfg.segments
    for n in range(segments):
        at = head * segments + n
        _fresh(s, at)
        ring.table_flags[at] = WRITE if n == segments - 1 else NEXT | WRITE
        ring.table_addr[at], ring.table_len[at], ring.table_next[at] = at + 1, s.cfg.segment_len(n), n + 1


def _fresh(s: SplitState, piece: int) -> None:
    """New memory: nothing is in it."""
    contents = s.contents
    contents.header[piece] = contents.total[piece] = 0
    contents.data[piece] = contents.begin[piece] = contents.len[piece] = 0
    if s.cfg.mergeable:
        contents.num[piece] = 0


def more_used_split(s: SplitState) -> bool:
    """Does vring_interrupt() find a used buffer?  Then it leaves its hint; of a broken ring nobody asks."""
    if s.vq.last_used_idx == s.ring.used_idx or s.vq.broken:
        return False
    if s.cfg.event_idx:
        s.vq.event_triggered = True
    return True


def virtqueue_get_buf_ctx_split(s: SplitState) -> tuple[int, int] | None:
    """Take the next used buffer: head and length; None where there is none, or the entry breaks the ring."""
    cfg, vq, ring = s.cfg, s.vq, s.ring
    if vq.broken or vq.last_used_idx == ring.used_idx:
        return None
    at = vq.last_used_idx & cfg.size - 1
    head = ring.used_id[at]
    length = ring.used_len[at] if cfg.data else 0
    if head >= cfg.size or not vq.token[head]:
        mark(s, "a used id is out of range" if head >= cfg.size else "a used id is no head")
        mark(s, "driver breaks the ring")
        vq.broken = True
        return None
    detach_buf_split(s, head)
    ring.used_id[at] = 0  # dead
    if cfg.data:
        ring.used_len[at] = 0  # dead
    vq.last_used_idx = vq.last_used_idx + 1 & turn(cfg) - 1
    if vq.last_used_idx == 0:
        mark(s, "driver index wraps")
    if not vq.no_interrupt:
        ring.used_event = vq.last_used_idx if cfg.event_idx else 0  # dead
    return head, length


def detach_buf_split(s: SplitState, head: int) -> None:
    """Put the descriptors of a buffer back on the free list, in front."""
    vq, ring, segments = s.vq, s.ring, s.cfg.segments
    vq.token[head] = False
    i = head
    if s.cfg.data:
        while True:
            goes_on = ring.desc_flags[i] & NEXT
            ring.desc_addr[i] = ring.desc_len[i] = ring.desc_flags[i] = ring.desc_next[i] = 0  # dead
            if not goes_on:
                break
            i = vq.next[i]
            vq.num_free += 1
        if s.cfg.indirect:
            for at in range(head * segments, (head + 1) * segments):
                ring.table_addr[at] = ring.table_len[at] = ring.table_flags[at] = ring.table_next[at] = 0  # dead
    vq.next[i] = vq.free_head
    vq.free_head = head
    vq.num_free += 1


def virtqueue_disable_cb_split(s: SplitState) -> None:
    """Ask for no more interrupts."""
    vq = s.vq
    if vq.no_interrupt:
        return
    vq.no_interrupt = True
    if vq.event_triggered:
        mark(s, "disable_cb writes nothing")
    elif s.cfg.event_idx:
        s.ring.used_event = 0
    else:
        s.ring.avail_flags = NO_INTERRUPT


def virtqueue_enable_cb_prepare_split(s: SplitState) -> int:
    """Ask for an interrupt at the next used entry; the index to pass to virtqueue_poll()."""
    vq = s.vq
    vq.event_triggered = False
    if vq.no_interrupt:
        vq.no_interrupt = False
        if not s.cfg.event_idx:
            s.ring.avail_flags = 0
    s.ring.used_event = vq.last_used_idx if s.cfg.event_idx else 0  # dead
    return vq.last_used_idx


def virtqueue_poll(s: SplitState, opaque: int) -> bool:
    """Has the used index moved since?"""
    return not s.vq.broken and s.ring.used_idx != opaque


def virtqueue_kick_prepare_split(s: SplitState) -> bool:
    """Does the device want to hear of what was added since the last time?"""
    vq, mask = s.vq, turn(s.cfg) - 1
    new, added = vq.avail_idx_shadow, vq.num_added
    vq.num_added = 0
    if s.cfg.event_idx:
        wanted = (new - s.ring.avail_event - 1 & mask) < added
    else:
        wanted = s.ring.used_flags == 0
    if not wanted:
        mark(s, "no kick wanted")
    return wanted


def virtqueue_notify(s: SplitState) -> None:
    """Kick the device, unless the ring is broken."""
    if not s.vq.broken:
        s.lines.kick = True
