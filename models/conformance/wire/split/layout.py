"""The split layout, as a harness takes hold of a queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vrx.models.conformance.buffers import Room
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import Layout, QueueAddresses
from vrx.models.conformance.wire.protocol import (
    DIRECT_THEN_TABLE,
    TABLE_WITH_WRITE,
    Between,
    DeviceEnd,
    DriverEnd,
    Terms,
)
from vrx.models.conformance.wire.split.device_end import SplitDeviceEnd
from vrx.models.conformance.wire.split.driver_end import SplitDriverEnd
from vrx.models.conformance.wire.split.readers import AvailableRing, UsedRing
from vrx.models.conformance.wire.split.ring import SplitRing
from vrx.spec.layouts.split.standard.wording import WORDING
from vrx.spec.ring import Indexed, vring_need_event


class Split:
    """A `Wire`."""

    layout: Layout = "split"
    wording = WORDING
    blamed: Mapping[int, str] = {DIRECT_THEN_TABLE: "2.7.5.3.2-2", TABLE_WITH_WRITE: "2.7.5.3.2-1"}
    counts_buffers = True
    keeps = True

    def passed(self, c: Indexed, event: Any, new: Any, old: Any) -> Any:
        return vring_need_event(c, event, new, old)

    def driver_end(self, memory: Memory, where: QueueAddresses, terms: Terms, room: Room) -> DriverEnd:
        return SplitDriverEnd(memory, where, terms, room)

    def device_end(self, memory: Memory, where: QueueAddresses, terms: Terms) -> DeviceEnd:
        return SplitDeviceEnd(memory, where, terms)

    def between(self, memory: Memory, where: QueueAddresses, terms: Terms) -> Between:
        ring = SplitRing(memory, where)

        def about() -> str:
            return (
                f"avail.idx {ring.avail_idx}, used.idx {ring.used_idx}, "
                f"flags {ring.avail_flags} and {ring.used_flags}, "
                f"used_event {ring.used_event}, avail_event {ring.avail_event}"
            )

        return Between(AvailableRing(ring, memory, terms.indirect), UsedRing(ring), about)


SPLIT: Final = Split()
