"""How a device can break the rules of a packed ring: IDs, lengths, flags and wrap counters, and event words.

The driver may refuse or give the queue up.  It may not crash, hang, or touch memory that is not its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vrx.models.conformance.wire.layout import WRITE
from vrx.models.conformance.wire.lies import DEVICE_LIES
from vrx.models.conformance.wire.packed.positions import used_mark, wrap
from vrx.models.conformance.wire.packed.ring import AVAIL, EVENT_DESC, USED, PackedRing

(
    ID_OUT_OF_RANGE, ID_HUGE, ID_ANY, LENGTH_HUGE, HALF_A_MARK, A_SLOT_AHEAD, FLAGS_UNKNOWN, EVENT_ANYWHERE,
    ALL_SLOTS,
) = range(DEVICE_LIES)  # fmt: skip


class Liar(Protocol):
    """A device's end: its ring, and the position behind what it has placed."""

    ring: PackedRing
    added: int


def tell_a_lie(end: Liar, kind: int, n: int, out: Sequence[int]) -> None:
    """Publish what no device may publish.  n: a number that some kinds use; out: IDs that the device has."""
    ring, size, at = end.ring, end.ring.size, end.added
    buffer_id = out[n % len(out)] if out else n % size
    said = {
        ID_OUT_OF_RANGE: (size + n & 0xFFFF, 0),
        ID_HUGE: (0xFFFF - n & 0xFFFF, 60),
        ID_ANY: (n % size, 60),
        LENGTH_HUGE: (buffer_id, 0xFFFFFFFF - n),
    }.get(kind)
    if said is not None:
        use(end, at, *said)
        end.added += 1
    elif kind == HALF_A_MARK:
        other = (AVAIL, USED, AVAIL | USED)[n % 3] if wrap(size, at) == 0 else (0, USED, AVAIL)[n % 3]
        ring.desc.set_id_and_len(at % size, buffer_id, 60 + n)
        ring.desc.set_flags(at % size, other | WRITE)
    elif kind == A_SLOT_AHEAD:
        use(end, at + 1 + n % size, buffer_id, 60)
    elif kind == FLAGS_UNKNOWN:
        ring.device_event.flags = (3, EVENT_DESC, 0xFFFC | n & 3, EVENT_DESC | 8)[n % 4]
    elif kind == EVENT_ANYWHERE:
        ring.device_event.off_wrap = (size + n | (n & 1) << 15) & 0xFFFF
        ring.device_event.flags = EVENT_DESC
    else:
        for k in range(size):
            use(end, at + k, n % size, n)


def use(end: Liar, at: int, buffer_id: int, length: int) -> None:
    """A used descriptor at this position, whoever has the slot."""
    ring, size = end.ring, end.ring.size
    ring.desc.set_id_and_len(at % size, buffer_id, length)
    ring.desc.set_flags(at % size, used_mark(size, at) | WRITE)
