"""What a side owes beside one that lies: what it can tell breaks the ring, and what is broken it leaves alone.

A driver owes more: it takes no entry that used.idx does not show, and counts each packet once.
"""

from __future__ import annotations

from vrx.spec import parts
from vrx.spec.property import invariant
from vrx.spec.rx import AHEAD, GOES_ON, MISCOUNTED, PARTLY, TO_DEVICE, TO_DRIVER, State
from vrx.spec.switches import DATA, DEVICE_LIES, LIAR, MERGEABLE


@invariant(only=LIAR, reads=parts.GHOST)
def a_lie_breaks_the_ring(s: State) -> bool:
    """A side that is told what no honest other side says, where it can tell, has declared the ring broken: an index too
    far away, a head, a link or an id that the ring has not, a chain that goes around, one of nothing or of more
    pieces than any buffer has, readable behind writable, more buffers than the ring has, fewer than were counted."""
    if s.ghost.lies[TO_DRIVER] and not s.vq.broken:
        return False
    return s.dev.broken or not s.ghost.lies[TO_DEVICE]


@invariant(only=LIAR, reads=parts.GHOST)
def breaks_only_for_a_lie(s: State) -> bool:
    """A side declares the ring broken only when it was told what no honest other side says: a driver that does what it
    may, and in a way that nobody else does, is served.

    Between two honest sides `ring_not_broken` says more.
    """
    if s.vq.broken and not s.ghost.lies[TO_DRIVER]:
        return False
    return s.ghost.lies[TO_DEVICE] or not s.dev.broken


@invariant(only=LIAR, reads=parts.GHOST)
def broken_for_ever(s: State) -> bool:
    """A side that has declared the ring broken uses it no more: it takes nothing, gives nothing, and tells nobody."""
    return not s.ghost.lies[GOES_ON]


@invariant(only=DEVICE_LIES, reads=parts.GHOST & parts.VQ)
def takes_only_what_is_published(s: State) -> bool:
    """The driver takes a used entry only where used.idx shows one at its look: also the further entries of a packet,
    however many its header says there are.

    Between two honest sides `single_owner` says it, of what the device has published for good.
    """
    return not s.ghost.lies[AHEAD]


@invariant(only=DEVICE_LIES & DATA, reads=parts.GHOST & parts.VQ)
def each_packet_is_counted_once(s: State) -> bool:
    """The driver counts each packet that it begins with once: delivered, dropped, or too short to be one; and nothing
    that it did not begin with.

    One drop, one count, whatever the device writes: a packet whose further buffers are missing, or too long, as well.
    An id that breaks the ring is no packet, unless one had begun.
    """
    return not s.ghost.lies[MISCOUNTED]


@invariant(only=DEVICE_LIES & DATA & MERGEABLE, reads=parts.GHOST & parts.VQ)
def takes_what_the_header_tells(s: State) -> bool:
    """The driver takes as many buffers for a packet as its header tells, and gives a bad one up with all of them, as
    far as they are there: what it takes next begins a packet.

    So a packet that is thrown away leaves nothing behind that would be read as the head of another.  A header that
    tells of no buffer at all excuses any number.
    """
    return not s.ghost.lies[PARTLY]


LIES = (
    *(a_lie_breaks_the_ring, breaks_only_for_a_lie, broken_for_ever, takes_only_what_is_published),
    *(each_packet_is_counted_once, takes_what_the_header_tells),
)
"""What a side owes itself beside one that lies."""
