"""How the free buffers of a packed ring get their names: the number of the slot in which each would be offered next.

Where buffers come back in the order in which they were offered, that slot's number is free, and so a buffer that is out
has the number of its slot.  The general caller completes in any order: there the lowest free number is next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vrx.spec.layouts.free_names import FreeNames, Place
from vrx.spec.layouts.packed.contexts import PackedL, PackedQ
from vrx.spec.linux.state import L
from vrx.spec.qemu.returns import flush_count
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.words import Array, pick

HOLDS_HEAD = (PackedL.GET_BUF_OFF_WRAP, PackedL.GET_BUF_OFF_WRAP_MB, L.RECEIVE_DATA)
"""Where a context of the driver still has the number of the buffer that it took, as that of its memory."""


def start(s: Any) -> int:
    """The slot of next_avail_idx."""
    return 0 if s.cfg.general else slot(s.cfg, s.vq.next_avail_idx)


def places(s: Any) -> Iterator[Place]:
    """The ids of the descriptors, the device's elements, filled or not, what the driver has in hand.

    From last_used_idx on, first come used descriptors, then those whose elements the device has, then available ones.
    virtio_net may give back what it has popped (virtqueue_unpop()), and pops the same again; the general caller never
    does.
    """
    cfg, me = s.cfg, s.main
    contexts = (*(cpu.softirq for cpu in s.cpus), *s.opener, *s.busy, *s.netpoll)
    coming: Any = False
    for one in contexts:
        coming = coming | (one.pc == PackedL.ADD_HEAD_FLAGS)
    begins = s.vq.last_used_idx
    used = idx_sub(cfg, s.dev.used_idx, begins)
    again = 0 if cfg.general else me.held - me.filled
    first = idx_sub(cfg, idx_sub(cfg, s.dev.last_avail_idx, again), begins)
    offered = idx_sub(cfg, s.vq.next_avail_idx, begins)
    for k in range(cfg.size):
        comes = coming & (offered == k)
        read = (used > k) | _flushed(s, used, k) | ((first <= k) & (offered > k)) | comes
        yield Place(s.ring, "desc_id", slot(cfg, idx_add(cfg, begins, k)), read, comes=comes)
    for k in range(len(s.dev.used_elems)):
        yield Place(s.dev, "used_elems", k, me.filled > k)
    begins, keeps = (s.dev.used_idx, me.filled) if cfg.general else (0, 0)
    for k in range(len(me.elems)):
        at = slot(cfg, idx_add(cfg, begins, k)) if cfg.general else k
        yield Place(me, "elems", at, (keeps <= k) & (me.held > k))
    for one in contexts:
        reads = [one.pc == point for point in HOLDS_HEAD]
        yield Place(one, "head", None, reads[0] | reads[1] | reads[2], of_memory=True)


def _flushed(s: Any, used: Any, k: int) -> Any:
    """The k-th descriptor from last_used_idx on has its id from the flush that is under way: that of the second element
    is written first, that of the first one last."""
    me = s.main
    behind = (used < k) & (used + flush_count(s, me) > k)
    of_ids = (me.pc == PackedQ.FLUSH_ID) & behind & ((me.element == 0) | (used + me.element > k))
    of_flags = (me.pc == PackedQ.FLUSH_FLAGS) & behind & ((me.element == 0) | (used + me.element >= k))
    return of_ids | of_flags | ((me.pc == PackedQ.FLUSH_FLAGS) & (me.element == 0) & (used == k))


def numbered(s: Any) -> Iterator[Array[Any]]:
    """Whether a buffer is out, who has it, and what is in its memory."""
    yield from (s.vq.token, s.ghost.owner)
    if s.cfg.watch:
        yield s.contents.data


def an_element_is_written(s: Any) -> Any:
    """Within a flush the element that is written is one of those that are flushed."""
    me = s.main
    flushes = (me.pc == PackedQ.FLUSH_ID) | (me.pc == PackedQ.FLUSH_FLAGS)
    return pick(flushes, me.element, 0) < pick(flushes, flush_count(s, me), 1)


FREE_NAMES = FreeNames(
    ("virtqueue_get_buf_ctx_packed__id",),
    start,
    places,
    numbered,
    holds=HOLDS_HEAD,
    offers=(PackedL.ADD_ID, PackedL.ADD_HEAD_FLAGS),
    adds=(PackedL.ADD_HEAD_FLAGS,),
    gets=(PackedL.USED_ID,),
    takes=(PackedQ.POP_ID,),
    flushes=(Q.FLUSH, PackedQ.FLUSH_ID, PackedQ.FLUSH_FLAGS),
    of_offered="desc_id",
    of_used="desc_id",
    also=an_element_is_written,
)
"""detach_buf_packed() frees in the step that reads the id."""
