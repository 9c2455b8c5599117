"""How the packed chapter words the rules of a queue.

It has no clause for much of what the split chapter demands (A3): whether somebody has to
be notified it says by what each side is expected to look at (2.8.10).  That is read as the same obligation.
Positions count slots modulo two laps, which are a slot and a wrap counter.
"""

from __future__ import annotations

from typing import Final

from vrx.spec.layouts.packed.shape import SHAPE
from vrx.spec.layouts.packed.standard.chain import aligned
from vrx.spec.standard.wording import Wording


def _data(size: int, position: int) -> int:
    """next_off and next_wrap.  Spec: VIRTIO 1.4, 2.8.16 (Driver Requirements: The Virtqueue Descriptor Table)."""
    return position % size | (1 - position // size % 2) << 15


CLAUSES: Final = {
    "P-2.7-1": "P-2.8.21.1-2",  # an ID that is too large
    "2.7.6.1-1": "2.8.16-2",  # what is available cannot be taken back
    "2.7.8.2-1": "P-2.8.1-5",  # more is used than there is
    **dict.fromkeys(("2.7.7.2-3", "2.7.7.2-5", "2.7.10.1-4", "2.7.10.1-6"), "P-2.8.10-3"),  # a notification is owed
    "2.7.13.2-2": "2.8.12-1",  # buffers are taken in the order of the ring
    "P-2.9-1": "2.8.16-3",  # what a kick carries
}
WORDING: Final = Wording(SHAPE, idx_bits=0, aligned=aligned, data=_data, clauses=CLAUSES)
