"""The model of Linux's half of a split ring, on the bytes of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import PAGE, Memory
from vrx.models.conformance.protocol import Segment, Setup
from vrx.models.conformance.targets.model.posted import Posted
from vrx.models.conformance.targets.model.runner import Edge, Runner, WireMemory, model_of, near
from vrx.models.conformance.wire.layout import place
from vrx.models.conformance.wire.protocol import UsedBuffer
from vrx.models.conformance.wire.split.ring import DescriptorTable, SplitRing
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.memory import loc

TAKING: Final = frozenset(range(SplitL.USED_ID, SplitL.GET_BUF_EVENT_MB + 1))
"""Where virtqueue_get_buf_ctx_split() has not returned yet."""


class SplitHalf:
    """A `DriverHalf`."""

    def __init__(self, memory: Memory, setup: Setup, fault: Exhibit | None, taken: Counter[Edge]) -> None:
        self._setup, self._fault = setup, fault
        self.where, end = place("split", setup.size, PAGE)
        memory.regions[0].view[PAGE:end] = bytes(end - PAGE)
        ring = self.ring = SplitRing(memory, self.where)
        posted = self._posted = Posted(memory, setup.size, end)
        tables = DescriptorTable(posted.tables)
        desc, address, length, row = ring.desc, posted.address, posted.length, posted.row
        loads = WireMemory(
            ring, used_id=lambda i: ring.used(i).id, used_len=lambda i: ring.used(i).len,
            desc_flags=lambda i: desc[i].flags,
            table_flags=lambda k: tables[row(k)].flags, table_next=lambda k: tables[row(k)].next,
        )  # fmt: skip
        self.run = Runner(model_of(setup, 1, False, fault), loads, {
            loc.avail_flags: lambda _, value: setattr(ring, "avail_flags", value),
            loc.avail_idx: lambda _, value: setattr(ring, "avail_idx", value),
            loc.used_event: lambda _, value: setattr(ring, "used_event", value),
            loc.avail_ring: ring.set_avail,
            loc.desc_addr: lambda i, value: desc.set_addr(i, address(value)),
            loc.desc_len: lambda i, value: desc.set_len(i, length(value)),
            loc.desc_flags: desc.set_flags,
            loc.desc_next: desc.set_next,
            loc.table_addr: lambda k, value: tables.set_addr(row(k), address(value)),
            loc.table_len: lambda k, value: tables.set_len(row(k), length(value)),
            loc.table_flags: lambda k, value: tables.set_flags(row(k), value),
            loc.table_next: lambda k, value: tables.set_next(row(k), value),
        }, taken)  # fmt: skip
        self.state = posted.state = self.run.state

    def begin(self, index: int) -> None:
        vq = self.state.vq
        vq.avail_idx_shadow = vq.last_used_idx = index
        ring = self.ring
        ring.avail_idx = ring.used_idx = ring.used_event = ring.avail_event = index

    def posts(self, segments: Sequence[Segment]) -> None:
        self._posted.posts(segments)
        self.run.become(model_of(self._setup, len(segments), False, self._fault))

    def next_used(self) -> UsedBuffer:
        return UsedBuffer(*self.ring.used(self.state.vq.last_used_idx % self._setup.size))

    def taking(self, point: int) -> bool:
        return point in TAKING

    # What decides its next steps.

    def of_queue(self) -> tuple[object, ...]:
        vq = self.state.vq
        return vq.num_free, vq.num_added, vq.no_interrupt, vq.event_triggered

    def of_ring(self) -> tuple[object, ...]:
        vq, ring = self.state.vq, self.ring
        wishes = self._near(ring.used_event, ring.used_idx), self._near(ring.avail_event, ring.avail_idx)
        return ring.avail_flags, ring.used_flags, wishes, self._near(ring.used_idx, vq.last_used_idx)

    def _near(self, a: int, b: int) -> int:
        return near(a, b, self._setup.size + 1)
