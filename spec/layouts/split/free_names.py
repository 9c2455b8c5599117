"""How the free buffers of a split ring get their names: the number of the slot in which each would be offered next.

Where buffers come back in the order in which they were offered, that slot's number is free, and so a buffer that is out
has the number of its slot.  The general caller completes in any order: there the lowest free number is next.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vrx.spec.layouts.free_names import FreeNames, Place
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.words import Array, pick

HOLDS_HEAD = (SplitL.GET_BUF_EVENT, SplitL.GET_BUF_EVENT_MB, L.RECEIVE_DATA)
"""Where a context of the driver still has the number of the buffer that it took, as that of its memory."""


def start(s: Any) -> int:
    """The slot of avail_idx_shadow."""
    return 0 if s.cfg.general else slot(s.cfg, s.vq.avail_idx_shadow)


def places(s: Any) -> Iterator[Place]:
    """The entries of both rings, the device's elements, what the driver has in hand.

    virtio_net may give back what it has popped (virtqueue_unpop()), and pops the same entries again; the general caller
    never does.
    """
    cfg, me = s.cfg, s.main
    contexts = (*(cpu.softirq for cpu in s.cpus), *s.opener, *s.busy, *s.netpoll)
    coming: Any = False
    for one in contexts:
        coming = coming | (one.pc == SplitL.ADD_IDX)
    popping = pick(me.pc == SplitQ.POP_EVENT, 1, 0)
    again = 0 if cfg.general else me.held - me.filled + popping
    first = idx_sub(cfg, s.dev.last_avail_idx, again)
    offered = idx_sub(cfg, s.vq.avail_idx_shadow, first) + pick(coming, 1, 0)
    used = idx_sub(cfg, s.dev.used_idx, s.vq.last_used_idx) + me.filled
    for k in range(cfg.size):
        yield Place(s.ring, "avail_ring", slot(cfg, idx_add(cfg, first, k)), k < offered)
        yield Place(s.ring, "used_id", slot(cfg, idx_add(cfg, s.vq.last_used_idx, k)), k < used)
    begins, keeps = (s.dev.used_idx, me.filled) if cfg.general else (0, 0)
    for k in range(len(me.elems)):
        at = slot(cfg, idx_add(cfg, begins, k)) if cfg.general else k
        yield Place(me, "elems", at, (keeps <= k) & (k < me.held + popping))
    for one in contexts:
        reads = [one.pc == point for point in HOLDS_HEAD]
        yield Place(one, "head", None, reads[0] | reads[1] | reads[2], of_memory=True)


def numbered(s: Any) -> Iterator[Array[Any]]:
    """Whether a buffer is out, who has it, and what is in its memory."""
    yield from (s.vq.token, s.ghost.owner)
    if s.cfg.watch:
        yield s.contents.data


FREE_NAMES = FreeNames(
    ("virtqueue_get_buf_ctx_split__id",),
    start,
    places,
    numbered,
    holds=HOLDS_HEAD,
    offers=(SplitL.ADD_RING,),
    adds=(SplitL.ADD_IDX,),
    gets=(SplitL.USED_ID,),
    takes=(SplitQ.POP_HEAD,),
    pops=(SplitQ.POP_EVENT,),
    flushes=(Q.FLUSH,),
    of_offered="avail_ring",
    of_used="used_id",
)
"""virtqueue_get_buf_ctx_split() frees in one step, as nothing of the descriptors is read without data."""
