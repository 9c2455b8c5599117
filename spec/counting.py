"""What Linux makes of used entries and packets beside a device that lies, as ghosts: `spec.broken` asks about it.

Each function stands in the driver's steps where the C takes an entry, begins with a
packet, counts it, or is done with it.  Beside a device that does not lie the ghosts
are not there: what becomes of packets is known by their identity.
"""

from __future__ import annotations

from vrx.spec.layouts.view import view
from vrx.spec.rx import AHEAD, IN_HAND, MISCOUNTED, State

NOTHING = False
"""At IN_HAND: no packet."""


def takes_next(s: State) -> None:
    """Record in the ghost that the driver takes the next used entry, if used.idx does not show one at that moment."""
    if s.cfg.device_lies:
        ring = view(s)
        s.ghost.lies[AHEAD] |= ring.returned == ring.received


def begins(s: State) -> None:
    """Record in the ghost that the driver begins with a packet; the one before it should be counted by then."""
    if s.cfg.device_lies:
        s.ghost.lies[MISCOUNTED] |= s.ghost.lies[IN_HAND]
        s.ghost.lies[IN_HAND] = True


def counted(s: State) -> None:
    """Record in the ghost that the driver counts the packet in hand: delivered, dropped, or too short to be one."""
    if s.cfg.device_lies:
        s.ghost.lies[MISCOUNTED] |= s.ghost.lies[IN_HAND] == NOTHING
        s.ghost.lies[IN_HAND] = False


def let_go(s: State) -> None:
    """Record in the ghost that the driver is done with a packet, which should be counted by then."""
    if s.cfg.device_lies:
        s.ghost.lies[MISCOUNTED] |= s.ghost.lies[IN_HAND]
