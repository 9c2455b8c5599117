"""What a harness sees of a device under test, and what the judge of the standard says of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.buffers import PATTERN, Extent, Room
from vrx.models.conformance.harness.fence import Fence
from vrx.models.conformance.harness.frames import Arrivals
from vrx.models.conformance.harness.record import Judging, Record, judge_of
from vrx.models.conformance.harness.wiring import wire_of
from vrx.models.conformance.memory import Segment
from vrx.models.conformance.protocol import DeviceUnderTest
from vrx.models.conformance.wire.buffer import read_prefix
from vrx.models.conformance.wire.header import HEADER_BYTES, NetHeader
from vrx.models.conformance.wire.protocol import Breach, DriverEnd
from vrx.spec.standard.judge import Event, Header, Interrupted, Settled, Used, UsedPublished

WHOLE: Final = {"small": 1526, "big": 65550, "mergeable": 12}
"""The smallest buffer that should be posted, in bytes.  Spec: VIRTIO 1.4, 5.1.9.3.1."""


class Buffer:
    """A buffer that the harness has posted: where it lies, its segments, and how the ring describes it.

    content: what was in it when it came back, as far as its length says
    """

    __slots__ = ("capacity", "content", "extent", "kind", "segments")

    def __init__(self, extent: Extent, segments: Sequence[Segment], kind: int) -> None:
        self.extent, self.segments, self.kind = extent, tuple(segments), kind
        self.capacity = sum(s.length for s in segments if s.writable)
        self.content = b""

    def foreign(self) -> str:
        """What lies where the device must not write, or an empty string."""
        raw = bytearray(self.extent.view)
        begin = self.extent.address
        for address, length, writable in self.segments:
            if writable:
                raw[address - begin : address - begin + length] = bytes([PATTERN]) * length
        if raw.count(PATTERN) == len(raw):
            return ""
        at = next(i for i, b in enumerate(raw) if b != PATTERN)
        return f"{raw[at]:#04x} at {begin + at:#x}, beside the buffer of {len(self.segments)} segments"


class DeviceWatch:
    """The queue as the harness has made it, and what the device makes of it.

    wire: the driver's end of the queue; judging: what becomes of what is seen
    out: buffers that the device has, or that lie used and not taken, by id
    placed: those that nobody sees yet; order: those that are available; used: those that the driver may take
    paused: the machine is stopped
    """

    wire: DriverEnd
    judging: Judging

    def __init__(self, target: DeviceUnderTest, record: Record) -> None:
        self.target, self.record, self.setup = target, record, record.setup
        self.arrivals = Arrivals()
        self.whole = WHOLE[self.setup.buffers] + self.setup.header_bytes - HEADER_BYTES

    def begin(self) -> None:
        """A fresh ring of zeros in memory of pattern, and the device started on it."""
        setup, memory = self.setup, self.target.memory
        self.memory = memory
        self.fence = Fence(setup.layout, setup.size, memory)
        self.room = Room(memory, self.fence.end)
        self.forget()
        self.target.start(setup, self.fence.where)
        self.paused = False
        self.feed(self.wire.driver_ok())
        self.asked = self.wire.used.asked()

    def forget(self) -> None:
        """The state of a queue that is empty."""
        setup = self.setup
        self.wire = wire_of(setup).driver_end(self.memory, self.fence.where, setup.terms, self.room)
        self.judging = Judging(self.record, judge_of(setup, setup.mergeable, whole=self.whole), "driver")
        self.out: dict[int, Buffer] = {}
        self.order: deque[int] = deque()
        self.placed: list[int] = []
        self.used: deque[int] = deque()
        self.parts: list[Buffer] = []
        self.left = 0
        self.interrupted = False

    def begin_at(self, index: int) -> None:
        """The queue is empty, and stands at this index."""
        self.wire.begin_at(index)
        self.judging.judge.begin_at(index)
        self.ask_all()

    def ask_all(self) -> None:
        """DRIVER_OK, and what either side asks for, of a fresh queue."""
        self.asked = self.wire.used.asked()
        self.feed(self.wire.driver_ok())
        self.feed(self.wire.asks())
        self.feed(self.asked)

    # What the device did.

    def settle(self) -> None:
        """The device has had its time: what it owes becomes a verdict."""
        self.target.settle()
        self.observe()
        self.look_around()
        if self.judging.listens and not self.record.stopped and not self.paused:
            self.judging.feed(Settled("device"), lambda: f"no interrupt; {self.wire.about_interrupts()}")
            self.expect_progress()

    def observe(self) -> None:
        """Look at everything that the device may have written, and at its interrupts."""
        if self.record.stopped:
            return
        if not self.record.judged:
            self.collect_raw()
            return
        if self.judging.lied:
            self.only_memory()
            return
        self.look()
        if self.target.broken() and not self.record.stopped:
            self.gave_up()
            return
        self.look_at_wish()
        if self.interrupts():
            self.look()
            self.judging.feed(Interrupted(), lambda: f"an interrupt; {self.wire.about_interrupts()}")
        self.expect_no_trespass()

    def look_at_wish(self) -> None:
        """Which kicks the device asks for, if that is new."""
        asked = self.wire.used.asked()
        if asked is not self.asked and asked != self.asked:
            self.asked = asked
            self.feed(asked)

    def look_around(self) -> None:
        """Note what can be observed, if the run is watched.

        Numbers: what the device shows, whether it interrupted (of a broken device never: it also interrupts to say
        so), and whether it broke; then what is new among the used buffers.
        """
        if not self.record.watched:
            return
        fields, entries = self.wire.shown()
        broken = self.target.broken()
        told = self.interrupted and not broken
        self.record.seen.append((*fields, told, broken, *entries))
        self.interrupted = False

    def interrupts(self) -> int:
        """Interrupts since the last call, which are noted."""
        count = self.target.interrupts()
        self.interrupted |= count > 0
        return count

    def gave_up(self) -> None:
        """The device broke.  That is a deviation unless the driver broke the rules first."""
        self.record.stopped = True
        if not self.record.scenario.hostile:
            self.record.deviate(self.blame("ring_not_broken"), "the device has given the queue up")

    def blame(self, clause: str) -> str:
        """The clause, or the one that makes the device take a buffer of a kind that lies in the queue."""
        kinds = {self.out[h].kind for h in self.order}
        return next((c for kind, c in wire_of(self.setup).blamed.items() if kind in kinds), clause)

    def collect_raw(self) -> None:
        """Without judging: take note of what came back."""
        self.interrupts()
        if self.judging.lied:
            return
        for _ in range(self.wire.used.new()):
            head = self.wire.used.next().id
            self.order.remove(head)
            self.used.append(head)

    def only_memory(self) -> None:
        """After a lie: wherever the device wrote, it was into buffers and its part of the ring."""
        self.interrupts()
        for buffer in self.out.values():
            foreign = buffer.foreign()
            if foreign:
                self.record.deviate("foreign-memory", foreign, summary="the device writes beside a buffer")
                self.record.stopped = True
                return
        self.expect_no_trespass()

    def expect_no_trespass(self) -> None:
        """The device wrote neither to the driver's part of the ring nor beside it."""
        found: Breach | None = self.wire.trespass() or self.fence.trespass()
        if self.record.breach(found):
            self.record.stopped = True

    def look(self) -> None:
        """Used buffers that the device has published."""
        self.expect_published_to_stay()
        used = self.wire.used
        new = used.new()
        if not new or self.record.stopped:
            return
        for _ in range(min(new, self.setup.size + 1)):
            if not self.came_back(*used.next()):
                return
        self.feed(UsedPublished(new))

    def expect_published_to_stay(self) -> None:
        """What the device has published, and the driver not taken, is as it was."""
        if not self.record.stopped and self.record.breach(self.wire.used.changed()):
            self.record.stopped = True

    def take(self) -> None:
        """The driver takes the next used buffer."""
        if self.judging.listens:
            self.expect_published_to_stay()
        head = self.used.popleft()
        buffer = self.out.pop(head)
        self.wire.used.taken()
        if self.judging.listens and not self.record.stopped:
            self.expect_content_to_stay(head, buffer)
        self.room.free(buffer.extent)
        self.wire.recycle(head)

    def expect_content_to_stay(self, head: int, buffer: Buffer) -> None:
        """What a used buffer holds is what it held when it was published."""
        content = read_prefix(self.memory, buffer.segments, len(buffer.content))
        if content != buffer.content:
            at = next(i for i, (a, b) in enumerate(zip(content, buffer.content, strict=True)) if a != b)
            self.record.deviate(
                "2.7.8.2-2", f"byte {at} of the buffer {head} is now {content[at]:#04x}",
                expected=f"{buffer.content[at]:#04x}, as when it was published",
                summary="the content of a used buffer changes before it is taken",
            )  # fmt: skip

    def came_back(self, head: int, length: int) -> bool:
        """One used buffer."""
        record, judge = self.record, self.judging.judge
        buffer = self.out.get(head)
        header = None
        if judge.expects_header and buffer is not None and buffer.capacity >= HEADER_BYTES:
            raw = read_prefix(self.memory, buffer.segments, HEADER_BYTES)
            h = NetHeader.decode(raw)
            header = Header(h.num_buffers, h.flags, h.gso_type, h.gso_size)
            if raw.count(PATTERN) > 1:  # one may be chance
                record.deviate("2.7.8.2-2", f"the header is {raw.hex(' ')}: {PATTERN:02x} was there before",
                               summary="bytes of the header that len counts are not written")  # fmt: skip
        elif judge.expects_header:
            header = Header()
        self.feed(Used(head, length, header))
        record.breach(self.wire.used.wrong())
        if record.stopped or buffer is None:
            record.stopped = True
            return False
        self.order.remove(head)
        self.used.append(head)
        buffer.content = read_prefix(self.memory, buffer.segments, length)
        foreign = buffer.foreign()
        if foreign:
            record.deviate("foreign-memory", foreign, summary="the device writes beside a buffer")
        if header is not None:
            self.left = header.num_buffers if self.setup.mergeable else 1
            self.parts = []
            if header.num_buffers > 1:
                record.reached.add("several buffers for a packet")
        self.parts.append(buffer)
        self.left -= 1
        if self.left <= 0:
            self.arrived()
        return True

    def arrived(self) -> None:
        """A packet is complete: it is one of the frames that were sent, whole, and in order."""
        data = b"".join(buffer.content for buffer in self.parts)[self.setup.header_bytes :]
        in_turn, frame = self.arrivals.arrived(data)
        if in_turn:
            return
        if frame is None:
            self.record.deviate("used_entries_exact", f"a packet of {len(data)} bytes that nobody sent",
                                summary="a packet that was not sent, or twice")  # fmt: skip
            return
        where = next((i for i, (a, b) in enumerate(zip(data, frame.data, strict=False)) if a != b), None)
        how = f"byte {where} differs" if where is not None else f"{len(data)} bytes"
        later = any(f.data == data for f in self.arrivals.frames)
        self.record.deviate(
            "in_order" if later else "used_entries_exact",
            f"a packet of {len(data)} bytes; {'a later frame' if later else how}",
            expected=f"the frame of {len(frame.data)} bytes",
            summary="a packet comes before an earlier one, or in its place" if later
            else "a packet is not what came from the network",
        )  # fmt: skip

    def expect_progress(self) -> None:
        """No frame waits that the posted buffers can hold, once every kick that was due was sent."""
        frames = self.arrivals.frames
        if not frames or self.record.scenario.hostile or self.wire.kick_is_due():
            return
        if self.judging.judge.outstanding("driver"):
            return
        held = [self.out[h].capacity for h in self.order]
        for frame in frames:
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
                self.record.deviate(self.blame("no_lost_kick"), seen + self.wire.about_kicks())
                self.record.stopped = True
                return

    # What the harness does.

    def listen(self) -> None:
        """The harness has changed what it wants to hear of: look first, then tell the judge."""
        if self.judging.listens:
            self.look()
            self.feed(self.wire.asks())

    def feed(self, event: Event) -> None:
        if not self.record.stopped:
            self.judging.feed(event)

    def situation(self) -> tuple[object, ...]:
        """What the harness remembers that decides what it will do; equal where it will do the same."""
        out = tuple((self.out[h].kind, len(self.out[h].segments), self.out[h].capacity) for h in self.order)
        return (*self.wire.situation(), len(self.placed), out, self.judging.lied)
