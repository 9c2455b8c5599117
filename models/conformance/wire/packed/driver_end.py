"""The driver's end of a packed ring, held by a harness: it makes buffers available, and reads used descriptors."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from vrx.models.conformance.buffers import Extent, Room
from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE, QueueAddresses
from vrx.models.conformance.wire.own_part import OwnPart
from vrx.models.conformance.wire.packed.driver_lies import tell_a_lie
from vrx.models.conformance.wire.packed.positions import available_mark, go_to, off_wrap, wish
from vrx.models.conformance.wire.packed.readers import Spans, UsedSlots, driver_ok
from vrx.models.conformance.wire.packed.ring import (
    EVENT_DESC,
    EVENT_DISABLE,
    EVENT_ENABLE,
    PackedDescriptor,
    PackedRing,
    PackedTable,
)
from vrx.models.conformance.wire.protocol import (
    DIRECT,
    DIRECT_THEN_TABLE,
    TABLE,
    TABLE_WITH_WRITE,
    Breach,
    Shown,
    Terms,
)
from vrx.spec.standard.judge import AskInterrupts, DriverOk


class PackedDriverEnd:
    """A `DriverEnd`.

    ids: those that no buffer has, the next one last; free: slots that are free
    added: the position behind what is placed; published: the position behind what is available
    """

    def __init__(self, memory: Memory, where: QueueAddresses, terms: Terms, room: Room) -> None:
        self.ring = PackedRing(memory, where)
        self.spans: Spans = {}
        self.used = UsedSlots(self.ring, terms, self.spans)
        self.memory, self.room = memory, room
        self.ids = [(7 * i + 3) % where.size for i in range(where.size)] if where.size % 7 else [*range(where.size)]
        self.free = where.size
        self.added = self.published = self._told = 0
        self._terms = terms
        self._placed: deque[list[int]] = deque()
        self._slots: dict[int, int] = {}
        self._tables: dict[int, Extent] = {}
        self._filled = Segment(0, 0)
        self.own = OwnPart(memory, where.driver, 4)
        self._rows = memory.at(where.desc, DESC_BYTES * where.size)
        self._before = bytearray(self._rows)
        self._looked = 0
        self._lied = False

    def _written(self, at: int) -> None:
        """This end has written to a slot; the device should only where it may."""
        begin = at % self.ring.size * DESC_BYTES
        self._before[begin : begin + DESC_BYTES] = self._rows[begin : begin + DESC_BYTES]

    @property
    def fresh(self) -> bool:
        return self.added == 0

    def begin_at(self, index: int) -> None:
        go_to(self.ring, index)
        self.added = self.published = self._told = self._looked = self.used.at = index
        self.own.touched()
        self._before = bytearray(self._rows)

    def driver_ok(self) -> DriverOk:
        return driver_ok(self.ring)

    # Buffers.

    def _how(self, how: int) -> int:
        """How a buffer is described here that is to be described as `how`: no list goes on in a table (2.8.19-4)."""
        if not self._terms.indirect:
            return DIRECT
        return TABLE if how == DIRECT_THEN_TABLE else how

    def fits(self, segments: int, how: int) -> bool:
        return self.free >= (segments if self._how(how) == DIRECT else 1) and len(self.ids) > 0  # lies take IDs alone

    def place(self, segments: Sequence[Segment], how: int) -> tuple[int, int] | None:
        """Addresses, lengths and IDs; the flags are those of before, so that nobody takes a slot for available."""
        how, size = self._how(how), self.ring.size
        rows = [PackedDescriptor(s.address, s.length, 0, WRITE) for s in segments]
        if how != DIRECT:
            table = self.room.extent(len(rows) * DESC_BYTES)
            if table is None:
                return None
            entries = PackedTable(table.view[: len(rows) * DESC_BYTES])
            for i, row in enumerate(rows):
                entries[i] = row
            flags = INDIRECT | (WRITE if how == TABLE_WITH_WRITE else 0)
            rows = [PackedDescriptor(table.address, len(rows) * DESC_BYTES, 0, flags)]
            self._tables[self.ids[-1]] = table
        buffer_id = self.ids.pop()
        marks = []
        for i, row in enumerate(rows):
            at = self.added + i
            stands = self.ring.desc.flags(at % size)
            self.ring.desc[at % size] = row._replace(id=buffer_id, flags=stands)
            self._written(at)
            marks.append(row.flags | (NEXT if i + 1 < len(rows) else 0) | available_mark(size, at))
        self._placed.append(marks)
        self._slots[buffer_id] = self.spans[buffer_id] = len(rows)
        self.added += len(rows)
        self.free -= len(rows)
        return buffer_id, how

    def span(self, id: int) -> int:
        return self._slots[id]

    def publish(self, count: int) -> None:
        """The flags of all slots but the first; then of that one, by which all of them become available."""
        marks = [mark for _ in range(count) for mark in self._placed.popleft()]
        self._publish(marks)

    def _publish(self, marks: Sequence[int]) -> None:
        ring, size = self.ring, self.ring.size
        for i in (*range(1, len(marks)), 0):
            ring.desc.set_flags((self.published + i) % size, marks[i])
        for i in range(len(marks)):
            self._written(self.published + i)
        self.published += len(marks)

    def recycle(self, id: int) -> None:
        """Every third ID goes to the other end of the free ones, so that their order changes."""
        self.free += self._slots.pop(id)
        self.ids = [id, *self.ids] if id % 3 else [*self.ids, id]
        table = self._tables.pop(id, None)
        if table is not None:
            self.room.free(table)

    def fill(self, segment: Segment) -> None:
        self._filled = segment

    def publish_filled(self, count: int) -> None:
        """Where a used descriptor stands the whole one is written anew."""
        size, marks = self.ring.size, []
        self.used.at = self.published
        for at in range(self.published, self.published + count):
            flags = self.ring.desc.flags(at % size)
            self.ring.desc[at % size] = PackedDescriptor(*self._filled[:2], at % size, flags)
            marks.append(WRITE | available_mark(size, at))
        self._publish(marks)

    def all_used(self) -> bool:
        return self.used.at + self.used.unread() >= self.published

    # Who wants to hear of what.

    def kick_is_due(self) -> bool:
        """By the wording: is the slot made available under that wrap counter by what was published since?"""
        event, new = self.ring.device_event, range(self._told, self.published)
        flags = event.flags
        if flags == EVENT_DESC and self._terms.event_idx:
            return any(off_wrap(self.ring.size, at) == event.off_wrap for at in new)
        return len(new) > 0 and flags != EVENT_DISABLE

    def thought_of_kick(self) -> None:
        self._told = self.published

    def quiet(self, on: int) -> None:
        self.ring.driver_event.flags = EVENT_DISABLE if on & 1 else EVENT_ENABLE
        self.own.touched()

    def noise(self, on: int) -> None:
        """off_wrap, which the device has to ignore while the flags do not refer to it."""
        if self.ring.driver_event.flags != EVENT_DESC:
            self.ring.driver_event.off_wrap = on & 1
            self.own.touched()

    def event(self, ahead: int) -> None:
        """`ahead` slots behind the last used one that is to be seen."""
        event = self.ring.driver_event
        event.off_wrap = off_wrap(self.ring.size, self.used.at + self.used.unread() + ahead)
        if self._terms.event_idx:
            event.flags = EVENT_DESC
        self.own.touched()

    def asks(self) -> AskInterrupts:
        event = self.ring.driver_event
        return AskInterrupts(*wish(event.flags, event.off_wrap, self.ring.size, self._terms.event_idx))

    def lie(self, kind: int, n: int, whole: int) -> None:
        tell_a_lie(self, kind, n, whole)
        self.own.touched()
        self._lied = True

    # What the device did.

    def trespass(self) -> Breach | None:
        """In the ring the device may write where something is available; what else stands there is not its own."""
        if found := self.own.trespass("the driver's event structure", "device", "driver"):
            return found
        for at in range(max(self._looked, self.published - self.ring.size), self.published):
            self._written(at)
        self._looked = self.used.at
        now = bytes(self._rows)
        if now == self._before or self._lied:
            return None
        at = next(i for i, (a, b) in enumerate(zip(now, self._before, strict=True)) if a != b)
        slot, byte = divmod(at, DESC_BYTES)
        seen = f"byte {byte} of slot {slot}, in which nothing is available: {now[at]:#04x}, was {self._before[at]:#04x}"
        return Breach("2.8.15-4", seen)

    def shown(self) -> Shown:
        """Fields: how far it is in two laps, flags, off_wrap; entries: ID and length of each new used descriptor."""
        event = self.ring.device_event
        entries = tuple(n for used in self.used.recent for n in used)
        self.used.recent.clear()
        word = event.off_wrap if self._terms.event_idx else 0
        return Shown((self.used.at % (2 * self.ring.size), event.flags, word), entries)

    def situation(self) -> tuple[int, ...]:
        """Slots that no kick was thought of for (more than the ring holds are all the same), and free ones."""
        return min(self.published - self._told, self.ring.size + 1), self.free

    def _stands(self) -> str:
        driver, device = self.ring.driver_event, self.ring.device_event
        return (
            f"used up to slot {self.used.at} and available up to slot {self.published} of all, "
            f"driver's events {driver.flags} and {driver.off_wrap:#06x}, "
            f"device's {device.flags} and {device.off_wrap:#06x}"
        )

    def about_interrupts(self) -> str:
        return self._stands()

    def about_kicks(self) -> str:
        return self._stands()

    def about_buffers(self) -> str:
        return self._stands()
