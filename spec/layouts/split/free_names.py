"""How the free buffers of a split ring get their names: the number of the slot in which each would be offered next.

Where buffers come back in the order in which they were offered, that slot's number is free, and so a buffer that is out
has the number of its slot.  The general caller completes in any order: there the lowest free number is next.
"""

from __future__ import annotations

from typing import Protocol

from vrx.spec.layouts.free_names import FreeNames, from_slot
from vrx.spec.layouts.split.queues import SplitVirtqueue
from vrx.spec.ring import Indexed, slot


class Completing(Indexed, Protocol):
    """What is asked of a configuration."""

    @property
    def general(self) -> bool:
        """May buffers come back in any order?"""


class HasFreeList(Protocol):
    """What is asked of a state."""

    vq: SplitVirtqueue

    @property
    def cfg(self) -> Completing:
        """The configuration."""


def by_slot(s: HasFreeList) -> None:
    """desc_extra[].next, from free_head on, in that order."""
    vq = s.vq
    start = 0 if s.cfg.general else slot(s.cfg, vq.avail_idx_shadow)
    vq.free_head = from_slot(vq.next, vq.free_head, vq.num_free, start)


FREE_NAMES = FreeNames(("virtqueue_get_buf_ctx_split__id",), by_slot)
"""virtqueue_get_buf_ctx_split() frees in one step, as nothing of the descriptors is read without data."""
