"""The model of QEMU's half of a packed ring, on the bytes of one.

The model has no addresses, lengths or contents: a buffer is one descriptor, and a packet counts buffers.  So all
buffers are as long here, and what the model's copy into a buffer is, and the length that a used descriptor says, is
done beside its steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.protocol import Setup, Unsupported
from vrx.models.conformance.targets.model.packed_words import PackedWords, mark_of, word_of
from vrx.models.conformance.targets.model.runner import UNIT, Edge, Runner, WireMemory, model_of
from vrx.models.conformance.wire.header import NetHeader
from vrx.models.conformance.wire.layout import QueueAddresses
from vrx.models.conformance.wire.packed import driver_lies as lies
from vrx.models.conformance.wire.packed.ring import PackedDescriptor
from vrx.spec.layouts.packed.memory import loc
from vrx.spec.words import Array

OLD_HEADER = 10
"""Bytes that receive_header() writes: those of a header without num_buffers."""
NUM_BUFFERS_AT = 10
"""Where num_buffers lies in a header."""


class PackedHalf:
    """A `DeviceHalf`."""

    lies = frozenset({lies.LAPS_MIXED})  # the model takes IDs, and all that it does not have, for what a driver writes

    def __init__(
        self, memory: Memory, setup: Setup, queue: QueueAddresses, fault: Exhibit | None, taken: Counter[Edge]
    ) -> None:
        if setup.indirect:
            raise Unsupported("the model of a packed ring has no tables")
        self.memory, self.setup = memory, setup
        words = self.words = PackedWords(memory, queue)
        ring = self.ring = words.ring
        loads = WireMemory(words, desc_flags=words.mark, desc_id=self._popped)
        model = model_of(setup, 1, setup.mergeable, fault)
        self.run = Runner(model, loads, {
            loc.device_flags: lambda _, value: setattr(ring.device_event, "flags", value),
            loc.device_off_wrap: lambda _, value: setattr(ring.device_event, "off_wrap", word_of(setup.size, value)),
            loc.desc_id: self._put_id,
            loc.desc_flags: lambda slot, value: ring.desc.set_flags(slot, mark_of(value)),  # and never WRITE
        }, taken)  # fmt: skip
        s = self.state = self.run.state
        self.main = s.main
        self.main.elems = Array([0] * setup.size)
        s.dev.used_elems = Array([0] * setup.size)
        s.vq.next_avail_idx = -1  # nobody's: only properties look at it
        self._packet = b""
        self._into: list[PackedDescriptor] = []
        self._lengths: list[int] = []

    def begin(self, index: int) -> None:
        dev, size = self.state.dev, self.setup.size
        dev.shadow_avail_idx = dev.last_avail_idx = dev.used_idx = index % (2 * size)
        dev.signalled_used, dev.signalled_used_valid = index % size, True

    def arrives(self, frame: bytes) -> int:
        """In buffers, which are all as long."""
        self._packet = NetHeader().encode() + frame
        return -(-len(self._packet) // UNIT)

    def _popped(self, slot: int) -> int:
        """The ID of a descriptor that is popped.

        The rest of it is read beside the model, and iov_from_buf() done: without contents that is no step. The header
        is the first bytes of the first buffer.
        """
        number = int(self.main.held)
        del self._into[number:], self._lengths[number:]
        part = self._packet[number * UNIT : (number + 1) * UNIT]
        self._into.append(self.ring.desc[slot])
        self._lengths.append(len(part))
        if number == 0:
            self._write(0, part[:OLD_HEADER])
            self._write(self.setup.header_bytes, part[self.setup.header_bytes :])
        else:
            self._write(0, part)
        return self._into[-1].id

    def _write(self, at: int, data: bytes) -> None:
        self.memory.at(self._into[-1].addr + at, len(data))[:] = data

    def _put_id(self, slot: int, id: int) -> None:
        """A used descriptor; before the first one, num_buffers is written."""
        if self.setup.mergeable:
            count = int(self.main.held)
            self.memory.at(self._into[0].addr + NUM_BUFFERS_AT, 2)[:] = count.to_bytes(2, "little")
        self.ring.desc.set_id_and_len(slot, id, self._lengths[int(self.main.element)])

    def shape(self, lengths: Sequence[int]) -> list[int]:
        """All are as long."""
        return [UNIT]

    def of_device(self) -> tuple[object, ...]:
        """signalled_used is a slot: how far used_idx is ahead of it, in the lap that both are in."""
        dev, size = self.state.dev, self.setup.size
        signalled = dev.signalled_used_valid, dev.used_idx % size - dev.signalled_used
        return signalled, self.words.ahead(dev.shadow_avail_idx, dev.last_avail_idx)

    def of_ring(self) -> tuple[object, ...]:
        dev, words = self.state.dev, self.words
        interrupts = words.ahead(words.driver_off_wrap, dev.used_idx)
        kicks = words.ahead(words.device_off_wrap, dev.last_avail_idx)
        return words.driver_flags, words.device_flags, interrupts, kicks, words.available(dev.last_avail_idx)
