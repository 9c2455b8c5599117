"""The model of QEMU's half of a split ring, on the bytes of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.protocol import Setup, Unsupported
from vrx.models.conformance.targets.model.runner import Edge, Runner, WireMemory, model_of, near
from vrx.models.conformance.wire.header import NetHeader
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, QueueAddresses
from vrx.models.conformance.wire.split import driver_lies as lies
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable, SplitRing, UsedElement
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.memory import loc
from vrx.spec.words import Array

MODELLED = frozenset(
    {
        lies.NEXT_OUT_OF_RANGE, lies.LOOP, lies.NO_LENGTH, lies.OUTSIDE, lies.AROUND_THE_TOP, lies.TABLE_ODD,
        lies.TABLE_EMPTY, lies.TABLE_OUTSIDE, lies.TABLE_LOOP, lies.READABLE_LAST, lies.NOTHING_WRITABLE,
    }
)  # fmt: skip
"""What a driver that lies may do to the model: it takes heads and indices for what a driver may write."""
OLD_HEADER = 10
"""Bytes that receive_header() writes: those of a header without num_buffers."""
NUM_BUFFERS_AT = 10
"""Where num_buffers lies in a header."""


class SplitHalf:
    """A `DeviceHalf`."""

    lies = MODELLED

    def __init__(
        self, memory: Memory, setup: Setup, queue: QueueAddresses, fault: Exhibit | None, taken: Counter[Edge]
    ) -> None:
        if setup.mergeable and setup.indirect:
            raise Unsupported("the model has no indirect tables where buffers merge")
        self.memory, self.setup = memory, setup
        segments = 1 if setup.mergeable else max(2, setup.size) if setup.indirect else setup.size
        ring = self.ring = SplitRing(memory, queue)
        loads = WireMemory(
            ring,
            avail_ring=ring.avail,
            desc_addr=lambda i: self._address(ring.desc[i]), desc_len=lambda i: self._length(ring.desc[i]),
            desc_flags=lambda i: ring.desc[i].flags, desc_next=lambda i: ring.desc[i].next,
            table_addr=lambda i: self._address(self._row(i)), table_len=lambda i: self._row(i).len,
            table_flags=lambda i: self._row(i).flags, table_next=lambda i: self._row(i).next,
        )  # fmt: skip
        self.run = Runner(model_of(setup, segments, setup.mergeable, fault), loads, {
            loc.used_flags: lambda _, value: setattr(ring, "used_flags", value),
            loc.used_idx: lambda _, value: setattr(ring, "used_idx", value),
            loc.avail_event: lambda _, value: setattr(ring, "avail_event", value),
            loc.used_elem: lambda slot, element: ring.set_used(slot, UsedElement(*element)),
            loc.header: lambda at, _: self._write(at, NetHeader().encode()[:OLD_HEADER]),
            loc.num_buffers: lambda at, count: self._write(at + NUM_BUFFERS_AT, count.to_bytes(2, "little")),
            loc.piece: self._put_piece,
        }, taken)  # fmt: skip
        s = self.state = self.run.state
        self.main = s.main
        self.main.sg_addr, self.main.sg_len = Array([0] * segments), Array([0] * segments)
        self.main.elems, self.main.lens = Array([0] * setup.size), Array([0] * setup.size)
        s.vq.avail_idx_shadow = -1  # nobody's: only properties look at it
        self._packet = b""

    def begin(self, index: int) -> None:
        dev, ring = self.state.dev, self.ring
        dev.shadow_avail_idx = dev.last_avail_idx = dev.used_idx = dev.signalled_used = index
        dev.signalled_used_valid = True
        ring.avail_idx = ring.used_idx = index

    def arrives(self, frame: bytes) -> int:
        self._packet = frame
        return len(frame)

    def _address(self, d: Descriptor) -> int:
        return d.addr + 1 if self.memory.holds(d.addr, d.len) else 0

    def _length(self, d: Descriptor) -> int:
        """Of a descriptor in the ring; where the model takes it for a table's, in entries."""
        if d.flags & INDIRECT and self.setup.indirect and self.main.pc in (SplitQ.DESC_READ, SplitQ.POP_DESC):
            return 0 if d.len % DESC_BYTES else d.len // DESC_BYTES
        return d.len

    def _row(self, i: int) -> Descriptor:
        """A descriptor of an indirect table, whose number the model makes of the table's address and its place."""
        address, n = divmod(i, self.state.cfg.segments)
        return DescriptorTable(self.memory.at(address + n * DESC_BYTES, DESC_BYTES))[0]

    def _write(self, at: int, data: bytes) -> None:
        self.memory.at(at, len(data))[:] = data

    def _put_piece(self, at: int, value: Any) -> None:
        """iov_from_buf() copies `count` bytes of the packet; behind the header, where that is in the same piece."""
        _, begin, count = value
        me = self.main
        behind = self.setup.header_bytes if me.held == 1 and me.seg == 0 else 0
        self._write(at + behind, self._packet[begin : begin + count])

    def shape(self, lengths: Sequence[int]) -> list[int]:
        """The header lies in one piece, as Linux posts it; where buffers merge they have one segment."""
        if self.setup.mergeable:
            return [sum(lengths)]
        first, rest = 0, list(lengths)
        while rest and first < self.setup.header_bytes:
            first += rest.pop(0)
        return [first, *rest]

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
