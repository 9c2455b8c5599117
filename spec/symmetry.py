"""What `symmetry` rests on, as a question that is asked beside the others."""

from __future__ import annotations

from typing import Any

from vrx.spec import parts
from vrx.spec.layouts.free_names import members
from vrx.spec.property import invariant
from vrx.spec.rx import FREE, State
from vrx.spec.switches import SYMMETRY
from vrx.spec.words import Array


@invariant(only=SYMMETRY, reads=parts.NUM_FREE & parts.MAIN & parts.CPUS)
def free_numbers_stand_nowhere_else(s: State) -> bool:
    """The number of a free buffer stands on the driver's free list and in no place that somebody reads: not in the
    ring, not in the device's hand; and the memory that the driver still reads is that of a free one.

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
        wrong = s.ghost.owner[place.number] != FREE if place.of_memory else free[place.number]
        elsewhere = elsewhere | (place.read & wrong)
    for buffer in s.buffers:
        elsewhere = elsewhere & (buffer.count == 0)
    return not elsewhere
