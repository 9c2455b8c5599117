"""What a view says of what the sides keep for themselves, in the same words for every ring.

Linux and QEMU keep it with any layout: where they stand, what they count, where their functions begin and end.  What
memory shows, and what else a layout's sides keep, its own view says.
"""

from __future__ import annotations

from typing import Any, Protocol

from vrx.spec.layouts.queues import DescriptorVirtQueue, DescriptorVirtqueue
from vrx.spec.linux.state import L, Virtqueue
from vrx.spec.qemu.state import Q, VirtQueue
from vrx.spec.words import counts, each_once


class HasSides(Protocol):
    """What is asked of a state."""

    @property
    def cfg(self) -> Any:
        """The configuration."""

    @property
    def vq(self) -> Virtqueue:
        """What the driver keeps."""

    @property
    def dev(self) -> VirtQueue:
        """What the device keeps."""


class SidesView:
    """The part of `spec.layouts.view.View` that asks the sides.  A layout where one of it is otherwise says so."""

    __slots__ = ("s",)
    s: HasSides

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
    def received(self) -> int:
        """last_used_idx of Linux."""
        return self.s.vq.last_used_idx

    @property
    def kicks_on(self) -> bool:
        """notification of QEMU."""
        return self.s.dev.notification

    def decides(self, point: Any) -> Any:
        """One load tells."""
        return point == Q.SHOULD_NOTIFY

    def interrupt_needless(self, by_position: Any) -> Any:
        """A position is all that is asked by."""
        return by_position

    def kick_needless(self, by_position: Any) -> Any:
        """A position is all that is asked by."""
        return by_position

    def receiving(self, me: Any) -> bool:
        """From the look for a used buffer to virtqueue_enable_cb_prepare()."""
        return bool(L.MORE_USED <= me.pc and me.pc <= L.ENABLE_CB_PREPARE)

    def taking(self, me: Any) -> bool:
        """From the look for a buffer to pop to virtio_irq()."""
        return bool(Q.POP_EMPTY <= me.pc and me.pc <= Q.IRQ)


class HasDescriptors(HasSides, Protocol):
    """What is asked of a state with a ring of descriptors."""

    @property
    def vq(self) -> DescriptorVirtqueue:
        """What the driver keeps."""

    @property
    def dev(self) -> DescriptorVirtQueue:
        """What the device keeps."""


class DescriptorsView(SidesView):
    """Likewise of a ring of descriptors: of struct vring_virtqueue and struct VirtQueue beside their indices."""

    __slots__ = ()
    s: HasDescriptors

    @property
    def decided_known(self) -> bool:
        """signalled_used_valid of QEMU."""
        return self.s.dev.signalled_used_valid

    @property
    def added_since(self) -> int:
        """num_added of Linux."""
        return self.s.vq.num_added

    def free_list_intact(self) -> bool:
        """Of desc_extra[].next, from free_head on."""
        s = self.s
        (out,) = counts(s.vq.token, True)
        if s.vq.num_free + s.cfg.each * out != s.cfg.size:
            return False
        return bool(each_once(s.vq.next, s.vq.free_head, s.vq.num_free, lambda link: not s.vq.token[link]))
