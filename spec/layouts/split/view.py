"""The view of a split ring."""

from __future__ import annotations

from typing import Any, Protocol

from vrx.spec.layouts.split.contexts import SplitL, SplitQ
from vrx.spec.layouts.split.memory import SplitRing
from vrx.spec.layouts.split.queues import SplitVirtQueue, SplitVirtqueue
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.ring import Indexed, idx_add, slot
from vrx.spec.words import counts, each_once


class InRing(Indexed, Protocol):
    """What the view asks of a configuration."""

    @property
    def each(self) -> int:
        """How many of the ring's descriptors a buffer takes."""


class HasSplitRing(Protocol):
    """What the view asks of a state."""

    ring: SplitRing
    vq: SplitVirtqueue
    dev: SplitVirtQueue

    @property
    def cfg(self) -> InRing:
        """The configuration."""


class SplitView:
    """What `spec.layouts.view.View` says of a ring with two indices in memory."""

    __slots__ = ("s",)

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
    def seen(self) -> int:
        """shadow_avail_idx of QEMU."""
        return self.s.dev.shadow_avail_idx

    @property
    def found(self) -> int:
        """Each look leaves a copy."""
        return self.seen

    @property
    def popped(self) -> int:
        """last_avail_idx of QEMU."""
        return self.s.dev.last_avail_idx

    @property
    def used(self) -> int:
        """used_idx of QEMU."""
        return self.s.dev.used_idx

    @property
    def returned(self) -> int:
        """used.idx."""
        return self.s.ring.used_idx

    @property
    def received(self) -> int:
        """last_used_idx of Linux."""
        return self.s.vq.last_used_idx

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
    def kicks_on(self) -> bool:
        """notification of QEMU."""
        return self.s.dev.notification

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
    def decided_known(self) -> bool:
        """signalled_used_valid of QEMU."""
        return self.s.dev.signalled_used_valid

    def decides(self, point: Any) -> Any:
        """virtio_split_should_notify() has one load."""
        return point == Q.SHOULD_NOTIFY

    def interrupt_needless(self, by_position: Any) -> Any:
        """A position is all that is asked by."""
        return by_position

    def kick_needless(self, by_position: Any) -> Any:
        """A position is all that is asked by."""
        return by_position

    @property
    def added_since(self) -> int:
        """num_added of Linux."""
        return self.s.vq.num_added

    @property
    def event_is_away(self) -> bool:
        """used_event is 0, or the hint says that it was passed since it was named last."""
        return self.s.vq.event_triggered or self.s.ring.used_event == 0

    def free_list_intact(self) -> bool:
        """Of desc_extra[].next, from free_head on."""
        s = self.s
        (out,) = counts(s.vq.token, True)
        if s.vq.num_free + s.cfg.each * out != s.cfg.size:
            return False
        return bool(each_once(s.vq.next, s.vq.free_head, s.vq.num_free, lambda link: not s.vq.token[link]))

    def detaching(self, me: Any) -> bool:
        """In detach_buf_split()."""
        return bool(me.pc == SplitL.DETACH_BUF)

    def adding(self, me: Any) -> bool:
        """In virtqueue_add_split(), before avail_idx_shadow moves."""
        return bool(me.pc == SplitL.ADD_IDX)

    def popping(self, me: Any) -> bool:
        """In virtqueue_split_pop(), behind the read of the head."""
        return bool(me.pc == SplitQ.POP_EVENT or me.pc == SplitQ.POP_DESC or me.pc == SplitQ.POP_NEXT)

    def receiving(self, me: Any) -> bool:
        """From more_used_split() to virtqueue_enable_cb_prepare()."""
        return bool(L.MORE_USED <= me.pc and me.pc <= L.ENABLE_CB_PREPARE)

    def taking(self, me: Any) -> bool:
        """From virtqueue_split_pop() to virtio_irq()."""
        return bool(Q.POP_EMPTY <= me.pc and me.pc <= Q.IRQ)
