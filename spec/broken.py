"""What a side owes beside one that lies: what it can tell breaks the ring, and what is broken it leaves alone."""

from __future__ import annotations

from vrx.spec.properties import invariant
from vrx.spec.rx import GOES_ON, TO_DEVICE, TO_DRIVER, State


@invariant(only="liar", reads="ghost")
def a_lie_breaks_the_ring(s: State) -> bool:
    """A side that is told what no honest other side says, where it can tell, has declared the ring broken: an index too
    far away, a head, a link or an id that the ring has not, a chain that goes around, one of nothing, readable behind
    writable, more buffers than the ring has."""
    if s.ghost.lies[TO_DRIVER] and not s.vq.broken:
        return False
    return s.dev.broken or not s.ghost.lies[TO_DEVICE]


@invariant(only="liar", reads="ghost")
def broken_for_ever(s: State) -> bool:
    """A side that has declared the ring broken uses it no more: it takes nothing, gives nothing, and tells nobody."""
    return not s.ghost.lies[GOES_ON]


LIES = (a_lie_breaks_the_ring, broken_for_ever)
"""What a side owes itself beside one that lies."""
