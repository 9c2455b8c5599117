"""The view of a split ring."""

from __future__ import annotations

from typing import Any, Protocol

from vrx.spec.layouts.sides_view import DescriptorsView
from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import SplitRing
from vrx.spec.layouts.split.queues import SplitVirtQueue, SplitVirtqueue
from vrx.spec.ring import Indexed, idx_add, slot


class HasSplitRing(Protocol):
    """What the view asks of a state."""

    ring: SplitRing
    vq: SplitVirtqueue
    dev: SplitVirtQueue

    @property
    def cfg(self) -> Indexed:
        """The configuration."""


class SplitView(DescriptorsView):
    """What `spec.layouts.view.View` says of a ring with two indices in memory."""

    __slots__ = ()
    s: HasSplitRing

    def __init__(self, s: HasSplitRing) -> None:
        self.s = s

    @property
    def added(self) -> int:
        """avail_idx_shadow of Linux."""
        return self.s.vq.avail_idx_shadow

    @property
    def offered(self) -> int:
        """avail.idx."""
        return self.s.ring.avail_idx

    @property
    def returned(self) -> int:
        """used.idx."""
        return self.s.ring.used_idx

    def returned_head(self, n: int) -> int:
        """The id of a used entry."""
        s = self.s
        head: int = s.ring.used_id[slot(s.cfg, idx_add(s.cfg, s.vq.last_used_idx, n))]
        return head

    @property
    def callbacks_off(self) -> bool:
        """VRING_AVAIL_F_NO_INTERRUPT in avail_flags_shadow, whether or not memory has it."""
        return self.s.vq.no_interrupt

    @property
    def interrupts_refused(self) -> int:
        """avail.flags, where NO_INTERRUPT is the only bit."""
        return self.s.ring.avail_flags

    @property
    def kicks_refused(self) -> int:
        """used.flags, where NO_NOTIFY is the only bit."""
        return self.s.ring.used_flags

    @property
    def interrupt_event(self) -> int:
        """used_event."""
        return self.s.ring.used_event

    @property
    def kick_event(self) -> int:
        """avail_event."""
        return self.s.ring.avail_event

    @property
    def decided(self) -> int:
        """signalled_used of QEMU."""
        return self.s.dev.signalled_used

    @property
    def event_is_away(self) -> bool:
        """used_event is 0, or the hint says that it was passed since it was named last."""
        return self.s.vq.event_triggered or self.s.ring.used_event == 0

    def detaching(self, me: Any) -> bool:
        """In detach_buf_split()."""
        return bool(me.pc == SplitL.DETACH_BUF)

    def adding(self, me: Any) -> bool:
        """In virtqueue_add_split(), before avail_idx_shadow moves."""
        return bool(me.pc == SplitL.ADD_IDX)

    def popping(self, me: Any) -> bool:
        """In virtqueue_split_pop(), behind the read of the head."""
        return bool(me.pc == SplitQ.POP_EVENT or me.pc == SplitQ.POP_DESC or me.pc == SplitQ.POP_NEXT)
