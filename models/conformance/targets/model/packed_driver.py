"""The model of Linux's half of a packed ring, on the bytes of one.

In the model all buffers have as many descriptors; here each has its own number, which the driver keeps of its ID
(desc_state[].num): whoever reads an ID goes on as the model of such buffers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import PAGE, Memory
from vrx.models.conformance.protocol import Segment, Setup
from vrx.models.conformance.targets.model.packed_words import PackedWords, off_wire, on_wire, word_of
from vrx.models.conformance.targets.model.posted import Posted
from vrx.models.conformance.targets.model.runner import Edge, Model, Runner, WireMemory, model_of
from vrx.models.conformance.wire.layout import place
from vrx.models.conformance.wire.packed.positions import used_mark
from vrx.models.conformance.wire.packed.ring import AVAIL, USED, PackedTable
from vrx.models.conformance.wire.protocol import UsedBuffer
from vrx.spec.layouts.packed.contexts import PackedL
from vrx.spec.layouts.packed.memory import loc

TAKING: Final = frozenset(range(PackedL.USED_ID, PackedL.GET_BUF_OFF_WRAP_MB + 1))
"""Where virtqueue_get_buf_ctx_packed() has not returned yet."""


class PackedHalf:
    """A `DriverHalf`."""

    def __init__(self, memory: Memory, setup: Setup, fault: Exhibit | None, taken: Counter[Edge]) -> None:
        self._setup, self._fault, self._size = setup, fault, setup.size
        self.where, end = place("packed", setup.size, PAGE)
        memory.regions[0].view[PAGE:end] = bytes(end - PAGE)
        words = self.words = PackedWords(memory, self.where)
        ring = self.ring = words.ring
        desc = ring.desc
        posted = self._posted = Posted(memory, setup.size, end)
        tables = PackedTable(posted.tables)
        address, length, row = posted.address, posted.length, posted.row
        loads = WireMemory(
            words, desc_flags=words.flags, desc_id=self._returned, desc_len=lambda slot: desc[slot].len,
            table_flags=lambda k: off_wire(tables.flags(row(k))),
        )  # fmt: skip
        self.run = Runner(self._model(1), loads, {
            loc.driver_flags: lambda _, value: setattr(ring.driver_event, "flags", value),
            loc.driver_off_wrap: lambda _, value: setattr(ring.driver_event, "off_wrap", word_of(setup.size, value)),
            loc.desc_addr: lambda slot, value: desc.set_addr(slot, address(value)),
            loc.desc_len: lambda slot, value: desc.set_len(slot, length(value)),
            loc.desc_id: self._put_id,
            loc.desc_flags: lambda slot, value: desc.set_flags(slot, on_wire(value)),
            loc.table_addr: lambda k, value: tables.set_addr(row(k), address(value)),
            loc.table_len: lambda k, value: tables.set_len(row(k), length(value)),
            loc.table_flags: lambda k, value: tables.set_flags(row(k), on_wire(value)),
        }, taken)  # fmt: skip
        self.state = posted.state = self.run.state
        self._descriptors: dict[int, int] = {}

    def _model(self, segments: int) -> Model:
        """Of buffers of so many descriptors."""
        return model_of(self._setup, segments, False, self._fault)

    def begin(self, index: int) -> None:
        vq = self.state.vq
        vq.next_avail_idx = vq.last_used_idx = index % (2 * self._size)
        self.ring.driver_event.off_wrap = self.ring.device_event.off_wrap = word_of(self._size, index)

    def posts(self, segments: Sequence[Segment]) -> None:
        self._posted.posts(segments)
        self.run.become(self._model(len(segments)))

    def _put_id(self, slot: int, id: int) -> None:
        """With it the driver keeps how many descriptors the buffer has."""
        self._descriptors[id] = self.state.cfg.segments
        self.ring.desc.set_id(slot, id)

    def _returned(self, slot: int) -> int:
        """The ID of a used descriptor; of one that was never out nothing is kept."""
        id = self.ring.desc[slot].id
        self.run.become(self._model(self._descriptors.get(id, 1)))
        return id

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

    def _waiting(self) -> tuple[int, ...]:
        """How many descriptors of the ring each buffer has that is used, from the next one on."""
        ring, at, found = self.ring, self.state.vq.last_used_idx, list[int]()
        while sum(found) < self._size:
            slot = (at + sum(found)) % self._size
            if ring.desc.flags(slot) & (AVAIL | USED) != used_mark(self._size, at + sum(found)):
                break
            found.append(1 if self._setup.indirect else self._descriptors.get(ring.desc[slot].id, 1))
        return tuple(found)
