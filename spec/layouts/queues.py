"""What both sides keep for themselves of a ring of descriptors, split or packed, beside what they keep of any ring."""

from __future__ import annotations

from typing import Protocol

from vrx.spec.linux.state import Virtqueue
from vrx.spec.qemu.state import VirtQueue
from vrx.spec.words import Array


class DescriptorVirtqueue(Virtqueue, Protocol):
    """struct vring_virtqueue: private to the driver.

    free_head: the first of the driver's free list
    next: desc_extra[].next, the free list
    token: desc_state[].data is not NULL: the buffer is out
    num_added: how many were added since the last decision about a kick
    event_triggered: a hint that the event was passed
    """

    free_head: int
    next: Array[int]
    token: Array[bool]
    num_added: int
    event_triggered: bool


class DescriptorVirtQueue(VirtQueue, Protocol):
    """struct VirtQueue: private to the device.

    signalled_used: used_idx, or its position, at the last decision about an interrupt
    signalled_used_valid: that says something
    """

    signalled_used: int
    signalled_used_valid: bool
