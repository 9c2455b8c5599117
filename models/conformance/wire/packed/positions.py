"""Where a side stands in a packed ring: how many slots it has gone, which is a slot and a wrap counter.

A number here counts slots since the beginning, and never wraps.  What stands in memory of it
is its slot, 0..size-1, and its wrap counter, which begins with 1; the judge of the standard has it modulo two laps.
"""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.wire.packed.ring import AVAIL, EVENT_DESC, USED, PackedRing

WRAP: Final = 1 << 15
"""The bit of the wrap counter in off_wrap.  Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)."""
ASKS_NOTHING: Final = 1
"""To the judge: a wish that nothing fulfils."""


def wrap(size: int, at: int) -> int:
    """The wrap counter of a position."""
    return 1 - at // size % 2


def available_mark(size: int, at: int) -> int:
    """The flags that make a slot available there."""
    return AVAIL if wrap(size, at) else USED


def used_mark(size: int, at: int) -> int:
    """The flags that make a slot used there."""
    return AVAIL | USED if wrap(size, at) else 0


def off_wrap(size: int, at: int) -> int:
    """A position as it stands in an event suppression structure."""
    return at % size | wrap(size, at) * WRAP


def wish(flags: int, word: int, size: int, event_idx: bool) -> tuple[int, int]:
    """What an event suppression structure asks for, as the judge has it: flags, and a position modulo two laps.

    A slot that the ring does not have is never passed.
    """
    slot = word & ~WRAP
    if flags == EVENT_DESC and event_idx and slot >= size:
        return ASKS_NOTHING, 0
    return flags, slot % size + (0 if word & WRAP else size)


def go_to(ring: PackedRing, at: int) -> None:
    """The flags of an empty ring through which so many slots have gone, each of them used."""
    for slot in range(ring.size):
        last = at - 1 - (at - 1 - slot) % ring.size
        ring.desc.set_flags(slot, used_mark(ring.size, last) if last >= 0 else 0)
