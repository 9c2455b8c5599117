"""The state of a system whose ring is one of descriptors, split or packed."""

from __future__ import annotations

from vrx.spec.layouts.queues import DescriptorVirtQueue, DescriptorVirtqueue
from vrx.spec.rx import State


class DescriptorState(State):
    """What the steps work on that both layouts have (`spec.layouts.driver`, `spec.layouts.device`)."""

    __slots__ = ()
    vq: DescriptorVirtqueue
    dev: DescriptorVirtQueue
