"""The view of a packed ring.

There is no index in memory.  What memory shows as available or used is said by the flags, from the descriptor on that
the driver looks at next, one lap long: first those that are used, then those that are available, then those that were
used in the lap before.
"""

from __future__ import annotations

from typing import Any, Protocol

from vrx.spec.layouts.packed.contexts import PackedL, PackedMainLoop, PackedQ
from vrx.spec.layouts.packed.memory import DESC, DISABLE, PackedRing, available_mark, mark_of, used_mark
from vrx.spec.layouts.packed.queues import PackedVirtQueue, PackedVirtqueue
from vrx.spec.layouts.sides_view import DescriptorsView
from vrx.spec.qemu.state import Q
from vrx.spec.ring import Indexed, idx_add, slot
from vrx.spec.words import leading, pick


class InRing(Indexed, Protocol):
    """What the view asks of a configuration."""

    @property
    def ndescs(self) -> int:
        """How far a buffer moves a ring index."""

    @property
    def in_ring(self) -> int:
        """How many buffers the whole ring holds."""

    @property
    def data(self) -> bool:
        """Descriptors, contents and lengths are part of the state."""


class HasPackedRing(Protocol):
    """What the view asks of a state."""

    ring: PackedRing
    vq: PackedVirtqueue
    dev: PackedVirtQueue
    main: PackedMainLoop

    @property
    def cfg(self) -> InRing:
        """The configuration."""


