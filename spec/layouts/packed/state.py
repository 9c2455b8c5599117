"""The state of a system that has a packed ring."""

from __future__ import annotations

from vrx.spec.layouts.packed.contexts import PackedMainLoop
from vrx.spec.layouts.packed.memory import PackedRing
from vrx.spec.layouts.packed.queues import PackedVirtQueue, PackedVirtqueue
from vrx.spec.layouts.state import DescriptorState


class PackedState(DescriptorState):
    """What the packed ring's steps work on: any state whose ring is a packed one."""

    __slots__ = ()
    ring: PackedRing
    vq: PackedVirtqueue
    dev: PackedVirtQueue
    main: PackedMainLoop
