"""The device's end of a split ring, held by a harness: it reads the available ring and writes the used ring."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.armed import not_armed, not_armed_later, not_quiet
from vrx.models.conformance.wire.layout import QueueAddresses, parts
from vrx.models.conformance.wire.own_part import OwnPart
from vrx.models.conformance.wire.protocol import Breach, Shown, Terms
from vrx.models.conformance.wire.split.device_lies import tell_a_lie
from vrx.models.conformance.wire.split.readers import AvailableRing, driver_ok
from vrx.models.conformance.wire.split.ring import NO_INTERRUPT, SplitRing, UsedElement
from vrx.spec.standard.judge import AskKicks, DriverOk

ENTRY = "used entry"


class SplitDeviceEnd:
    """A `DeviceEnd`.

    added: the position behind what is placed; published: the position behind what is used, used.idx
    """

    def __init__(self, memory: Memory, where: QueueAddresses, terms: Terms) -> None:
        self.ring = SplitRing(memory, where)
        self.available = AvailableRing(self.ring, memory, terms.indirect)
        self.added = self.published = self._shown = 0
        self._terms = terms
        self.own = OwnPart(memory, where.device, parts("split", where.size)[2].length)

    def begin_at(self, index: int) -> None:
        self.added = self.published = self._shown = self.available.at = index
        self.own.touched()

    def driver_ok(self) -> DriverOk:
        return driver_ok(self.ring)

    # Buffers.

    def place(self, id: int, length: int) -> None:
        self.ring.set_used(self.added % self.ring.size, UsedElement(id, length))
        self.added = self.added + 1 & 0xFFFF
        self.own.touched()

    def publish(self, count: int) -> None:
        self.published = self.published + count & 0xFFFF
        self.ring.used_idx = self.published
        self.own.touched()

    def before(self, count: int) -> int:
        return self.published - count & 0xFFFF

    # Who wants to hear of what.

    def quiet(self, on: int) -> None:
        self.ring.used_flags = on & 1
        self.own.touched()

    def noise(self, on: int) -> None:
        """The low bit of used.flags, which the driver has to ignore with the event index (2.7.10.1-5)."""
        self.quiet(on)

    def event(self, ahead: int) -> None:
        self.ring.avail_event = self.ring.avail_idx + ahead & 0xFFFF
        self.own.touched()

    def asks(self) -> AskKicks:
        """used.flags as far as they mean something: with the event index they are noise."""
        return AskKicks(0 if self._terms.event_idx else self.ring.used_flags, self.ring.avail_event)

    def lie(self, kind: int, n: int, out: Sequence[int]) -> None:
        tell_a_lie(self, kind, n, out)
        self.own.touched()

    # What the driver did.

    def trespass(self) -> Breach | None:
        return self.own.trespass("the used ring", "driver", "device")

    def shown(self) -> Shown:
        """Fields: avail.idx, avail.flags, used_event; entries: the new heads."""
        ring, before = self.ring, self._shown
        idx = self._shown = ring.avail_idx
        heads = tuple(ring.avail((before + k) % ring.size) for k in range(min(idx - before & 0xFFFF, ring.size)))
        event = ring.used_event if self._terms.event_idx else 0
        return Shown((idx, ring.avail_flags, event), heads)

    def not_quiet(self) -> Breach | None:
        flags = self.ring.avail_flags
        return None if self._terms.event_idx or flags == NO_INTERRUPT else not_quiet(f"avail.flags {flags}")

    def not_armed(self) -> Breach | None:
        event, flags = self.ring.used_event, self.ring.avail_flags
        if self._terms.event_idx and event != self.published:
            return not_armed(f"used_event {event}", f"{self.published}, the next used entry", ENTRY)
        if not self._terms.event_idx and flags != 0:
            return not_armed(f"avail.flags {flags}", "0", ENTRY)
        return None

    def not_armed_later(self) -> Breach | None:
        if not self._terms.event_idx:
            return self.not_armed()
        event = self.ring.used_event
        if (event - self.published & 0xFFFF) <= self.ring.size:
            return None
        seen = f"used_event {event}, used.idx {self.published}"
        return not_armed_later(seen, "an entry that is still to come", ENTRY)

    def about_kicks(self) -> str:
        ring = self.ring
        return f"avail.idx {ring.avail_idx}, used.flags {ring.used_flags}, avail_event {ring.avail_event}"

    def about_used(self) -> str:
        return f"used.idx {self.ring.used_idx}"
