"""What both sides keep of a packed ring for themselves.

Where the C keeps a position and a wrap counter, there is one ring index here, which
counts modulo twice the ring size: the position is the index modulo the ring size,
and the wrap counter is 1 while the index is below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec.layouts.packed.memory import DESC, ENABLE
from vrx.spec.size import Size
from vrx.spec.sizes import LEN_TOP, SIZE, SLOTS, TOP_ELEMENT
from vrx.spec.words import Array, Count, Head, Index, Of, Upto


def top_inuse(cfg: Any) -> int:
    """Of the descriptors that the device has in hand.  QEMU looks whether there are too many before it knows how many
    the next element has: where a driver that lies gives one element the whole ring, there are more than that."""
    most: int = 2 * cfg.size if cfg.elements_differ and cfg.driver_lies else cfg.size  # a term where any size is asked
    return most


TOP_INUSE = Size("top_inuse", top_inuse)


@dataclass(slots=True)
class PackedVirtqueue:
    """struct vring_virtqueue and its packed part: private to the driver.

    free_head: the id that the driver takes next
    num_free: how many descriptors are free
    next: desc_extra[].next, the list of free ids; of the last id of a buffer zero while that is in use (dead there);
        from the first one on it leads to desc_state[].last, which is no field of its own
    token: desc_state[].data is not NULL: the buffer is out
    next_avail_idx: where the driver makes the next descriptor available, with avail_wrap_counter; avail_used_flags
        follow from it
    num_added: descriptors added since the last decision about a kick
    last_used_idx: the descriptor that the driver looks at next, with its wrap counter (bit 15 in the C, too)
    event_flags_shadow: the driver's own copy of the flags of its event suppression structure
    event_triggered: a hint that the event was passed
    broken: the driver declared the ring broken
    """

    free_head: Head = 0
    num_free: Count = 0
    next: Annotated[Array[int], Of(Upto(SLOTS))] = field(default_factory=Array)
    token: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    next_avail_idx: Index = 0
    num_added: Count = 0
    last_used_idx: Index = 0
    event_flags_shadow: Annotated[int, Upto(DESC)] = ENABLE
    event_triggered: bool = False
    broken: bool = False


@dataclass(slots=True)
class PackedVirtQueue:
    """struct VirtQueue: private to the device.

    shadow_avail_idx: the first descriptor that was not available when the device counted last, or where it popped
        last, with shadow_avail_wrap_counter
    last_avail_idx: the descriptor that the device takes next, with last_avail_wrap_counter
    used_idx: where it writes the next used descriptor, with used_wrap_counter
    inuse: descriptors popped and neither flushed nor given back
    notification: the device wants kicks
    used_elems: the ids of filled elements that are not flushed; with data used_lens, how much was written into each,
        and used_ndescs, how many descriptors each takes
    signalled_used: the position, without its wrap counter, at the last decision about an interrupt
    signalled_used_valid: that says something
    broken: the device declared the ring broken
    """

    shadow_avail_idx: Index = 0
    last_avail_idx: Index = 0
    used_idx: Index = 0
    inuse: Annotated[int, Upto(TOP_INUSE)] = 0
    notification: bool = True
    used_elems: Annotated[Array[int], Of(Upto(TOP_ELEMENT))] = field(default_factory=Array)
    used_lens: Annotated[Array[int], Of(Upto(LEN_TOP))] = field(default_factory=Array)
    used_ndescs: Annotated[Array[int], Of(Upto(SIZE))] = field(default_factory=Array)
    signalled_used: Annotated[int, Upto(SLOTS)] = 0
    signalled_used_valid: bool = False
    broken: bool = False


def new_vq(cfg: Any) -> PackedVirtqueue:
    """All descriptors free, callbacks on."""
    n = cfg.size
    return PackedVirtqueue(num_free=n, next=Array([*range(1, n), 0]), token=Array([False] * n))


def new_dev(cfg: Any) -> PackedVirtQueue:
    """Nothing taken, kicks wanted."""
    n = cfg.in_hand
    with_data = n if cfg.data else 0
    return PackedVirtQueue(
        used_elems=Array([0] * n), used_lens=Array([0] * with_data), used_ndescs=Array([0] * with_data)
    )
