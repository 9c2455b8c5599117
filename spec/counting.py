"""What Linux makes of used entries and packets beside a device that lies, as ghosts: `spec.broken` asks about it.

Each function stands in the driver's steps where the C takes an entry, begins with a
packet, counts it, or is done with it.  Beside a device that does not lie the ghosts
are not there: what becomes of packets is known by their identity.
"""

from __future__ import annotations

from vrx.spec.layouts.view import view
from vrx.spec.rx import AHEAD, IN_HAND, MISCOUNTED, PARTLY, State
from vrx.spec.words import pick

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


def header_tells(s: State, number: int) -> None:
    """Record in the ghost how many further buffers its header tells of the packet in hand; of 0 it tells nothing."""
    if s.cfg.header_lies:
        s.ghost.left[0] = pick(number == 0, s.cfg.untold + 1, number) - 1


def takes_further(s: State) -> None:
    """Record in the ghost that the driver has taken a further buffer of the packet in hand, which should have one."""
    if s.cfg.header_lies:
        left = s.ghost.left[0]
        s.ghost.lies[PARTLY] |= left == 0
        s.ghost.left[0] = pick((left == 0) | (left == s.cfg.untold), left + 1, left) - 1


def none_there(s: State) -> None:
    """Record in the ghost that the device has used no further buffer of the packet in hand."""
    if s.cfg.header_lies:
        s.ghost.left[0] = 0


def counted(s: State) -> None:
    """Record in the ghost that the driver counts the packet in hand: delivered, dropped, or too short to be one."""
    if s.cfg.device_lies:
        s.ghost.lies[MISCOUNTED] |= s.ghost.lies[IN_HAND] == NOTHING
        s.ghost.lies[IN_HAND] = False


def let_go(s: State) -> None:
    """Record in the ghost that the driver is done with a packet, which should be counted by then, with all buffers."""
    if s.cfg.device_lies:
        s.ghost.lies[MISCOUNTED] |= s.ghost.lies[IN_HAND]
    if s.cfg.header_lies:
        s.ghost.lies[PARTLY] |= (s.ghost.left[0] != 0) & (s.ghost.left[0] != s.cfg.untold)
        s.ghost.left[0] = 0
