"""The model of QEMU's half of a packed ring, on the bytes of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.targets.model.packed_words import PackedWords, off_wire, on_wire, word_of
from vrx.models.conformance.targets.model.received import Received
from vrx.models.conformance.targets.model.runner import Edge, Runner, WireMemory, model_of
from vrx.models.conformance.wire.layout import INDIRECT, QueueAddresses
from vrx.models.conformance.wire.packed import driver_lies as lies
from vrx.models.conformance.wire.packed.ring import PackedDescriptor, PackedTable
from vrx.spec.layouts.packed.contexts import Walk
from vrx.spec.layouts.packed.memory import loc
from vrx.spec.words import Array

LISTS: Final = (lies.LIST_OVER_THE_END, lies.LIST_OF_WHAT_IS_NOT, lies.READABLE_LAST)
TABLES: Final = (
    lies.TABLE_ODD, lies.TABLE_EMPTY, lies.TABLE_OUTSIDE, lies.TABLE_NESTED, lies.TABLE_AND_NEXT, lies.TABLE_WITH_FLAGS,
)  # fmt: skip


def refusals(setup: Setup) -> Mapping[int, str]:
    """What a driver that lies cannot say to it, and why not."""
    out = {
        lies.IDS_OF_NOBODY: "in the model an ID is one that the ring has",
        lies.EVENT_WORDS: "in the model an event word is a position of the ring, with flags that there are",
        lies.NO_ROOM: "in the model the first piece of a buffer has room for the header",
        lies.HUGE: "the model maps a piece whole or not at all, QEMU begins with the part that there is",
    }
    if setup.mergeable:
        out |= dict.fromkeys(LISTS, "in the model, what merges has one descriptor")
    if not setup.indirect:
        out |= dict.fromkeys(TABLES, "without INDIRECT_DESC the model does not look for tables")
    return out


class PackedHalf:
    """A `DeviceHalf`."""

    def __init__(
        self, memory: Memory, setup: Setup, queue: QueueAddresses, fault: Exhibit | None, taken: Counter[Edge]
    ) -> None:
        received = self.received = Received(memory, setup)
        self.setup = setup
        words = self.words = PackedWords(memory, queue)
        ring = self.ring = words.ring
        desc, row = ring.desc, self._row
        loads = WireMemory(
            words, desc_flags=words.flags, desc_id=lambda slot: desc[slot].id,
            desc_addr=lambda slot: received.address(desc[slot].addr, desc[slot].len), desc_len=self._length,
            table_addr=lambda k: received.address(row(k).addr, row(k).len), table_len=lambda k: row(k).len,
            table_flags=lambda k: off_wire(row(k).flags),
        )  # fmt: skip
        self.run = Runner(model_of(setup, received.segments, setup.mergeable, fault), loads, {
            loc.device_flags: lambda _, value: setattr(ring.device_event, "flags", value),
            loc.device_off_wrap: lambda _, value: setattr(ring.device_event, "off_wrap", word_of(setup.size, value)),
            loc.desc_id: desc.set_id,
            loc.desc_len: desc.set_len,
            loc.desc_flags: lambda slot, value: desc.set_flags(slot, on_wire(value)),
            **received.stores,
        }, taken)  # fmt: skip
        s = self.state = self.run.state
        received.of(s.main)
        s.main.walk, s.main.ndescs = Walk(), self._of_elements()
        s.dev.used_elems, s.dev.used_lens, s.dev.used_ndescs = (self._of_elements() for _ in range(3))
        s.vq.next_avail_idx = -1  # nobody's: only properties look at it

    def _of_elements(self) -> Array[int]:
        """Something of each element, of which there are no more than the ring has descriptors."""
        return Array([0] * self.setup.size)

    def begin(self, index: int) -> None:
        dev, size = self.state.dev, self.setup.size
        dev.shadow_avail_idx = dev.last_avail_idx = dev.used_idx = index % (2 * size)
        dev.signalled_used, dev.signalled_used_valid = index % size, True

    def arrives(self, frame: bytes) -> int:
        return self.received.arrives(frame)

    def _length(self, slot: int) -> int:
        """Of a descriptor in the ring; of one that names a table, in entries."""
        d = self.ring.desc[slot]
        return self.received.entries(d.len) if d.flags & INDIRECT and self.setup.indirect else d.len

    def _row(self, k: int) -> PackedDescriptor:
        """A descriptor of an indirect table."""
        return PackedTable(self.received.row(k))[0]

    def shape(self, lengths: Sequence[int]) -> list[int]:
        return self.received.shape(lengths)

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
