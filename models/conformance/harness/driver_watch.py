"""What a harness sees of a driver under test, and what the judge of the standard says of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from vrx.models.conformance.buffers import Extent, Room
from vrx.models.conformance.harness.record import Judging, Record, judge_of
from vrx.models.conformance.harness.wiring import wire_of
from vrx.models.conformance.memory import Segment
from vrx.models.conformance.protocol import QueueDriver
from vrx.models.conformance.wire.buffer import Chain, Malformed
from vrx.models.conformance.wire.protocol import Breach, DeviceEnd
from vrx.spec.standard.judge import AskInterrupts, Available, AvailablePublished, DriverOk, Event, Kicked, Settled


class Posted:
    """A buffer that the driver was given: where it lies, and what the harness has written into it since."""

    __slots__ = ("content", "extent", "segments")

    def __init__(self, extent: Extent, segments: list[Segment]) -> None:
        self.extent, self.segments = extent, tuple(segments)
        self.content: bytes | None = None


class DriverWatch:
    """The queue as the harness has followed it, and what the driver does with it.

    wire: the device's end of the queue; judging: what becomes of what is seen
    posted: buffers that the driver was given and did not give back, by token
    expected: tokens of those that it has not made available yet
    available, chains, token_of: ids of those that it has, how each is described, and its token
    filled, used: (id, length) of those that are used and not published; (token, length) of those that it may take
    armed, delayed: it asked for interrupts; with a delay
    """

    wire: DeviceEnd
    judging: Judging
    feed: Callable[[Event], None]
    """Tells the judge."""

    def __init__(self, target: QueueDriver, record: Record) -> None:
        self.target, self.record, self.setup = target, record, record.setup

    def begin(self) -> None:
        """A fresh queue of the driver."""
        target, setup = self.target, self.setup
        where = target.start(setup)
        self.memory = target.memory
        self.room = Room(target.memory)
        self.wire = wire_of(setup).device_end(target.memory, where, setup.terms)
        self.judging = Judging(self.record, judge_of(setup, mergeable=False, net=False), "device")
        self.feed = self.judging.feed
        self.posted: dict[int, Posted] = {}
        self.next_token = 1
        self.expected: deque[int] = deque()
        self.available: list[int] = []
        self.chains: dict[int, Chain] = {}
        self.token_of: dict[int, int] = {}
        self.cost: dict[int, int] = {}
        self.busy: dict[int, int] = {}
        self.free_descriptors = where.size
        self.filled: deque[tuple[int, int]] = deque()
        self.used: deque[tuple[int, int]] = deque()
        self.asked = self.wire.available.asked()
        self.prepared: tuple[int, int] | None = None
        self.armed, self.delayed = True, False
        self.kicked = False
        self.refused = ""
        self.feed(self.wire.driver_ok())
        self.feed(self.asked)

    def begin_at(self, index: int) -> None:
        """The queue is empty, and stands at this index."""
        self.wire.begin_at(index)
        self.asked = self.wire.available.asked()
        self.judging.judge.begin_at(index)
        self.feed(DriverOk())
        self.feed(self.asked)
        self.feed(self.wire.asks())

    # What the driver did.

    def settle(self) -> None:
        """The driver has had its time: what it owes becomes a verdict."""
        self.target.settle()
        self.observe()
        self.feed(Settled("driver"))

    def observe(self) -> None:
        """Look at everything that the driver may have written, and at its notifications."""
        self.look()
        asked = self.wire.available.asked()
        if asked is not self.asked and asked != self.asked:
            self.note_event(asked)
            self.asked = asked
            self.feed(asked)
        self.hear()
        found = self.wire.trespass() or self.changed()
        if found is not None:
            self.record.breach(found)
            self.record.stopped = True
        if self.target.broken() and not self.record.scenario.hostile:
            self.record.deviate("ring_not_broken", "the driver has given the queue up")
            self.record.stopped = True

    def look_around(self) -> None:
        """Note what can be observed, if the run is watched.

        Numbers: what the driver shows, whether it kicked, buffers in use, whether it broke; then what is new among
        the available buffers.
        """
        if not self.record.watched:
            return
        fields, entries = self.wire.shown()
        self.record.seen.append((*fields, self.kicked, len(self.posted), self.target.broken(), *entries))
        self.kicked = False

    def note_event(self, asked: AskInterrupts) -> None:
        if not self.setup.event_idx and asked.event != self.asked.event:
            self.record.reached.add("writes used_event without EVENT_IDX")

    def hear(self, when: str = "") -> None:
        """Kicks that came.  when: for the summary, if it was not the driver's kick that was called."""
        if self.target.kicks():
            self.kicked = True
            self.look()
            self.judging.feed(Kicked(), lambda: f"a kick; {self.wire.about_kicks()}", when)

    def look(self) -> None:
        """Buffers that the driver has published."""
        available = self.wire.available
        if self.judging.lied:
            available.skip()
            return
        new = available.new()
        if not new:
            return
        if new > len(self.expected):
            self.record.deviate("2.7.6.1-1", f"{available.moved()} with {len(self.expected)} buffers posted")
            self.record.stopped = True
            return
        for _ in range(new):
            if not self.take_note():
                return
        self.feed(AvailablePublished(new))

    def take_note(self) -> bool:
        """The next buffer that the driver has made available: is it one that it was given?"""
        record, available = self.record, self.wire.available
        if not record.judged:
            token = self.expected.popleft()
            chain = available.next(known=self.posted[token].segments)
            self.cost[token] = 1
            self.keep(chain, token)
            return True
        try:
            chain = available.next()
        except Malformed as error:
            record.deviate(error.clause, error.seen)
            record.stopped = True
            return False
        head = chain.head
        token = self.expected.popleft()
        posted = self.posted[token]
        if chain.segments != posted.segments:
            record.deviate("P-2.7.13-1", f"head {head}: {short(chain.segments)}", expected=short(posted.segments),
                           summary="the descriptors of a buffer are not what the driver was given")  # fmt: skip
            record.stopped = True
            return False
        for d in chain.used:
            if d in self.busy:
                record.deviate("3.3.1-1", f"descriptor {d}, of head {self.busy[d]}, is used for head {head}",
                               summary="a descriptor of a buffer that is out is used for another one")  # fmt: skip
                record.stopped = True
                return False
            self.busy[d] = head
        self.cost[token] = len(chain.used)
        self.free_descriptors -= len(chain.used)
        if self.free_descriptors < 0:
            record.deviate("3.3.1-1", f"head {head} takes {len(chain.used)} descriptors, more than are free",
                           summary="a descriptor of a buffer that is out is used for another one")  # fmt: skip
            record.stopped = True
            return False
        self.keep(chain, token)
        self.feed(Available(head, chain.capacity, len(chain.used)))
        record.reached.add("indirect" if chain.indirect else "chained" if len(chain.used) > 1 else "single")
        return True

    def keep(self, chain: Chain, token: int) -> None:
        """The device has this buffer."""
        self.chains[chain.head] = chain
        self.token_of[chain.head] = token
        self.available.append(chain.head)

    def unchanged(self, chain: Chain) -> bool:
        """A buffer that is out is still described as it was made available."""
        try:
            now = self.wire.available.again(chain)
            seen = short(now.segments)
        except Malformed as error:
            now, seen = None, error.seen
        if now == chain:
            return True
        self.record.deviate("3.3.1-1", f"head {chain.head} is now {seen}", expected=short(chain.segments),
                            summary="the descriptors of a buffer that is out change")  # fmt: skip
        self.record.stopped = True
        return False

    def changed(self) -> Breach | None:
        """What the driver has made available, and the device not used, is another than it was."""
        return self.wire.available.changed() if self.judging.listens and not self.record.stopped else None

    def recycle(self, token: int) -> None:
        """The driver gives a buffer back."""
        posted = self.posted.pop(token)
        if posted.content is not None and bytes(posted.extent.view) != posted.content:
            self.record.deviate("foreign-memory", f"token {token}: its bytes are not what the device wrote",
                                summary="the driver's queue writes into a buffer")  # fmt: skip
        self.room.free(posted.extent)
        self.free_descriptors += self.cost.pop(token)

    def situation(self) -> tuple[object, ...]:
        """What the harness remembers that decides what it will do; equal where it will do the same."""
        posted = tuple(len(p.segments) for p in self.posted.values())
        return len(self.available), len(self.filled), self.prepared is not None, posted


def short(segments: tuple[Segment, ...]) -> str:
    shown = [f"{'w' if s.writable else 'r'} {s.length} at {s.address:#x}" for s in segments[:4]]
    return ", ".join(shown) + (f" and {len(segments) - 4} more" if len(segments) > 4 else "")
