"""The packed layout, as a harness takes hold of a queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vrx.models.conformance.buffers import Room
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import Layout, QueueAddresses
from vrx.models.conformance.wire.packed.device_end import PackedDeviceEnd
from vrx.models.conformance.wire.packed.driver_end import PackedDriverEnd
from vrx.models.conformance.wire.packed.readers import AvailableSlots, Spans, UsedSlots
from vrx.models.conformance.wire.packed.ring import PackedRing
from vrx.models.conformance.wire.protocol import Between, DeviceEnd, DriverEnd, Terms
from vrx.spec.layouts.packed.notification import need_event
from vrx.spec.layouts.packed.standard.wording import WORDING
from vrx.spec.ring import Indexed, idx_sub, slot


class Packed:
    """A `Wire`."""

    layout: Layout = "packed"
    wording = WORDING
    blamed: Mapping[int, str] = {}
    counts_buffers = False
    keeps = False  # who has read a descriptor may write over it

    def passed(self, c: Indexed, event: Any, new: Any, old: Any) -> Any:
        here = slot(c, new)
        return need_event(c, event, here, new, here - idx_sub(c, new, old))

    def driver_end(self, memory: Memory, where: QueueAddresses, terms: Terms, room: Room) -> DriverEnd:
        return PackedDriverEnd(memory, where, terms, room)

    def device_end(self, memory: Memory, where: QueueAddresses, terms: Terms) -> DeviceEnd:
        return PackedDeviceEnd(memory, where, terms)

    def between(self, memory: Memory, where: QueueAddresses, terms: Terms) -> Between:
        ring = PackedRing(memory, where)
        spans: Spans = {}
        available, used = AvailableSlots(ring, memory, terms, spans), UsedSlots(ring, terms, spans)

        def about() -> str:
            driver, device = ring.driver_event, ring.device_event
            return (
                f"available up to slot {available.at} and used up to slot {used.at} of all, "
                f"driver's events {driver.flags} and {driver.off_wrap:#06x}, "
                f"device's {device.flags} and {device.off_wrap:#06x}"
            )

        return Between(available, used, about)


PACKED: Final = Packed()
