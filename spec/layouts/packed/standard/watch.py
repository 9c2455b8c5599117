"""What a change of a packed ring in memory is by the rules of the standard.

There is no index in memory.  The descriptors that follow what was offered, or returned, before, without a
gap and with the flags of their lap, are what is offered, or returned, now; a changed structure is a wish.  The rest is
`spec.standard.looking_on`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.packed.memory import AVAIL, USED, available_mark, used_mark
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
    """Take the course on the standard's queue that the ring has taken since `before`.

    A side that keeps the rules of its descriptors gives away its own, so that what the driver changes is offered, and
    what the device changes is returned.
    """
    c, q, ring = s.cfg, watch.queue, s.ring
    at = At(c, q)
    offered = returned = 0
    by_driver = (me.side if isinstance(me, StoreBuffer) else "driver" if _of_driver(s, me) else "device") == "driver"
    given = _slots_keep(s, watch, before, by_driver)
    if given and by_driver:
        offered = _given(s, q.offers.idx, available_mark)
        passes_offers(at, ring.desc_id, q.offers.idx, offered)
    elif given:
        returned = _given(s, q.returns.idx, used_mark)
        passes_returns(at, ring.desc_id, q.returns.idx, returned)
    asked = listens(at, before.interrupts, Asked(ring.driver_flags, ring.driver_off_wrap), vq.ask_interrupts)
    if asked or returned != 0 or s.lines.irq:
        evade(c, q.returns, watch.interrupts, s.lines.irq)
    asked = listens(at, before.kicks, Asked(ring.device_flags, ring.device_off_wrap), vq.ask_kicks)
    if asked or offered != 0 or s.lines.kick:
        evade(c, q.offers, watch.kicks, s.lines.kick)


def _of_driver(s: Ring, me: Any) -> bool:
    return id(me) not in (id(s.dev), id(s.main))


def _given(s: Ring, start: int, mark: Mark) -> Any:
    """How many descriptors from an index on, without a gap, have the flags of their lap."""
    c, flags = s.cfg, s.ring.desc_flags

    def of_its_lap(n: int) -> Any:
        index = idx_add(c, start, n)
        return flags[slot(c, index)] == mark(c, index)

    return leading(flags, of_its_lap)


def _slots_keep(s: Ring, watch: Watch, before: Picture, by_driver: bool) -> Any:
    """A descriptor changes only in the hand of its side: while its flags say so, and that side has seen it.  Its flags
    become those of its lap.  One that was never written reads as used in the lap before (A13).

    Returns whether flags have changed.
    """
    c, q, ring = s.cfg, watch.queue, s.ring
    seen, way = (s.vq.last_used_idx, q.offers) if by_driver else (s.dev.last_avail_idx, q.returns)
    gives, finds = (available_mark, used_mark) if by_driver else (used_mark, available_mark)
    given: Any = False
    of_its_side: Any = True
    after_a_look: Any = True
    of_its_lap: Any = True
    for i in range(c.size):
        flags, now = before.flags[i], ring.desc_flags[i]
        other = now != flags
        same = (now == flags) & (ring.desc_id[i] == before.ids[i])
        given = given | other
        of_its_side = of_its_side & (same | (_is_used(flags) == by_driver))
        after_a_look = after_a_look & (same | (flags != finds(c, _in_lap(c, i, seen))))
        of_its_lap = of_its_lap & ((now == flags) | (now == gives(c, _in_lap(c, i, way.idx))))
    if by_driver:
        must(of_its_side, "2.8.16-2")
        must(after_a_look, "2.8.16-1")
        must(of_its_lap, "P-2.8.1-4")
    else:
        must(of_its_side, "2.8.15-4")
        must(after_a_look, "2.8.15-3")
        must(of_its_lap, "P-2.8.1-5")
    return given


def _is_used(flags: Any) -> Any:
    """AVAIL and USED are equal: both, or none."""
    return (flags == 0) | (flags == (AVAIL | USED))


def _in_lap(c: Any, i: int, start: int) -> Any:
    """The index of slot `i` in the lap that begins at an index."""
    return idx_add(c, start, slot(c, idx_sub(c, i, start)))


watched = looking(picture, follow, CLAUSES)
"""The step of a system around a packed ring with the standard looking on."""
