"""What a harness sees of a device under test, and what the judge of the standard says of it."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from vrx.models.conformance.buffers import PATTERN, Extent, Room
from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.harness.run import Run
from vrx.models.conformance.protocol import DeviceUnderTest, Feature, Segment
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.wire.header import HEADER_BYTES, NetHeader
from vrx.models.conformance.wire.layout import parts, place
from vrx.models.conformance.wire.split.chain import read_prefix
from vrx.models.conformance.wire.split.ring import SplitRing
from vrx.spec.standard.judge import (
    AskInterrupts,
    AskKicks,
    DriverOk,
    Header,
    Interrupted,
    Judge,
    Settled,
    Used,
    UsedPublished,
    Verdict,
)

SPREAD: Final = 64
"""Bytes of pattern around each part of the ring."""
WHOLE: Final = {"small": 1526, "big": 65550, "mergeable": 12}
"""The smallest buffer that should be posted, in bytes.  Spec: VIRTIO 1.4, 5.1.9.3.1."""
SMALLEST, LARGEST = 14, 65535
"""Lengths of frames in bytes."""
DIRECT, TABLE, DIRECT_THEN_TABLE, TABLE_WITH_WRITE = range(4)
"""How a buffer is described: a chain; an indirect table; a chain that ends in one; one whose descriptor says WRITE."""
_BYTES: Final = bytes((i * 7 + (i >> 8)) & 0xFF for i in range(LARGEST + 512))


def frame_of(number: int, length: int) -> bytes:
    """The frame with this number: broadcast, of an experimental type, its number as its source, no two alike."""
    start = number * 31 % 251
    head = b"\xff\xff\xff\xff\xff\xff\x52\x54" + number.to_bytes(4, "little") + b"\x88\xb5"
    return (head + _BYTES[start : start + length])[:length]


class Frame:
    """A frame on its way.  doubtful: the device may have dropped it, so only what comes after it must come."""

    __slots__ = ("data", "doubtful")

    def __init__(self, data: bytes, doubtful: bool) -> None:
        self.data, self.doubtful = data, doubtful


class Buffer:
    """A buffer that the harness has posted: its segments, the descriptors that it takes, and where it lies."""

    __slots__ = ("capacity", "descriptors", "extent", "kind", "segments", "table")

    def __init__(
        self, extent: Extent, segments: list[Segment], descriptors: list[int], table: Extent | None, kind: int
    ) -> None:
        self.extent, self.segments, self.descriptors, self.table = extent, tuple(segments), descriptors, table
        self.kind = kind
        self.capacity = sum(s.length for s in segments if s.writable)

    def foreign(self, written: int) -> str:
        """What lies where the device must not write, or an empty string.  written: bytes of the writable part."""
        raw = bytearray(self.extent.view)
        begin = self.extent.address
        for address, length, writable in self.segments:
            if writable:
                raw[address - begin : address - begin + length] = bytes([PATTERN]) * length
        if raw.count(PATTERN) == len(raw):
            return ""
        at = next(i for i, b in enumerate(raw) if b != PATTERN)
        return f"{raw[at]:#04x} at {begin + at:#x}, beside the buffer of {len(self.segments)} segments"


class DeviceWatch(Run):
    """One scenario on one target: the ring as the harness has made it, and what was found."""

    def __init__(self, target: DeviceUnderTest, scenario: Scenario, judged: bool = True) -> None:
        super().__init__(scenario, judged)
        self.target = target
        self.frames: deque[Frame] = deque()
        self.number = 0

    def begin(self) -> None:
        """A fresh ring of zeros in memory of pattern, and the device started on it."""
        setup, memory = self.setup, self.target.memory
        self.memory = memory
        self.whole = WHOLE[setup.buffers] + setup.header_bytes - HEADER_BYTES
        where, end = place(setup.layout, setup.size, memory.room[0], SPREAD)
        self.where = where
        area = memory.at(memory.room[0], end - memory.room[0])
        area[:] = bytes([PATTERN]) * len(area)
        sides = []
        begin = memory.room[0]
        for part, at in zip(parts(setup.layout, setup.size), (where.desc, where.driver, where.device), strict=True):
            memory.at(at, part.length)[:] = bytes(part.length)
            sides.append(memory.at(begin, at - begin))
            begin = at + part.length
        sides.append(memory.at(begin, end - begin))
        self._gaps = [g for g in sides if len(g)]
        self._clean = [bytes(g) for g in self._gaps]
        self._mine = memory.at(where.desc, where.device - where.desc)
        self.ring = SplitRing(memory, where)
        self.room = Room(memory, end)
        self.forget()
        self.target.start(setup, where)
        self.paused = False
        self.feed(DriverOk(self.ring.used_flags))
        self.asked = (self.ring.used_flags, self.ring.avail_event)

    def forget(self) -> None:
        """The state of a queue that is empty."""
        size = self.setup.size
        names = {f.name.removeprefix("NET_") for f in self.setup.features}
        self.judge = Judge(
            size, event_idx=self.setup.event_idx, mergeable=self.setup.mergeable,
            in_order=self.setup.has(Feature.IN_ORDER), features=names, header=self.setup.header_bytes, whole=self.whole,
        )  # fmt: skip
        self.free = [(7 * i + 3) % size for i in range(size)]
        self.out: dict[int, Buffer] = {}
        self.order: deque[int] = deque()
        self.placed: list[int] = []
        self.used: deque[int] = deque()
        self.parts: list[tuple[Buffer, int]] = []
        self.left = 0
        self.lied = self.interrupted = False
        self.shown = 0
        self.avail_added = self.avail_idx = self.used_idx = self.told = 0
        self.touched()

    @property
    def flags(self) -> int:
        """avail.flags as far as they mean something: with the event index they are noise."""
        return 0 if self.setup.event_idx else self.ring.avail_flags

    def begin_at(self, index: int) -> None:
        """The queue is empty, and stands at this index."""
        self.avail_added = self.avail_idx = self.used_idx = self.told = self.shown = index
        self.judge.begin_at(index)
        self.touched()
        self.asked = (self.ring.used_flags, self.ring.avail_event)
        self.feed(DriverOk(self.ring.used_flags))
        self.feed(AskInterrupts(self.flags, self.ring.used_event))
        self.feed(AskKicks(*self.asked))

    def touched(self) -> None:
        """The harness has written to its part of the ring."""
        self._shadow = bytes(self._mine)

    def settle(self) -> None:
        """The device has had its time: what it owes becomes a verdict."""
        self.target.settle()
        self.observe()
        self.look_around()
        if self.judged and not self.stopped and not self.paused and not self.lied:
            flags, event = self.ring.avail_flags, self.ring.used_event
            for verdict in self.judge.feed(Settled("device")):
                self.report(verdict, f"no interrupt; used.idx {self.used_idx}, avail.flags {flags}, used_event {event}")
            self.expect_progress()

    def observe(self) -> None:
        """Look at everything that the device may have written, and at its interrupts."""
        if self.stopped:
            return
        if not self.judged:
            self.collect_raw()
            return
        if self.lied:
            self.only_memory()
            return
        self.look()
        if self.target.broken() and not self.stopped:
            self.gave_up()
            return
        asked = (self.ring.used_flags, self.ring.avail_event)
        if asked != self.asked:
            self.asked = asked
            self.feed(AskKicks(*asked))
        if self.interrupts():
            self.look()
            seen = f"an interrupt; used.idx {self.used_idx}, avail.flags {self.ring.avail_flags}, used_event "
            for verdict in self.judge.feed(Interrupted()):
                self.report(verdict, f"{seen}{self.ring.used_event}")
        if self.ring_touched():
            self.foreign_write()

    def look_around(self) -> None:
        """Note what can be observed: the device's part of the ring, what came new, an interrupt, and whether it broke.

        Numbers: used.idx, used.flags, avail_event (0 where it means nothing), interrupted (of a broken device
        never: it also interrupts to say so), broken; then id and len of each new entry.
        """
        if not self.watched:
            return
        ring, idx = self.ring, self.ring.used_idx
        event = ring.avail_event if self.setup.event_idx else 0
        entries = (ring.used((self.shown + k) % ring.size) for k in range(min(idx - self.shown & 0xFFFF, ring.size)))
        broken = self.target.broken()
        told = self.interrupted and not broken
        self.seen.append((idx, ring.used_flags, event, told, broken, *(n for e in entries for n in e)))
        self.shown, self.interrupted = idx, False

    def interrupts(self) -> int:
        """Interrupts since the last call, which are noted."""
        count = self.target.interrupts()
        self.interrupted |= count > 0
        return count

    def gave_up(self) -> None:
        """The device broke.  That is a deviation unless the driver broke the rules first."""
        self.stopped = True
        if self.scenario.hostile:
            return
        self.deviate(self.blame("ring_not_broken"), "the device has given the queue up")

    def blame(self, clause: str) -> str:
        """The clause, or the one that makes the device take a buffer of a kind that lies in the queue."""
        kinds = {self.out[h].kind for h in self.order}
        if DIRECT_THEN_TABLE in kinds:
            return "2.7.5.3.2-2"
        return "2.7.5.3.2-1" if TABLE_WITH_WRITE in kinds else clause

    def foreign_write(self) -> None:
        now, before = bytes(self._mine), self._shadow
        at = next((i for i, (a, b) in enumerate(zip(now, before, strict=True)) if a != b), None)
        if at is None:
            self.deviate("foreign-memory", "a byte beside the ring", summary="memory beside the ring changes")
        elif at < 16 * self.setup.size:
            self.deviate("2.7.5.1-4", f"byte {at % 16} of descriptor {at // 16}: {now[at]:#04x}, was {before[at]:#04x}")
        else:
            at -= self.where.driver - self.where.desc
            seen = f"byte {at} of the available ring changed"
            self.deviate("foreign-memory", seen, summary="the device writes to the driver's part of the ring")
        self.stopped = True

    def collect_raw(self) -> None:
        """Without judging: take note of what came back."""
        self.interrupts()
        if self.lied:
            return
        ring = self.ring
        while self.used_idx != ring.used_idx:
            head, _ = ring.used(self.used_idx % ring.size)
            self.used_idx = self.used_idx + 1 & 0xFFFF
            self.order.remove(head)
            self.used.append(head)

    def only_memory(self) -> None:
        """After a lie: wherever the device wrote, it was into buffers and its part of the ring."""
        self.interrupts()
        for buffer in self.out.values():
            foreign = buffer.foreign(0)
            if foreign:
                self.deviate("foreign-memory", foreign, summary="the device writes beside a buffer")
                self.stopped = True
                return
        if self.ring_touched():
            self.foreign_write()

    def ring_touched(self) -> bool:
        """Has the device written to the driver's part of the ring, or beside it?"""
        gaps = zip(self._gaps, self._clean, strict=True)
        return bytes(self._mine) != self._shadow or any(bytes(g) != clean for g, clean in gaps)

    def look(self) -> None:
        """Used entries that the device has published."""
        ring = self.ring
        idx = ring.used_idx
        new = idx - self.used_idx & 0xFFFF
        if not new:
            return
        for _ in range(min(new, self.setup.size + 1)):
            head, length = ring.used(self.used_idx % ring.size)
            if not self.came_back(head, length):
                return
            self.used_idx = self.used_idx + 1 & 0xFFFF
        self.feed(UsedPublished(new))

    def came_back(self, head: int, length: int) -> bool:
        """One used entry."""
        buffer = self.out.get(head)
        header = None
        if self.judge.expects_header and buffer is not None and buffer.capacity >= HEADER_BYTES:
            raw = read_prefix(self.memory, buffer.segments, HEADER_BYTES)
            h = NetHeader.decode(raw)
            header = Header(h.num_buffers, h.flags, h.gso_type, h.gso_size)
            if raw.count(PATTERN) > 1:  # one may be chance
                self.deviate("2.7.8.2-2", f"the header is {raw.hex(' ')}: {PATTERN:02x} was there before",
                             summary="bytes of the header that len counts are not written")  # fmt: skip
        elif self.judge.expects_header:
            header = Header()
        self.feed(Used(head, length, header))
        if self.stopped or buffer is None:
            self.stopped = True
            return False
        self.order.remove(head)
        self.used.append(head)
        foreign = buffer.foreign(length)
        if foreign:
            self.deviate("foreign-memory", foreign, summary="the device writes beside a buffer")
        if header is not None:
            self.left = header.num_buffers if self.setup.mergeable else 1
            self.parts = []
            if header.num_buffers > 1:
                self.reached.add("several buffers for a packet")
        self.parts.append((buffer, length))
        self.left -= 1
        if self.left <= 0:
            self.arrived()
        return True

    def arrived(self) -> None:
        """A packet is complete: it is one of the frames that were sent, whole, and in order."""
        data = b"".join(read_prefix(self.memory, b.segments, n) for b, n in self.parts)[self.setup.header_bytes :]
        while self.frames:
            frame = self.frames.popleft()
            if frame.data == data:
                return
            if not frame.doubtful:
                where = next((i for i, (a, b) in enumerate(zip(data, frame.data, strict=False)) if a != b), None)
                how = f"byte {where} differs" if where is not None else f"{len(data)} bytes"
                later = any(f.data == data for f in self.frames)
                self.deviate(
                    "in_order" if later else "used_entries_exact",
                    f"a packet of {len(data)} bytes; {'a later frame' if later else how}",
                    expected=f"the frame of {len(frame.data)} bytes",
                    summary="a packet comes before an earlier one, or in its place" if later
                    else "a packet is not what came from the network",
                )  # fmt: skip
                return
        self.deviate("used_entries_exact", f"a packet of {len(data)} bytes that nobody sent",
                     summary="a packet that was not sent, or twice")  # fmt: skip

    def expect_progress(self) -> None:
        """No frame waits that the posted buffers can hold, once every kick that was due was sent."""
        if not self.frames or self.scenario.hostile or self.kick_is_due() or self.judge.outstanding("driver"):
            return
        held = [self.out[h].capacity for h in self.order]
        for frame in self.frames:
            need = len(frame.data) + self.setup.header_bytes
            taken = 0
            while need > 0 and taken < len(held):
                need -= held[taken]
                taken += 1
                if not self.setup.mergeable:
                    break
            if need > 0:
                return
            held = held[taken:]
            if not frame.doubtful:
                seen = f"a frame of {len(frame.data)} bytes waits, {len(self.order)} buffers are posted, "
                seen += f"used.idx {self.used_idx}, avail.idx {self.avail_idx}, avail_event {self.ring.avail_event}"
                self.deviate(self.blame("no_lost_kick"), seen)
                self.stopped = True
                return

    def kick_is_due(self) -> bool:
        """Would a driver kick now, for what it has published since it last thought of it?"""
        idx, told = self.avail_idx, self.told
        if self.setup.event_idx:
            return (idx - self.ring.avail_event - 1 & 0xFFFF) < (idx - told & 0xFFFF)
        return idx != told and not self.ring.used_flags & 1

    def may_drop(self) -> None:
        """Frames that are on their way may be lost now."""
        for frame in self.frames:
            frame.doubtful = True

    def listen(self) -> None:
        """The harness has changed what it wants to hear of: look first, then tell the judge."""
        self.touched()
        if self.judged and not self.lied:
            self.look()
            self.feed(AskInterrupts(self.flags, self.ring.used_event))

    def feed(self, event: Any) -> None:
        if self.judged and not self.stopped and not self.lied:
            for verdict in self.judge.feed(event):
                self.report(verdict, str(event))

    def report(self, verdict: Verdict, seen: str) -> None:
        if verdict.side == "driver":  # that is the harness: what it may do it may do against advice
            if verdict.deviation and not self.scenario.hostile:
                raise AssertionError(f"the harness breaks {verdict}: {seen}")
            return
        self.deviations.append(
            Deviation(verdict.clause, verdict.level, verdict.text, verdict.text, seen, self.operations)
        )
        if self.judge.lost:
            self.stopped = True
