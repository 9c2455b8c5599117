"""What a change of a packed ring in memory is by the rules of the standard.

There is no index in memory.  The descriptors that follow what was offered, or returned, before, without a
gap and with the flags of their lap, are what is offered, or returned, now; a changed structure is a wish.  The rest is
`spec.standard.looking_on`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.packed.memory import available_mark, used_mark
from vrx.spec.layouts.packed.standard.any_side import Mark
from vrx.spec.layouts.packed.standard.peers import Ring
from vrx.spec.layouts.packed.standard.wording import CLAUSES
from vrx.spec.memory import StoreBuffer
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.looking_on import Asked, At, evade, listens, looking, passes_offers, passes_returns
from vrx.spec.standard.peers import Watch
from vrx.spec.standard.rules import must
from vrx.spec.words import leading


@dataclass(frozen=True)
class Picture:
    """What of the ring the standard sees at one moment."""

    ids: tuple[int, ...]
    flags: tuple[int, ...]
    interrupts: Asked
    kicks: Asked


def picture(s: Ring) -> Picture:
    """The ring as it is now."""
    ring = s.ring
    return Picture(
        tuple(ring.desc_id[:]),
        tuple(ring.desc_flags[:]),
        Asked(ring.driver_flags, ring.driver_off_wrap),
        Asked(ring.device_flags, ring.device_off_wrap),
    )


def follow(s: Ring, watch: Watch, me: Any, before: Picture) -> None:
    """Take the course on the standard's queue that the ring has taken since `before`."""
    c, q, ring = s.cfg, watch.queue, s.ring
    at = At(c, q)
    offered = returned = 0
    changed: Any = False
    for i in range(c.size):
        changed = changed | (ring.desc_flags[i] != before.flags[i])
    _slots_keep(s, watch, me, before)
    if changed:
        offered = _given(s, q.offers.idx, available_mark)
        passes_offers(at, ring.desc_id, q.offers.idx, offered)
        returned = _given(s, q.returns.idx, used_mark)
        passes_returns(at, ring.desc_id, q.returns.idx, returned)
    asked = listens(at, before.interrupts, Asked(ring.driver_flags, ring.driver_off_wrap), vq.ask_interrupts)
    if asked or returned != 0 or s.lines.irq:
        evade(c, q.returns, watch.interrupts, s.lines.irq)
    asked = listens(at, before.kicks, Asked(ring.device_flags, ring.device_off_wrap), vq.ask_kicks)
    if asked or offered != 0 or s.lines.kick:
        evade(c, q.offers, watch.kicks, s.lines.kick)


def _given(s: Ring, start: int, mark: Mark) -> Any:
    """How many descriptors from an index on, without a gap, have the flags of their lap."""
    c, flags = s.cfg, s.ring.desc_flags

    def of_its_lap(n: int) -> Any:
        index = idx_add(c, start, n)
        return flags[slot(c, index)] == mark(c, index)

    return leading(flags, of_its_lap)


def _slots_keep(s: Ring, watch: Watch, me: Any, before: Picture) -> None:
    """A descriptor changes only in the hand of its side: while its flags say so, and that side has seen it.  Its flags
    become those of its lap.  One that was never written reads as used in the lap before (A13)."""
    c, q, ring = s.cfg, watch.queue, s.ring
    side = me.side if isinstance(me, StoreBuffer) else "device" if id(me) in (id(s.dev), id(s.main)) else "driver"
    for i in range(c.size):
        flags = before.flags[i]
        other = ring.desc_flags[i] != flags
        if not (other | (ring.desc_id[i] != before.ids[i])):
            continue
        if side == "driver":
            unseen, to = _lap_of(c, i, s.vq.last_used_idx), _lap_of(c, i, q.offers.idx)
            must(_is_used(flags), "2.8.16-2")
            must(flags != used_mark(c, unseen), "2.8.16-1")
            must(not other or ring.desc_flags[i] == available_mark(c, to), "P-2.8.1-4")
        else:
            unseen, to = _lap_of(c, i, s.dev.last_avail_idx), _lap_of(c, i, q.returns.idx)
            must(not _is_used(flags), "2.8.15-4")
            must(flags != available_mark(c, unseen), "2.8.15-3")
            must(not other or ring.desc_flags[i] == used_mark(c, to), "P-2.8.1-5")


def _is_used(flags: Any) -> Any:
    """AVAIL and USED are equal: both, or none."""
    return (flags == 0) | (flags == 3)


def _lap_of(c: Any, i: int, start: int) -> Any:
    """The index of slot `i` in the lap that begins at an index."""
    return idx_add(c, start, slot(c, idx_sub(c, i, start)))


watched = looking(picture, follow, CLAUSES)
"""The step of a system around a packed ring with the standard looking on."""
