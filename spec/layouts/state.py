"""The state of a system whose ring is one of descriptors, split or packed: what its sides keep with both."""

from __future__ import annotations

from typing import Protocol

from vrx.spec.linux.state import Virtqueue
from vrx.spec.rx import State
from vrx.spec.words import Array


class DescriptorVirtqueue(Virtqueue, Protocol):
    """struct vring_virtqueue.

    token: desc_state[].data is not NULL: the buffer is out
    event_triggered: a hint that the event was passed
    """

    token: Array[bool]
    event_triggered: bool


class DescriptorState(State):
    """What the steps work on that both layouts have (`spec.layouts.driver`, `spec.layouts.device`)."""

    __slots__ = ()
    vq: DescriptorVirtqueue
