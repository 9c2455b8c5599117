"""What must hold of a packed ring only: its descriptors show what both sides count.

Everything else is asked of any ring, through the view.
"""

from __future__ import annotations

from typing import Any

from vrx.spec import parts
from vrx.spec.layouts.packed.view import PackedView
from vrx.spec.property import invariant
from vrx.spec.ring import idx_sub
from vrx.spec.rx import pollers
from vrx.spec.switches import DATA, DRIVER_LIES, LIAR
from vrx.spec.words import around, every, pick


def stores_wait(s: Any, side: str) -> Any:
    """Do stores of a side wait to be visible?"""
    return any(b.side == side and b.count != 0 for b in s.buffers)


@invariant(only=~LIAR, reads=parts.RING & parts.DEV & parts.MAIN)
def packed_slots_contiguous(s: Any) -> bool:
    """What the device has used lies one descriptor behind the other, without a gap and no further than used_idx: from
    last_used_idx on, as many descriptors say so as were used, and no other one does.  Of a list the first one says it
    for all: the device writes no other.

    Not asked while a flush is under way, which writes the first descriptor last, nor while a store of the device waits
    to be visible.
    """
    ring = PackedView(s)
    if ring.flushing(s.main) or stores_wait(s, "device"):
        return True
    used = idx_sub(s.cfg, ring.used, ring.received)
    return bool(every(s.ring.desc_flags, s.cfg.size, lambda n: ring.says_used(n) == ((n < used) & first(s, n))))


def first(s: Any, n: int) -> Any:
    """Is the n-th descriptor, from the driver's next one on, the first one of a buffer?"""
    return around(n, s.cfg.ndescs) == 0


@invariant(only=~LIAR, reads=parts.RING & parts.VQ)
def wrap_counters_coherent(s: Any) -> bool:
    """The flags of each descriptor are of the lap that both sides count it to: from last_used_idx on, one lap long,
    those that were added say that they are used or available in this lap, all others that they were used in the lap
    before, or nothing.  Of a list all but the first one stay available, in the lap in which they were added.

    Not asked while a store of the driver waits to be visible.
    """
    ring = PackedView(s)
    if stores_wait(s, "driver"):
        return True
    added = idx_sub(s.cfg, ring.added, ring.received)
    coming = being_written(s, ring)

    def of_its_lap(n: int) -> Any:
        this = ((ring.says_used(n) & first(s, n)) | ring.says_available(n)) & (n < added)
        before = ring.says_old(n) & (added < n + 1)
        if s.cfg.each > 1:  # the later descriptors of a list come before the first one
            before |= ring.says_available(n) & (added < n) & (n < added + coming)
        return this | before

    return bool(every(s.ring.desc_flags, s.cfg.size, of_its_lap))


def being_written(s: Any, ring: PackedView) -> int:
    """How many descriptors the list may have that the driver is adding: none while it adds none."""
    adds: int = 0
    for me in pollers(s):
        adds = pick(ring.adding_list(me), s.cfg.each, adds)
    return adds


@invariant(only=DRIVER_LIES & DATA, reads=parts.INUSE)
def no_more_in_hand_than_the_ring(s: Any) -> bool:
    """The device never has more descriptors in hand than the ring has: with more, what it has used would go around the
    ring more than once in a flush, and the C brings its index back by one ring size alone.

    Between two honest sides each descriptor is out once.
    """
    return bool(s.dev.inuse < s.cfg.size + 1)


PACKED = (packed_slots_contiguous, wrap_counters_coherent, no_more_in_hand_than_the_ring)
"""The questions of a packed ring, beside those of any."""
