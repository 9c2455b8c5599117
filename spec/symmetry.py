"""What `symmetry` rests on, as a question that is asked beside the others."""

from __future__ import annotations

from typing import Any, cast

from vrx.spec import parts
from vrx.spec.layouts.free_names import Place, members
from vrx.spec.property import invariant
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
