"""How a device can break the rules of a split ring: used entries that name or count what it has not, and wild indices.

The driver may refuse or give the queue up.  It may not crash, hang, or touch memory that is not its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vrx.models.conformance.wire.lies import DEVICE_LIES
from vrx.models.conformance.wire.split.ring import SplitRing, UsedElement

(
    ID_OUT_OF_RANGE, ID_HUGE, ID_ANY, LENGTH_HUGE, ID_WITH_HIGH_BITS, INDEX_JUMPS, FLAGS_UNKNOWN, EVENT_ANYWHERE,
    ALL_ENTRIES,
) = range(DEVICE_LIES)  # fmt: skip


class Liar(Protocol):
    """A device's end: its ring, and the position behind what it has placed."""

    ring: SplitRing
    added: int


def tell_a_lie(end: Liar, kind: int, n: int, out: Sequence[int]) -> None:
    """Publish what no device may publish.  n: a number that some kinds use; out: heads that the device has."""
    ring, size = end.ring, end.ring.size
    head = out[n % len(out)] if out else n % size
    element = {
        ID_OUT_OF_RANGE: UsedElement(size + n, 0),
        ID_HUGE: UsedElement(0xFFFFFFFF - n, 60),
        ID_ANY: UsedElement(n % size, 60),
        LENGTH_HUGE: UsedElement(head, 0xFFFFFFFF - n),
        ID_WITH_HIGH_BITS: UsedElement((head << 16) | n, 60),
    }.get(kind)
    if element is not None:
        ring.set_used(end.added % size, element)
        end.added = end.added + 1 & 0xFFFF
        ring.used_idx = end.added
    elif kind == INDEX_JUMPS:
        ring.used_idx = ring.used_idx + 1 + n & 0xFFFF
    elif kind == FLAGS_UNKNOWN:
        ring.used_flags = 0xFFFE | n
    elif kind == EVENT_ANYWHERE:
        ring.avail_event = n * 7919 & 0xFFFF
    else:
        for slot in range(size):
            ring.set_used(slot, UsedElement(n % size, n))
        ring.used_idx = ring.used_idx + size + 1 & 0xFFFF