class PackedView(DescriptorsView):
    """What `spec.layouts.view.View` says of a ring of descriptors that both sides write."""

    __slots__ = ()
    s: HasPackedRing

    def __init__(self, s: HasPackedRing) -> None:
        self.s = s

    @property
    def added(self) -> int:
        """next_avail_idx of Linux."""
        return self.s.vq.next_avail_idx

    @property
    def offered(self) -> int:
        """By the flags: used ones were offered, too."""
        return self._up_to(lambda n: self.says_used(n) | self.says_available(n))

    @property
    def found(self) -> int:
        """virtio_queue_packed_empty() leaves no copy."""
        return self.offered

    @property
    def returned(self) -> int:
        """By the flags."""
        return self._up_to(self.says_used)

    def _up_to(self, holds: Any) -> int:
        """The end of the buffers, from the driver's next one on, of whose first descriptors something holds without a
        gap."""
        cfg, flags = self.s.cfg, self.s.ring.desc_flags
        if cfg.ndescs == 1:
            return idx_add(cfg, self.s.vq.last_used_idx, leading(flags, holds))
        firsts = leading(flags, lambda n: (n < cfg.in_ring) & holds(n * cfg.ndescs))
        return idx_add(cfg, self.s.vq.last_used_idx, firsts * cfg.ndescs)

    def _mark(self, index: int) -> Any:
        """Whose the descriptor at a ring index is, by its flags."""
        return mark_of(self.s.cfg, self.s.ring.desc_flags[slot(self.s.cfg, index)])

    def says_used(self, n: int) -> Any:
        """Does the n-th descriptor, from the driver's next one on, say that it is used in this lap?"""
        index = idx_add(self.s.cfg, self.s.vq.last_used_idx, n)
        return self._mark(index) == used_mark(self.s.cfg, index)

    def says_available(self, n: int) -> Any:
        """Does it say that it is available in this lap?"""
        index = idx_add(self.s.cfg, self.s.vq.last_used_idx, n)
        return self._mark(index) == available_mark(self.s.cfg, index)

    def says_old(self, n: int) -> Any:
        """Does it say that it was used in the lap before, or was it never written?  A later descriptor of a list says
        that it was available then."""
        cfg = self.s.cfg
        index = idx_add(cfg, self.s.vq.last_used_idx, n + cfg.size)
        used = self._mark(index) == used_mark(cfg, index)
        return used if cfg.ndescs == 1 else used | (self._mark(index) == available_mark(cfg, index))

    def returned_head(self, n: int) -> int:
        """The id of a used descriptor."""
        s = self.s
        head: int = s.ring.desc_id[slot(s.cfg, idx_add(s.cfg, s.vq.last_used_idx, n * s.cfg.ndescs))]
        return head

    @property
    def callbacks_off(self) -> bool:
        """VRING_PACKED_EVENT_FLAG_DISABLE in event_flags_shadow, whether or not memory has it."""
        return self.s.vq.event_flags_shadow == DISABLE

    @property
    def interrupts_refused(self) -> int:
        """The flags of the driver's structure say DISABLE."""
        return int_of(pick(self.s.ring.driver_flags == DISABLE, 1, 0))

    @property
    def kicks_refused(self) -> int:
        """The flags of the device's structure say DISABLE."""
        return int_of(pick(self.s.ring.device_flags == DISABLE, 1, 0))

    @property
    def interrupt_event(self) -> int:
        """The position of the driver's structure."""
        return self.s.ring.driver_off_wrap

    @property
    def kick_event(self) -> int:
        """The position of the device's structure."""
        return self.s.ring.device_off_wrap

    @property
    def decided(self) -> int:
        """signalled_used of QEMU, which is of the lap that used_idx is in wherever it counts."""
        dev = self.s.dev
        return int_of(pick(dev.used_idx < self.s.cfg.size, 0, self.s.cfg.size)) + dev.signalled_used

    def decides(self, point: Any) -> Any:
        """With the event index: behind the second load of virtio_packed_should_notify()."""
        return point == PackedQ.SHOULD_NOTIFY_OFF_WRAP

    def interrupt_needless(self, by_position: Any) -> Any:
        """The flags may ask for every interrupt or for none; of two loads the device knows what the first one saw."""
        main, memory = self.s.main, self.s.ring.driver_flags
        return _needless(pick(main.pc == PackedQ.SHOULD_NOTIFY_OFF_WRAP, main.event_flags, memory), by_position)

    def kick_needless(self, by_position: Any) -> Any:
        """The flags may ask for every kick or for none."""
        return _needless(self.s.ring.device_flags, by_position)

    @property
    def event_is_away(self) -> bool:
        """The flags of the driver's structure say DISABLE, or the hint says that its event was passed."""
        return self.s.vq.event_triggered | (self.s.ring.driver_flags == DISABLE)

    def detaching(self, me: Any) -> bool:
        """detach_buf_packed() is part of one step."""
        return False

    def adding(self, me: Any) -> bool:
        """The id leaves the free list in the step in which next_avail_idx moves."""
        return False

    def adding_list(self, me: Any) -> Any:
        """In virtqueue_add_packed(), behind the flags of the second descriptor."""
        return (PackedL.ADD_FLAGS <= me.pc) & (me.pc <= PackedL.ADD_HEAD_FLAGS)

    def popping(self, me: Any) -> bool:
        """last_avail_idx moves in the step that makes the element."""
        return False

    def taking(self, me: Any) -> bool:
        """From virtqueue_packed_pop() to virtio_irq()."""
        if self.s.cfg.data and me.pc == PackedQ.FLUSH_LEN:
            return True
        return bool((Q.POP_EMPTY <= me.pc and me.pc <= Q.IRQ) or PackedQ.FLUSH_ID <= me.pc)

    def flushing(self, me: Any) -> bool:
        """In virtqueue_packed_flush(): some used descriptors of a packet may be written, and the first one is not."""
        if self.s.cfg.data and me.pc == PackedQ.FLUSH_LEN:
            return True
        return bool(PackedQ.FLUSH_ID <= me.pc and me.pc <= PackedQ.FLUSH_FLAGS)


def _needless(flags: int, by_position: Any) -> Any:
    return (flags == DISABLE) | ((flags == DESC) & by_position)


def int_of(x: Any) -> int:
    """A number, to the type checker."""
    number: int = x
    return number
