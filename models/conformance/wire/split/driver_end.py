"""The driver's end of a split ring, held by a harness: it describes buffers, publishes heads, reads the used ring."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.conformance.buffers import Extent, Room
from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE, QueueAddresses
from vrx.models.conformance.wire.own_part import OwnPart
from vrx.models.conformance.wire.protocol import (
    DIRECT,
    DIRECT_THEN_TABLE,
    TABLE,
    TABLE_WITH_WRITE,
    Breach,
    Shown,
    Terms,
)
from vrx.models.conformance.wire.split.driver_lies import tell_a_lie
from vrx.models.conformance.wire.split.readers import UsedRing, driver_ok
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable, SplitRing
from vrx.spec.standard.judge import AskInterrupts, DriverOk


class SplitDriverEnd:
    """A `DriverEnd`.

    free: descriptors that describe nothing, the next one last
    added: the position behind what is placed; published: the position behind what is available, avail.idx
    """

    def __init__(self, memory: Memory, where: QueueAddresses, terms: Terms, room: Room) -> None:
        self.ring = SplitRing(memory, where)
        self.used = UsedRing(self.ring)
        self.memory, self.room = memory, room
        self.free = [(7 * i + 3) % where.size for i in range(where.size)]
        self.added = self.published = self._told = self._shown = 0
        self._where, self._terms = where, terms
        self._descriptors: dict[int, list[int]] = {}
        self._tables: dict[int, Extent] = {}
        self.own = OwnPart(memory, where.desc, where.device - where.desc)

    @property
    def fresh(self) -> bool:
        return self.added == 0

    def begin_at(self, index: int) -> None:
        self.added = self.published = self._told = self._shown = self.used.at = index
        self.own.touched()

    def driver_ok(self) -> DriverOk:
        return driver_ok(self.ring)

    # Buffers.

    def _how(self, segments: int, how: int) -> int:
        """How a buffer of so many segments is described here, if it is to be described as `how`."""
        if not self._terms.indirect:
            return DIRECT
        return TABLE if how == DIRECT_THEN_TABLE and (segments == 1 or self.ring.size == 1) else how

    def _needs(self, segments: int, how: int) -> int:
        return {DIRECT: segments, DIRECT_THEN_TABLE: 2}.get(how, 1)

    def fits(self, segments: int, how: int) -> bool:
        return len(self.free) >= self._needs(segments, self._how(segments, how))

    def place(self, segments: Sequence[Segment], how: int) -> tuple[int, int] | None:
        n = len(segments)
        how = self._how(n, how)
        direct = self._needs(n, how)
        in_table = 0 if how == DIRECT else n - (direct - 1)
        table = self.room.extent(in_table * DESC_BYTES) if in_table else None
        if in_table and table is None:
            return None
        descriptors = [self.free.pop() for _ in range(direct)]
        head = descriptors[0]
        rows = [Descriptor(s.address, s.length, WRITE, 0) for s in segments]
        if table is not None:
            self._tables[head] = table
            linked = DescriptorTable(table.view[: in_table * DESC_BYTES])
            for i, row in enumerate(rows[n - in_table :]):
                last = i == in_table - 1
                linked[i] = row._replace(flags=WRITE | (0 if last else NEXT), next=0 if last else i + 1)
            flags = INDIRECT | (WRITE if how == TABLE_WITH_WRITE else 0)
            rows = [*rows[: n - in_table], Descriptor(table.address, in_table * DESC_BYTES, flags, 0)]
        for i, row in enumerate(rows):
            link = NEXT if i + 1 < len(rows) else 0
            follow = descriptors[i + 1] if link else 0
            self.ring.desc[descriptors[i]] = row._replace(flags=row.flags | link, next=follow)
        self._descriptors[head] = descriptors
        self.ring.set_avail(self.added % self.ring.size, head)
        self.added = self.added + 1 & 0xFFFF
        self.own.touched()
        return head, how

    def span(self, id: int) -> int:
        """Each head is one entry of the available ring."""
        return 1

    def publish(self, count: int) -> None:
        self.published = self.published + count & 0xFFFF
        self.ring.avail_idx = self.published
        self.own.touched()

    def recycle(self, id: int) -> None:
        """Every third head goes to the other end of the free descriptors, so that their order changes."""
        descriptors = self._descriptors.pop(id)
        self.free = descriptors + self.free if id % 3 else self.free + descriptors
        table = self._tables.pop(id, None)
        if table is not None:
            self.room.free(table)

    def fill(self, segment: Segment) -> None:
        for i in range(self.ring.size):
            self.ring.desc[i] = Descriptor(segment.address, segment.length, WRITE, 0)
            self.ring.set_avail(i, i)

    def publish_filled(self, count: int) -> None:
        self.ring.avail_idx = self.ring.avail_idx + count & 0xFFFF

    def all_used(self) -> bool:
        return self.ring.used_idx == self.ring.avail_idx

    # Who wants to hear of what.

    def kick_is_due(self) -> bool:
        idx, told = self.published, self._told
        if self._terms.event_idx:
            return (idx - self.ring.avail_event - 1 & 0xFFFF) < (idx - told & 0xFFFF)
        return idx != told and not self.ring.used_flags & 1

    def thought_of_kick(self) -> None:
        self._told = self.published

    def quiet(self, on: int) -> None:
        self.ring.avail_flags = on & 1
        self.own.touched()

    def noise(self, on: int) -> None:
        """The low bit of avail.flags, which the device has to ignore with the event index (2.7.7.2-4)."""
        self.quiet(on)

    def event(self, ahead: int) -> None:
        self.ring.used_event = self.ring.used_idx + ahead & 0xFFFF
        self.own.touched()

    def asks(self) -> AskInterrupts:
        """avail.flags as far as they mean something: with the event index they are noise."""
        return AskInterrupts(0 if self._terms.event_idx else self.ring.avail_flags, self.ring.used_event)

    def lie(self, kind: int, n: int, whole: int) -> None:
        tell_a_lie(self, kind, n, whole)
        self.own.touched()

    # What the device did.

    def trespass(self) -> Breach | None:
        found = self.own.changed()
        if found is None:
            return None
        if found.at < DESC_BYTES * self.ring.size:
            row, byte = divmod(found.at, DESC_BYTES)
            seen = f"byte {byte} of descriptor {row}: {found.now:#04x}, was {found.before:#04x}"
            return Breach("2.7.5.1-4", seen)
        seen = f"byte {found.at - self._where.driver + self._where.desc} of the available ring changed"
        return Breach("foreign-memory", seen, summary="the device writes to the driver's part of the ring")

    def shown(self) -> Shown:
        """Fields: used.idx, used.flags, avail_event; entries: id and len of each new one."""
        ring, before = self.ring, self._shown
        idx = self._shown = ring.used_idx
        new = (ring.used((before + k) % ring.size) for k in range(min(idx - before & 0xFFFF, ring.size)))
        event = ring.avail_event if self._terms.event_idx else 0
        return Shown((idx, ring.used_flags, event), tuple(n for entry in new for n in entry))

    def situation(self) -> tuple[int, ...]:
        """Buffers that no kick was thought of for (more than the ring holds are all the same), and free descriptors."""
        return min(self.published - self._told & 0xFFFF, self.ring.size + 1), len(self.free)

    def about_interrupts(self) -> str:
        return f"used.idx {self.used.at}, avail.flags {self.ring.avail_flags}, used_event {self.ring.used_event}"

    def about_kicks(self) -> str:
        return f"used.idx {self.used.at}, avail.idx {self.published}, avail_event {self.ring.avail_event}"

    def about_buffers(self) -> str:
        return f"used.idx {self.ring.used_idx}, avail.idx {self.ring.avail_idx}"
