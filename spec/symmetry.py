"""What `symmetry` rests on, as a question that is asked beside the others."""

from __future__ import annotations

from typing import Any, cast

from vrx.spec import parts
from vrx.spec.layouts.free_names import Place, members
from vrx.spec.layouts.view import view
from vrx.spec.property import invariant
from vrx.spec.qemu.returns import flush_count
from vrx.spec.qemu.state import Q
from vrx.spec.ring import idx_sub, slot
from vrx.spec.rx import FREE, State
from vrx.spec.switches import SYMMETRY
from vrx.spec.words import Array, pick


def _wrong(s: State, place: Place, free: Array[Any]) -> Any:
    """Is a number where it must not be?"""
    number, vq = place.number, cast(Any, s.vq)
    if place.of_memory:
        return s.ghost.owner[number] != FREE
    if place.comes is None:
        return free[number]
    first = number == vq.free_head
    return pick(place.comes, pick(first, 0, 1), pick(free[number], 1, 0)) == 1


@invariant(only=SYMMETRY, reads=parts.NUM_FREE & parts.MAIN & parts.CPUS)
def free_numbers_stand_nowhere_else(s: State) -> bool:
    """The number of a free buffer stands on the driver's free list and in no place that somebody reads: not in the
    ring, not in the device's hand; and the memory that the driver still reads is that of a free one.  One may stand in
    the ring before the driver takes it off the list: the list must still begin with it.

    Said where no store waits to be visible.  With `symmetry` the free list is put into another order, which is an
    exchange of names only where this holds: where it is refuted, what else is said of the system says nothing.
    """
    names = s.cfg.layout.free_names
    if names is None:
        return True
    vq: Any = s.vq
    free = Array(members(vq.next, vq.free_head, vq.num_free))
    elsewhere: Any = False
    for place in names.places(s):
        elsewhere = elsewhere | (place.read & _wrong(s, place, free))
    for buffer in s.buffers:
        elsewhere = elsewhere & (buffer.count == 0)
    return not elsewhere


def numbers_stand_where_they_are_read(s: State) -> bool:
    """Whoever is about to read a number of a buffer reads one from a place that the layout says has one.

    What is read next is offered, or used, or in the device's hand; no more buffers are anywhere than the ring has.
    In such states a step can be shown to treat numbers as names; that a system has no others, a search shows.
    """
    names = s.cfg.layout.free_names
    if names is None:
        return True
    cfg, me, ring = s.cfg, s.main, view(s)
    vq: Any = s.vq
    offered = idx_sub(cfg, ring.added, ring.popped)
    taken, back = idx_sub(cfg, ring.popped, ring.used), idx_sub(cfg, ring.used, ring.received)
    out = offered + taken + back
    held = me.held + pick(names.is_at(me, names.pops), 1, 0)
    fine: Any = (out + vq.num_free <= cfg.size) & (taken == held) & (me.filled <= me.held)
    fine = fine & (pick(names.is_at(me, names.takes), offered, 1) != 0) & names.also(s)
    arrives = waits(s, names.of_offered, slot(cfg, ring.popped))
    fine = fine & (pick(names.is_at(me, names.takes), pick(arrives, 1, 0), 0) == 0)
    comes_back = pick(waits(s, names.of_used, slot(cfg, ring.received)), 1, 0)
    in_hand = names.is_at(me, (Q.UNPOP, Q.FILL))
    fine = fine & (pick(in_hand, pick(me.filled < me.held, 1, 0), 1) == 1)
    flushes = names.is_at(me, names.flushes)
    of_all = 0 < flush_count(s, me)
    of_all = of_all & (flush_count(s, me) <= me.filled)
    if not cfg.general:
        of_all = of_all & (me.filled == me.held)
        unfilled = names.is_at(me, (Q.POP_EMPTY, Q.UNPOP, *names.takes, *names.pops))
        fine = fine & (pick(unfilled, me.filled, 0) == 0)
    else:
        fine = fine & (pick(s.dev.broken, 1, 0) == 0) & (me.pc != Q.UNPOP)
    fine = fine & (pick(flushes, pick(of_all, 1, 0), 1) == 1)
    adds: Any = 0
    for one in names.contexts(s):
        adds = adds + pick(names.is_at(one, names.adds), 1, 0)
        gets = pick(names.is_at(one, names.gets), back, 1)
        comes = pick(names.is_at(one, names.offers), vq.num_free, 1)
        fine = fine & (out + adds <= cfg.size) & (adds <= 1) & (gets != 0) & (comes != 0)
        fine = fine & (pick(names.is_at(one, names.gets), comes_back, 0) == 0)
        for point in (*names.holds, *names.gets, *names.adds, *names.offers):
            fine = fine & (one.ret0 != point) & (one.ret1 != point)
    return bool(fine) if isinstance(fine, int) else fine


def waits(s: State, field: str, at: Any) -> Any:
    """A store to an element of the ring's array waits to be visible."""
    found: Any = False
    for buffer in s.buffers:
        for loc in buffer.locations:
            if loc.part == "ring" and field in loc.fields:
                for n in range(len(buffer.where)):
                    found = found | ((buffer.count > n) & (buffer.where[n] == loc.code) & (buffer.at[n] == at))
    return found
