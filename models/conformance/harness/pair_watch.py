"""What a harness sees between a driver's queue and a device, and what the judge of the standard says of both."""

from __future__ import annotations

from collections import deque

from vrx.models.conformance.buffers import Extent, Room
from vrx.models.conformance.harness.frames import Arrivals
from vrx.models.conformance.harness.record import Judging, Record, judge_of
from vrx.models.conformance.harness.wiring import wire_of
from vrx.models.conformance.memory import Segment
from vrx.models.conformance.protocol import PairUnderTest
from vrx.models.conformance.wire.buffer import Malformed, read_prefix
from vrx.models.conformance.wire.header import HEADER_BYTES, NetHeader
from vrx.models.conformance.wire.protocol import Between
from vrx.spec.standard.judge import (
    Available,
    AvailablePublished,
    DriverOk,
    Event,
    Header,
    Kicked,
    Used,
    UsedPublished,
)


class PairWatch:
    """The queue between both, as it was followed.

    wire: both ways of the queue; judging: what becomes of what is seen
    tokens: buffers that the driver was given and did not hand back, by token; unseen: those not available yet
    out: the token of each buffer that the device has, by id; packets: (token, length) of those that are used and not
    taken; part: of a packet, what its buffers so far hold
    """

    wire: Between
    judging: Judging

    def __init__(self, target: PairUnderTest, record: Record) -> None:
        self.target, self.record, self.setup = target, record, record.setup
        self.driver, self.device = target.driver, target.device
        self.arrivals = Arrivals()

    def begin(self) -> None:
        """A fresh queue, and a fresh device on it."""
        setup, memory = self.setup, self.target.memory
        where = self.target.start(setup)
        wire = wire_of(setup)
        self.wire, self._keeps = wire.between(memory, where, setup.terms), wire.keeps
        self.room = Room(memory)
        self.judging = Judging(self.record, judge_of(setup, setup.mergeable), None)
        self.tokens: dict[int, tuple[Extent, tuple[Segment, ...]]] = {}
        self.unseen: deque[int] = deque()
        self.out: dict[int, int] = {}
        self.packets: deque[tuple[int, int]] = deque()
        self.arrivals.frames.clear()
        self.part: list[bytes] = []
        self.asked_interrupts = self.wire.available.asked()
        self.asked_kicks = self.wire.used.asked()
        self.feed(DriverOk(self.asked_kicks.flags, (where.desc, where.driver, where.device)))
        self.feed(self.asked_interrupts)
        self.driver.kicks()

    def observe(self) -> None:
        """All that either side has written, and its kicks, which are handed on."""
        record = self.record
        if record.stopped:
            return
        self.look_available()
        self.look_used()
        self.expect_published_to_stay()
        self.ask()
        if self.driver.kicks():
            self.feed(Kicked())
            self.device.kick()
            self.let_finish()
        for side, name in ((self.driver, "driver"), (self.device, "device")):
            if side.broken():
                record.deviate("ring_not_broken", f"the {name} has given the queue up",
                               summary=f"the {name} gives up a peer that keeps the rules")  # fmt: skip
                record.stopped = True

    def let_finish(self) -> None:
        """Something was handed to the device.

        Where what is published stands until the other side has taken it, the device works at its own time. Elsewhere it
        may write over a descriptor before anybody between both has read the next one: there it comes to rest first, so
        that a scenario comes out the same way each time.
        """
        if not self._keeps and not self.record.stopped:
            self.device.settle()
            self.look_used()

    def expect_published_to_stay(self) -> None:
        """What one side has published, and the other not taken, is as it was."""
        if not self.record.stopped and self.record.breach(self.wire.available.changed() or self.wire.used.changed()):
            self.record.stopped = True

    def ask(self) -> None:
        """Who wants to hear of what."""
        interrupts = self.wire.available.asked()
        if interrupts != self.asked_interrupts:
            self.asked_interrupts = interrupts
            self.feed(interrupts)
        kicks = self.wire.used.asked()
        if kicks != self.asked_kicks:
            self.asked_kicks = kicks
            self.feed(kicks)

    def look_available(self) -> None:
        """Buffers that the driver has published."""
        available = self.wire.available
        new = available.new()
        for _ in range(new):
            try:
                chain = available.next()
            except Malformed as error:
                self.record.deviate(error.clause, error.seen)
                self.record.stopped = True
                return
            self.out[chain.head] = self.unseen.popleft()
            self.feed(Available(chain.head, chain.capacity, len(chain.used)))
        if new:
            self.feed(AvailablePublished(new))

    def look_used(self) -> None:
        """Buffers that the device has used."""
        used = self.wire.used
        new = used.new()
        for _ in range(new):
            head, length = used.next()
            token = self.out.pop(head, None)
            self.wire.available.used(head)
            header = None
            if self.judging.judge.expects_header:
                raw = read_prefix(self.target.memory, self.tokens[token][1], HEADER_BYTES) if token else b""
                h = NetHeader.decode(raw) if len(raw) == HEADER_BYTES else NetHeader()
                header = Header(h.num_buffers, h.flags, h.gso_type, h.gso_size)
            self.feed(Used(head, length, header))
            self.record.breach(used.wrong())
            if token is None or self.record.stopped:
                self.record.stopped = True
                return
            self.packets.append((token, length))
        if new:
            self.feed(UsedPublished(new))

    def took(self, token: int, length: int) -> None:
        """The driver hands a buffer back to its caller: the next used one, with its length."""
        self.look_used()
        expected = self.packets.popleft() if self.packets else None
        if expected != (token, length):
            self.record.deviate("used_entries_exact", f"token {token}, {length} bytes", expected=f"{expected}")
            self.record.stopped = True
            return
        self.wire.used.taken()
        extent, segments = self.tokens.pop(token)
        self.arrived(read_prefix(self.target.memory, segments, length))
        self.room.free(extent)

    def arrived(self, content: bytes) -> None:
        """One buffer of a packet: when the packet is complete, it is a frame that was sent, in its turn."""
        record = self.record
        self.part.append(content)
        buffers = NetHeader.decode(self.part[0][:HEADER_BYTES]).num_buffers if self.setup.mergeable else 1
        if len(self.part) < buffers:
            return
        data = b"".join(self.part)[HEADER_BYTES:]
        self.part = []
        in_turn, frame = self.arrivals.arrived(data)
        if in_turn:
            record.reached.add("delivered")
            return
        if frame is not None:
            seen = f"a packet of {len(data)} bytes"
            record.deviate("in_order", seen, expected=f"the frame of {len(frame.data)} bytes")
        else:
            record.deviate("used_entries_exact", f"a packet of {len(data)} bytes that nobody sent, or twice")
        record.stopped = True

    def feed(self, event: Event) -> None:
        if not self.record.stopped:
            self.judging.feed(event, lambda: f"{type(event).__name__}; {self.wire.about()}")
