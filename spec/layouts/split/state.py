"""The state of a system that has a split ring."""

from __future__ import annotations

from vrx.spec.layouts.split.contexts import SplitMainLoop
from vrx.spec.layouts.split.memory import SplitRing
from vrx.spec.layouts.split.queues import SplitVirtQueue, SplitVirtqueue
from vrx.spec.layouts.state import DescriptorState


class SplitState(DescriptorState):
    """What the split ring's steps work on: any state whose ring is a split one."""

    __slots__ = ()
    ring: SplitRing
    vq: SplitVirtqueue
    dev: SplitVirtQueue
    main: SplitMainLoop
