"""A packed ring's bytes in the model's terms: flags side by side, and positions that count modulo two laps."""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import INDIRECT, NEXT, WRITE, QueueAddresses
from vrx.models.conformance.wire.packed.positions import WRAP, available_mark, off_wrap
from vrx.models.conformance.wire.packed.ring import AVAIL, USED, PackedRing
from vrx.spec.layouts.packed import memory as model

FLAGS: Final = (
    (model.AVAIL, AVAIL), (model.USED, USED), (model.NEXT, NEXT), (model.WRITE, WRITE), (model.INDIRECT, INDIRECT),
)  # fmt: skip
"""The flags of a descriptor: the model's bit, and that on the wire."""


def on_wire(flags: int) -> int:
    """The model's flags of a descriptor as they stand in memory."""
    return sum(bit for mine, bit in FLAGS if flags & mine)


def off_wire(word: int) -> int:
    """What stands in memory as the model's flags; bits that it does not know say nothing."""
    return sum(mine for mine, bit in FLAGS if word & bit)


def word_of(size: int, index: int) -> int:
    """A ring index as it stands in an event suppression structure."""
    return off_wrap(size, index)


class PackedWords:
    """The words of a ring as the model reads them.  A position behind the end of the ring is taken for one in it."""

    def __init__(self, memory: Memory, where: QueueAddresses) -> None:
        self.ring = PackedRing(memory, where)
        self._turn = 2 * where.size

    def flags(self, slot: int) -> int:
        """The flags of a descriptor of the ring."""
        return off_wire(self.ring.desc.flags(slot))

    def _index(self, word: int) -> int:
        size = self.ring.size
        return (word & ~WRAP) % size + (0 if word & WRAP else size)

    @property
    def driver_off_wrap(self) -> int:
        return self._index(self.ring.driver_event.off_wrap)

    @property
    def driver_flags(self) -> int:
        return self.ring.driver_event.flags

    @property
    def device_off_wrap(self) -> int:
        return self._index(self.ring.device_event.off_wrap)

    @property
    def device_flags(self) -> int:
        return self.ring.device_event.flags

    def ahead(self, a: int, b: int) -> int:
        """How far position a is ahead of b."""
        return (a - b) % self._turn

    def available(self, index: int) -> int:
        """How many descriptors say that they are available, from a ring index on."""
        size = self.ring.size
        for n in range(size):
            at = index + n
            flags = self.ring.desc.flags(at % size) & (AVAIL | USED)
            if flags != available_mark(size, at):
                return n
        return size
