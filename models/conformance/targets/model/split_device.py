"""The model of QEMU's half of a split ring, on the bytes of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.targets.model.received import Received
from vrx.models.conformance.targets.model.runner import Edge, Runner, WireMemory, model_of, near
from vrx.models.conformance.wire.layout import INDIRECT, QueueAddresses
from vrx.models.conformance.wire.split import driver_lies as lies
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable, SplitRing, UsedElement
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.memory import loc

UNKNOWN = "nobody has compared the model of a split ring with QEMU there"
REFUSALS: Final[Mapping[int, str]] = {
    lies.HEAD_OUT_OF_RANGE: "in the model a head is one that the ring has",
    lies.INDEX_JUMPS: "in the model the index is one that a driver may write",
    lies.SAME_HEAD_TWICE: "in the model a head is out once",
    lies.NO_ROOM: "in the model the first piece of a buffer has room for the header",
    **dict.fromkeys((lies.HUGE, lies.TABLE_NESTED, lies.TABLE_AND_NEXT), UNKNOWN),
}


def refusals(setup: Setup) -> Mapping[int, str]:
    """What a driver that lies cannot say to it, and why not."""
    return REFUSALS


class SplitHalf:
    """A `DeviceHalf`."""

    def __init__(
        self, memory: Memory, setup: Setup, queue: QueueAddresses, fault: Exhibit | None, taken: Counter[Edge]
    ) -> None:
        received = self.received = Received(memory, setup)
        self.setup = setup
        ring = self.ring = SplitRing(memory, queue)
        loads = WireMemory(
            ring,
            avail_ring=ring.avail,
            desc_addr=lambda i: self._address(ring.desc[i]), desc_len=lambda i: self._length(ring.desc[i]),
            desc_flags=lambda i: ring.desc[i].flags, desc_next=lambda i: ring.desc[i].next,
            table_addr=lambda i: self._address(self._row(i)), table_len=lambda i: self._row(i).len,
            table_flags=lambda i: self._row(i).flags, table_next=lambda i: self._row(i).next,
        )  # fmt: skip
        self.run = Runner(model_of(setup, received.segments, setup.mergeable, fault), loads, {
            loc.used_flags: lambda _, value: setattr(ring, "used_flags", value),
            loc.used_idx: lambda _, value: setattr(ring, "used_idx", value),
            loc.avail_event: lambda _, value: setattr(ring, "avail_event", value),
            loc.used_elem: lambda slot, element: ring.set_used(slot, UsedElement(*element)),
            **received.stores,
        }, taken)  # fmt: skip
        s = self.state = self.run.state
        received.of(s.main)
        s.vq.avail_idx_shadow = -1  # nobody's: only properties look at it

    def begin(self, index: int) -> None:
        dev, ring = self.state.dev, self.ring
        dev.shadow_avail_idx = dev.last_avail_idx = dev.used_idx = dev.signalled_used = index
        dev.signalled_used_valid = True
        ring.avail_idx = ring.used_idx = index

    def arrives(self, frame: bytes) -> int:
        return self.received.arrives(frame)

    def _address(self, d: Descriptor) -> int:
        return self.received.address(d.addr, d.len)

    def _length(self, d: Descriptor) -> int:
        """Of a descriptor in the ring; where the model takes it for a table's, in entries."""
        if d.flags & INDIRECT and self.setup.indirect and self.state.main.pc in (SplitQ.DESC_READ, SplitQ.POP_DESC):
            return self.received.entries(d.len)
        return d.len

    def _row(self, i: int) -> Descriptor:
        """A descriptor of an indirect table."""
        return DescriptorTable(self.received.row(i))[0]

    def shape(self, lengths: Sequence[int]) -> list[int]:
        return self.received.shape(lengths)

    def of_device(self) -> tuple[object, ...]:
        dev = self.state.dev
        signalled = dev.signalled_used_valid, self._near(dev.signalled_used, dev.used_idx)
        return signalled, self._near(dev.shadow_avail_idx, dev.last_avail_idx)

    def of_ring(self) -> tuple[object, ...]:
        dev, ring = self.state.dev, self.ring
        wishes = self._near(ring.used_event, dev.used_idx), self._near(ring.avail_event, ring.avail_idx)
        return ring.avail_flags, ring.used_flags, wishes, self._near(ring.avail_idx, dev.last_avail_idx)

    def _near(self, a: int, b: int) -> int:
        return near(a, b, self.setup.size + 1)
