"""What a change of a split ring in memory is by the rules of the standard.

Entries over which avail.idx has moved are offers, those over which used.idx has moved are
returns, a changed flag or event index is a wish.  The rest is `spec.standard.looking_on`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.split.standard.peers import Ring
from vrx.spec.memory import StoreBuffer
from vrx.spec.ring import idx_sub, slot
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.looking_on import Asked, At, evade, listens, looking, passes_offers, passes_returns
from vrx.spec.standard.peers import Watch
from vrx.spec.standard.rules import must


@dataclass(frozen=True)
class Picture:
    """What of the ring the standard sees at one moment."""

    avail_idx: int
    used_idx: int
    interrupts: Asked
    kicks: Asked
    avail: tuple[int, ...]
    used: tuple[int, ...]


def picture(s: Ring) -> Picture:
    """The ring as it is now."""
    ring = s.ring
    return Picture(
        ring.avail_idx,
        ring.used_idx,
        Asked(ring.avail_flags, ring.used_event),
        Asked(ring.used_flags, ring.avail_event),
        tuple(ring.avail_ring[:]),
        tuple(ring.used_id[:]),
    )


def follow(s: Ring, watch: Watch, me: Any, before: Picture) -> None:
    """Take the course on the standard's queue that the ring has taken since `before`."""
    c, q, ring = s.cfg, watch.queue, s.ring
    at = At(c, q)
    _entries_keep(s, me, before)
    offered = idx_sub(c, ring.avail_idx, before.avail_idx)
    passes_offers(at, ring.avail_ring, before.avail_idx, offered)
    returned = idx_sub(c, ring.used_idx, before.used_idx)
    passes_returns(at, ring.used_id, before.used_idx, returned)
    asked = listens(at, before.interrupts, Asked(ring.avail_flags, ring.used_event), vq.ask_interrupts)
    if asked or returned != 0 or s.lines.irq:
        evade(c, q.returns, watch.interrupts, s.lines.irq)
    asked = listens(at, before.kicks, Asked(ring.used_flags, ring.avail_event), vq.ask_kicks)
    if asked or offered != 0 or s.lines.kick:
        evade(c, q.offers, watch.kicks, s.lines.kick)


def _entries_keep(s: Ring, me: Any, before: Picture) -> None:
    """What is published stays as it is until the other side has read it."""
    c, ring = s.cfg, s.ring
    side = me.side if isinstance(me, StoreBuffer) else "device" if id(me) in (id(s.dev), id(s.main)) else "driver"
    for i in range(c.size):
        if side == "driver" and ring.avail_ring[i] != before.avail[i]:
            pending = idx_sub(c, before.avail_idx, s.dev.last_avail_idx)
            must(slot(c, idx_sub(c, i, s.dev.last_avail_idx)) >= pending, "3.3.1-1")
        if side == "device" and ring.used_id[i] != before.used[i]:
            pending = idx_sub(c, before.used_idx, s.vq.last_used_idx)
            must(slot(c, idx_sub(c, i, s.vq.last_used_idx)) >= pending, "P-2.7.8-1")


watched = looking(picture, follow, {})
"""The step of a system around a split ring with the standard looking on."""
