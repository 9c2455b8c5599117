"""The device's end of a packed ring, held by a harness: it reads what is available, and writes used descriptors."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.armed import not_armed, not_armed_later, not_quiet
from vrx.models.conformance.wire.layout import WRITE, QueueAddresses
from vrx.models.conformance.wire.own_part import OwnPart
from vrx.models.conformance.wire.packed.device_lies import tell_a_lie
from vrx.models.conformance.wire.packed.positions import go_to, off_wrap, used_mark, wish
from vrx.models.conformance.wire.packed.readers import AvailableSlots, Spans, driver_ok
from vrx.models.conformance.wire.packed.ring import EVENT_DESC, EVENT_DISABLE, EVENT_ENABLE, PackedRing
from vrx.models.conformance.wire.protocol import Breach, Shown, Terms
from vrx.spec.standard.judge import AskKicks, DriverOk

BUFFER = "used buffer"


class PackedDeviceEnd:
    """A `DeviceEnd`.

    added: the position behind what is placed; published: the position behind what is used
    """

    def __init__(self, memory: Memory, where: QueueAddresses, terms: Terms) -> None:
        self.ring = PackedRing(memory, where)
        spans: Spans = {}
        self.available = AvailableSlots(self.ring, memory, terms, spans)
        self.added = self.published = 0
        self._terms = terms
        self._placed: deque[tuple[int, int]] = deque()
        self._ends: deque[int] = deque([0], maxlen=where.size + 1)
        self.own = OwnPart(memory, where.device, 4)

    def begin_at(self, index: int) -> None:
        go_to(self.ring, index)
        self.added = self.published = self.available.at = self.available.kept = index
        self._ends.clear()
        self._ends.append(index)
        self.own.touched()

    def driver_ok(self) -> DriverOk:
        return driver_ok(self.ring)

    # Buffers.

    def place(self, id: int, length: int) -> None:
        """ID and length of a used descriptor; its flags are still those of before."""
        at = self.added
        self.ring.desc.set_id_and_len(at % self.ring.size, id, length)
        self._placed.append((at, length))
        self.added += self.available.spans.pop(id, 1)
        self.available.kept = self.added

    def publish(self, count: int) -> None:
        """The flags of all but the first; then of that one, by which all of them become used (P-2.8.9-1)."""
        size, new = self.ring.size, [self._placed.popleft() for _ in range(count)]
        for at, length in (*new[1:], new[0]):
            self.ring.desc.set_flags(at % size, used_mark(size, at) | (WRITE if length else 0))
        for at, _ in new[1:]:
            self._ends.append(at)
        self.published = self._placed[0][0] if self._placed else self.added
        self._ends.append(self.published)

    def before(self, count: int) -> int:
        return self._ends[-1 - count]

    # Who wants to hear of what.

    def quiet(self, on: int) -> None:
        self.ring.device_event.flags = EVENT_DISABLE if on & 1 else EVENT_ENABLE
        self.own.touched()

    def noise(self, on: int) -> None:
        """off_wrap, which the driver has to ignore while the flags do not refer to it."""
        if self.ring.device_event.flags != EVENT_DESC:
            self.ring.device_event.off_wrap = on & 1
            self.own.touched()

    def event(self, ahead: int) -> None:
        """`ahead` slots behind the last one that was read as available."""
        event = self.ring.device_event
        event.off_wrap = off_wrap(self.ring.size, self.available.at + ahead)
        if self._terms.event_idx:
            event.flags = EVENT_DESC
        self.own.touched()

    def asks(self) -> AskKicks:
        event = self.ring.device_event
        return AskKicks(*wish(event.flags, event.off_wrap, self.ring.size, self._terms.event_idx))

    def lie(self, kind: int, n: int, out: Sequence[int]) -> None:
        tell_a_lie(self, kind, n, out)
        self.own.touched()

    # What the driver did.

    def trespass(self) -> Breach | None:
        return self.own.trespass("the device's event structure", "driver", "device")

    def shown(self) -> Shown:
        """Fields: how far it is in two laps, flags, off_wrap; entries: the IDs that are new."""
        event = self.ring.driver_event
        heads = tuple(self.available.recent)
        self.available.recent.clear()
        word = event.off_wrap if self._terms.event_idx else 0
        return Shown((self.available.at % (2 * self.ring.size), event.flags, word), heads)

    def not_quiet(self) -> Breach | None:
        flags = self.ring.driver_event.flags
        return None if self._terms.event_idx or flags == EVENT_DISABLE else not_quiet(f"event flags {flags}")

    def _ahead(self) -> int | None:
        """How many slots behind what is used the driver's event is; None where it asks for none."""
        event, size = self.ring.driver_event, self.ring.size
        if event.flags == EVENT_ENABLE:
            return 0
        if event.flags != EVENT_DESC or not self._terms.event_idx:
            return None
        return next((n for n in range(2 * size) if off_wrap(size, self.published + n) == event.off_wrap), None)

    def _event(self) -> str:
        event, size = self.ring.driver_event, self.ring.size
        return f"event flags {event.flags}, off_wrap {event.off_wrap:#06x}, next {off_wrap(size, self.published):#06x}"

    def not_armed(self) -> Breach | None:
        return None if self._ahead() == 0 else not_armed(self._event(), "an event at the next used buffer", BUFFER)

    def not_armed_later(self) -> Breach | None:
        if not self._terms.event_idx:
            return self.not_armed()
        ahead = self._ahead()
        if ahead is not None and ahead <= self.ring.size:
            return None
        return not_armed_later(self._event(), "a slot that is still to come", BUFFER)

    def _stands(self) -> str:
        driver, device = self.ring.driver_event, self.ring.device_event
        return (
            f"available up to slot {self.available.at} and used up to slot {self.published} of all, "
            f"device's events {device.flags} and {device.off_wrap:#06x}, "
            f"driver's {driver.flags} and {driver.off_wrap:#06x}"
        )

    def about_kicks(self) -> str:
        return self._stands()

    def about_used(self) -> str:
        return self._stands()
