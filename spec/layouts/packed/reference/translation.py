"""The state of a system as the structures of the C, and back.

A ring index of the steps counts modulo twice the size: its slot and its wrap counter are what the C has.
A buffer is one descriptor of one unit, named by its ID, and its token is the ID.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from vrx.spec.layouts.packed import memory
from vrx.spec.layouts.packed.reference.structs import (
    VRING_DESC_F_WRITE,
    VRING_PACKED_DESC_F_AVAIL,
    VRING_PACKED_DESC_F_USED,
    Desc,
    DescEvent,
    DescState,
    UsedElem,
    VirtQueue,
    Vq,
    Vring,
)
from vrx.spec.layouts.packed.state import PackedState

WRAP = 1 << 15
P = ParamSpec("P")
R = TypeVar("R")


def place(size: int, index: int) -> tuple[int, int]:
    """Slot and wrap counter of a ring index."""
    return index % size, 1 if index < size else 0


def index(size: int, slot: int, wrap: int) -> int:
    """The ring index of a slot and a wrap counter."""
    return slot + (0 if wrap else size)


def off_wrap(size: int, at: int) -> int:
    """A ring index as the C packs it."""
    slot, wrap = place(size, at)
    return slot | wrap << 15


def unpacked(size: int, word: int) -> int:
    """The ring index that the C has packed."""
    return index(size, word & ~WRAP, word >> 15)


def vring_of(s: PackedState) -> Vring:
    """The memory that both sides share."""
    size, ring = s.cfg.size, s.ring
    desc = []
    for n in range(size):
        flags = VRING_DESC_F_WRITE
        flags |= VRING_PACKED_DESC_F_AVAIL if ring.desc_flags[n] & memory.AVAIL else 0
        flags |= VRING_PACKED_DESC_F_USED if ring.desc_flags[n] & memory.USED else 0
        desc.append(Desc(1, 1, ring.desc_id[n], flags))
    return Vring(
        size, desc, DescEvent(off_wrap(size, ring.driver_off_wrap), ring.driver_flags),
        DescEvent(off_wrap(size, ring.device_off_wrap), ring.device_flags),
    )  # fmt: skip


def put_vring(s: PackedState, vring: Vring) -> None:
    """The memory as a function of the C has left it."""
    size, ring = s.cfg.size, s.ring
    for n, d in enumerate(vring.desc):
        ring.desc_id[n] = d.id
        ring.desc_flags[n] = (memory.AVAIL if d.flags & VRING_PACKED_DESC_F_AVAIL else 0) | (
            memory.USED if d.flags & VRING_PACKED_DESC_F_USED else 0
        )
    ring.driver_off_wrap, ring.driver_flags = unpacked(size, vring.driver.off_wrap), vring.driver.flags
    ring.device_off_wrap, ring.device_flags = unpacked(size, vring.device.off_wrap), vring.device.flags


def vq_of(s: PackedState) -> Vq:
    """What the driver keeps."""
    size, vq = s.cfg.size, s.vq
    slot, wrap = place(size, vq.next_avail_idx)
    return Vq(
        vring_of(s), event=s.cfg.event_idx, broken=vq.broken, num_free=vq.num_free, num_added=vq.num_added,
        free_head=vq.free_head, last_used_idx=off_wrap(size, vq.last_used_idx), event_triggered=vq.event_triggered,
        avail_wrap_counter=wrap, avail_used_flags=VRING_PACKED_DESC_F_AVAIL if wrap else VRING_PACKED_DESC_F_USED,
        next_avail_idx=slot, event_flags_shadow=vq.event_flags_shadow, next=list(vq.next),
        desc_state=[DescState(n if vq.token[n] else None, 0, 1, n) for n in range(size)],
    )  # fmt: skip


def put_vq(s: PackedState, c: Vq) -> None:
    """What a function of the driver has left: its queue, and the memory."""
    size, vq = s.cfg.size, s.vq
    marked = VRING_PACKED_DESC_F_AVAIL if c.avail_wrap_counter else VRING_PACKED_DESC_F_USED
    assert c.avail_used_flags == marked, "the flags follow from the wrap counter"
    vq.broken, vq.num_free, vq.num_added, vq.event_triggered = c.broken, c.num_free, c.num_added, c.event_triggered
    vq.last_used_idx = unpacked(size, c.last_used_idx)
    vq.next_avail_idx = index(size, c.next_avail_idx, c.avail_wrap_counter)
    vq.event_flags_shadow = c.event_flags_shadow
    free, at = [], c.free_head
    for _ in range(c.num_free):
        free.append(at)
        at = c.next[at]
    vq.free_head = free[0] if free else 0  # dead
    for n in range(size):
        vq.token[n] = c.desc_state[n].data is not None
        vq.next[n] = c.next[n] if n in free[:-1] else 0  # dead: of the last one, and of those in use
    put_vring(s, c.vring)


def virtqueue_of(s: PackedState) -> VirtQueue:
    """What the device keeps."""
    size, dev = s.cfg.size, s.dev
    last, last_wrap = place(size, dev.last_avail_idx)
    shadow, shadow_wrap = place(size, dev.shadow_avail_idx)
    used, used_wrap = place(size, dev.used_idx)
    filled = [UsedElem(dev.used_elems[n], 1, 1) for n in range(s.cfg.in_hand)]
    return VirtQueue(
        vring_of(s), s.cfg.event_idx, dev.broken, last, last_wrap, shadow, shadow_wrap, used, used_wrap,
        dev.signalled_used, dev.signalled_used_valid, dev.notification, dev.inuse, filled,
    )  # fmt: skip


def put_virtqueue(s: PackedState, c: VirtQueue) -> None:
    """What a function of the device has left: its queue, and the memory."""
    size, dev = s.cfg.size, s.dev
    dev.broken, dev.inuse, dev.notification = c.broken, c.inuse, c.notification
    dev.last_avail_idx = index(size, c.last_avail_idx, c.last_avail_wrap_counter)
    dev.shadow_avail_idx = index(size, c.shadow_avail_idx, c.shadow_avail_wrap_counter)
    dev.used_idx = index(size, c.used_idx, c.used_wrap_counter)
    dev.signalled_used, dev.signalled_used_valid = c.signalled_used, c.signalled_used_valid
    for n in range(s.cfg.in_hand):
        dev.used_elems[n] = c.used_elems[n].index
    put_vring(s, c.vring)


def on_driver(function: Callable[Concatenate[Vq, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A function of the driver's, asked of a state."""

    def run(s: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        vq = vq_of(s)
        returned = function(vq, *args, **kwargs)
        put_vq(s, vq)
        return returned

    return run


def on_device(function: Callable[Concatenate[VirtQueue, P], R]) -> Callable[Concatenate[Any, P], R]:
    """A function of the device's, asked of a state."""

    def run(s: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        vq = virtqueue_of(s)
        returned = function(vq, *args, **kwargs)
        put_virtqueue(s, vq)
        return returned

    return run
