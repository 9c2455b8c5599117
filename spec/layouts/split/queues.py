"""What both sides keep of a split ring for themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec.sizes import SLOTS
from vrx.spec.words import Array, Count, Head, Index, Of, Upto


@dataclass(slots=True)
class SplitVirtqueue:
    """struct vring_virtqueue and its split part: private to the driver.

    free_head: the first descriptor of the driver's free list
    num_free: how many descriptors are on it
    next: desc_extra[].next, the free list; zero while the descriptor is in use (dead there)
    token: desc_state[].data is not NULL: the buffer is out
    avail_idx_shadow: the driver's own copy of avail.idx
    num_added: buffers added since the last decision about a kick
    last_used_idx: the used entry that the driver takes next
    no_interrupt: VRING_AVAIL_F_NO_INTERRUPT in avail_flags_shadow: callbacks count as disabled
    event_triggered: a hint that the event index was passed
    broken: the driver declared the ring broken
    """

    free_head: Head = 0
    num_free: Count = 0
    next: Annotated[Array[int], Of(Upto(SLOTS))] = field(default_factory=Array)
    token: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    avail_idx_shadow: Index = 0
    num_added: Count = 0
    last_used_idx: Index = 0
    no_interrupt: bool = False
    event_triggered: bool = False
    broken: bool = False


@dataclass(slots=True)
class SplitVirtQueue:
    """struct VirtQueue: private to the device.

    shadow_avail_idx: avail.idx as the device read it last
    last_avail_idx: the available entry that the device takes next
    used_idx: the device's own copy of used.idx
    inuse: elements popped and neither flushed nor given back
    notification: the device wants kicks
    signalled_used: used_idx at the last decision about an interrupt
    signalled_used_valid: that says something
    broken: the device declared the ring broken
    cached_used_event: used by variants only; QEMU reads used_event at every decision
    """

    shadow_avail_idx: Index = 0
    last_avail_idx: Index = 0
    used_idx: Index = 0
    inuse: Count = 0
    notification: bool = True
    signalled_used: Index = 0
    signalled_used_valid: bool = False
    broken: bool = False
    cached_used_event: Index = 0


def new_vq(cfg: Any) -> SplitVirtqueue:
    """All descriptors free, callbacks on."""
    n = cfg.size
    return SplitVirtqueue(num_free=n, next=Array([*range(1, n), 0]), token=Array([False] * n))


def new_dev(cfg: Any) -> SplitVirtQueue:
    """Nothing taken, kicks wanted."""
    return SplitVirtQueue()
