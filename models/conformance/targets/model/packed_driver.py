"""The model of Linux's half of a packed ring, on the bytes of one.

The model has no addresses and no lengths: a buffer is one descriptor.  So what else a descriptor says is written
beside its steps, together with the id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import PAGE, Memory
from vrx.models.conformance.protocol import Segment, Setup, Unsupported
from vrx.models.conformance.targets.model.packed_words import PackedWords, mark_of, word_of
from vrx.models.conformance.targets.model.runner import Edge, Runner, WireMemory, model_of
from vrx.models.conformance.wire.layout import WRITE, place
from vrx.models.conformance.wire.packed.positions import used_mark
from vrx.models.conformance.wire.packed.ring import AVAIL, USED, PackedDescriptor
from vrx.models.conformance.wire.protocol import UsedBuffer
from vrx.spec.layouts.packed.contexts import PackedL
from vrx.spec.layouts.packed.memory import loc

TAKING: Final = frozenset(range(PackedL.USED_ID, PackedL.GET_BUF_OFF_WRAP_MB + 1))
"""Where virtqueue_get_buf_ctx_packed() has not returned yet."""


class PackedHalf:
    """A `DriverHalf`."""

    def __init__(self, memory: Memory, setup: Setup, fault: Exhibit | None, taken: Counter[Edge]) -> None:
        self._size = size = setup.size
        self.where, end = place("packed", size, PAGE)
        memory.regions[0].view[PAGE:end] = bytes(end - PAGE)
        words = self.words = PackedWords(memory, self.where)
        ring = self.ring = words.ring
        loads = WireMemory(words, desc_flags=words.mark, desc_id=lambda slot: ring.desc[slot].id)
        self.run = Runner(model_of(setup, 1, False, fault), loads, {
            loc.driver_flags: lambda _, value: setattr(ring.driver_event, "flags", value),
            loc.driver_off_wrap: lambda _, value: setattr(ring.driver_event, "off_wrap", word_of(size, value)),
            loc.desc_id: self._describe,
            loc.desc_flags: lambda slot, value: ring.desc.set_flags(slot, mark_of(value) | WRITE),
        }, taken)  # fmt: skip
        self.state = self.run.state
        self._segments: Sequence[Segment] = ()

    def begin(self, index: int) -> None:
        vq = self.state.vq
        vq.next_avail_idx = vq.last_used_idx = index % (2 * self._size)
        self.ring.driver_event.off_wrap = self.ring.device_event.off_wrap = word_of(self._size, index)

    def posts(self, segments: Sequence[Segment]) -> None:
        if len(segments) > 1:
            raise Unsupported("the model's buffers on a packed ring are one descriptor")
        self._segments = segments

    def _describe(self, slot: int, id: int) -> None:
        """Address and length with the id; the flags are those of before."""
        address, length, _ = self._segments[0]
        self.ring.desc[slot] = PackedDescriptor(address, length, id, self.ring.desc.flags(slot))

    def next_used(self) -> UsedBuffer:
        row = self.ring.desc[self.state.vq.last_used_idx % self._size]
        return UsedBuffer(row.id, row.len)

    def taking(self, point: int) -> bool:
        return point in TAKING

    # What decides its next steps.

    def of_queue(self) -> tuple[object, ...]:
        vq = self.state.vq
        added = min(vq.num_added, self._size + 1)
        return vq.num_free, added, vq.event_flags_shadow, vq.event_triggered, vq.last_used_idx < self._size

    def of_ring(self) -> tuple[object, ...]:
        vq, words = self.state.vq, self.words
        interrupts = words.ahead(words.driver_off_wrap, vq.last_used_idx)
        kicks = words.ahead(words.device_off_wrap, vq.next_avail_idx)
        return words.driver_flags, words.device_flags, interrupts, kicks, self._waiting()

    def _waiting(self) -> int:
        """How many descriptors say that they are used, from the next one on."""
        for n in range(self._size):
            at = self.state.vq.last_used_idx + n
            if self.ring.desc.flags(at % self._size) & (AVAIL | USED) != used_mark(self._size, at):
                return n
        return self._size
