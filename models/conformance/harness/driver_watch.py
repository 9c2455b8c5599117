"""What a harness sees of a driver under test, and what the judge of the standard says of it."""

from __future__ import annotations

from collections import deque
from typing import Any

from vrx.models.conformance.buffers import Extent, Room
from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.harness.run import Run
from vrx.models.conformance.protocol import Feature, QueueDriver, Segment
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.wire.layout import parts
from vrx.models.conformance.wire.split.chain import Chain, Malformed, read_chain
from vrx.models.conformance.wire.split.ring import SplitRing
from vrx.spec.standard.judge import (
    AskInterrupts,
    AskKicks,
    Available,
    AvailablePublished,
    DriverOk,
    Judge,
    Kicked,
    Verdict,
)


class Posted:
    """A buffer that the driver was given: where it lies, and what the harness has written into it since."""

    __slots__ = ("content", "extent", "segments")

    def __init__(self, extent: Extent, segments: list[Segment]) -> None:
        self.extent, self.segments = extent, tuple(segments)
        self.content: bytes | None = None


class DriverWatch(Run):
    """One scenario on one target: the ring as the harness has followed it, and what was found."""

    def __init__(self, target: QueueDriver, scenario: Scenario, judged: bool = True) -> None:
        super().__init__(scenario, judged)
        self.target = target

    def begin(self) -> None:
        target, setup = self.target, self.setup
        where = target.start(setup)
        self.memory = target.memory
        self.room = Room(target.memory)
        ring = self.ring = SplitRing(target.memory, where)
        part = parts("split", where.size)[2]
        self._device_area = target.memory.at(where.device, part.length)
        self._shadow = bytes(self._device_area)
        self.posted: dict[int, Posted] = {}
        self.next_token = 1
        self._expected: deque[int] = deque()
        self.offered: list[int] = []
        self.chains: dict[int, Chain] = {}
        self.token_of: dict[int, int] = {}
        self.cost: dict[int, int] = {}
        self.busy: dict[int, int] = {}
        self.free_descriptors = ring.size
        self.filled: deque[tuple[int, int]] = deque()
        self.used: deque[tuple[int, int]] = deque()
        self.avail_idx = self.used_idx = self.placed = 0
        self.asked = (ring.avail_flags, ring.used_event)
        self.prepared: tuple[int, int] | None = None
        self.armed, self.delayed = True, False
        self.lied = self.kicked = False
        self.shown = 0
        self.refused = ""
        names = {f.name.removeprefix("NET_") for f in setup.features}
        self.judge = Judge(
            setup.size, event_idx=setup.event_idx, mergeable=False, in_order=setup.has(Feature.IN_ORDER),
            net=False, features=names,
        )  # fmt: skip
        self.feed(DriverOk(ring.used_flags, (where.desc, where.driver, where.device)))
        self.feed(AskInterrupts(*self.asked))

    @property
    def flags(self) -> int:
        """used.flags as far as they mean something: with the event index they are noise."""
        return 0 if self.setup.event_idx else self.ring.used_flags

    def begin_at(self, index: int) -> None:
        """The queue is empty, and stands at this index."""
        self.avail_idx = self.used_idx = self.placed = self.shown = index
        self.asked = (self.ring.avail_flags, self.ring.used_event)
        self._shadow = bytes(self._device_area)
        self.judge.begin_at(index)
        self.feed(DriverOk())
        self.feed(AskInterrupts(*self.asked))
        self.feed(AskKicks(self.flags, self.ring.avail_event))

    def observe(self) -> None:
        """Look at everything that the driver may have written, and at its notifications."""
        self.look()
        asked = (self.ring.avail_flags, self.ring.used_event)
        if asked != self.asked:
            self.note_event(asked)
            self.asked = asked
            self.feed(AskInterrupts(*asked))
        self.hear()
        if bytes(self._device_area) != self._shadow:
            self.foreign_write()
        if self.target.broken() and not self.scenario.hostile:
            self.deviate("ring_not_broken", "the driver has given the queue up")
            self.stopped = True

    def look_around(self) -> None:
        """Note what can be observed: the driver's part of the ring, what came new, a kick, and whether it broke.

        Numbers: avail.idx, avail.flags, used_event (0 where it means nothing), kicked, buffers in use, broken; then
        the new heads.
        """
        if not self.watched:
            return
        ring, idx = self.ring, self.ring.avail_idx
        event = ring.used_event if self.setup.event_idx else 0
        heads = (ring.avail((self.shown + k) % ring.size) for k in range(min(idx - self.shown & 0xFFFF, ring.size)))
        self.seen.append(
            (idx, ring.avail_flags, event, self.kicked, len(self.posted), self.target.broken(), *heads)
        )
        self.shown, self.kicked = idx, False

    def note_event(self, asked: tuple[int, int]) -> None:
        if not self.setup.event_idx and asked[1] != self.asked[1]:
            self.reached.add("writes used_event without EVENT_IDX")

    def foreign_write(self) -> None:
        now = bytes(self._device_area)
        where = next(i for i, (a, b) in enumerate(zip(now, self._shadow, strict=True)) if a != b)
        seen = f"byte {where} of the used ring: {now[where]:#04x}, {self._shadow[where]:#04x} before"
        self.deviate("foreign-memory", seen, summary="the driver writes to the device's part of the ring")
        self.stopped = True

    def hear(self, when: str = "") -> None:
        """Kicks that came.  when: for the summary, if it was not the driver's kick that was called."""
        if self.target.kicks():
            self.kicked = True
            self.look()
            for verdict in () if self.lied else self.judge.feed(Kicked()):
                seen = f"a kick; avail.idx {self.ring.avail_idx}, used.flags {self.ring.used_flags}, avail_event "
                self.report(verdict, f"{seen}{self.ring.avail_event}", when)

    def look(self) -> None:
        """Buffers that the driver has published."""
        ring = self.ring
        idx = ring.avail_idx
        if self.lied:
            self.avail_idx = idx
            return
        new = idx - self.avail_idx & 0xFFFF
        if not new:
            return
        if new > len(self._expected):
            seen = f"avail.idx from {self.avail_idx} to {idx} with {len(self._expected)} buffers posted"
            self.deviate("2.7.6.1-1", seen)
            self.stopped = True
            return
        for _ in range(new):
            head = ring.avail(self.avail_idx % ring.size)
            self.avail_idx = self.avail_idx + 1 & 0xFFFF
            if not self.offer(head):
                return
        self.feed(AvailablePublished(new))

    def offer(self, head: int) -> bool:
        if not self.judged:
            token = self._expected.popleft()
            segments = self.posted[token].segments
            self.chains[head] = Chain(head, (head,), segments, sum(s.length for s in segments if s.writable), False)
            self.token_of[head], self.cost[token] = token, 1
            self.offered.append(head)
            return True
        try:
            chain = read_chain(self.ring, self.memory, head, self.setup.indirect)
        except Malformed as error:
            self.deviate(error.clause, error.seen)
            self.stopped = True
            return False
        token = self._expected.popleft()
        posted = self.posted[token]
        if chain.segments != posted.segments:
            self.deviate("P-2.7.13-1", f"head {head}: {short(chain.segments)}", expected=short(posted.segments),
                         summary="the descriptors of a buffer are not what the driver was given")  # fmt: skip
            self.stopped = True
            return False
        for d in chain.used:
            if d in self.busy:
                self.deviate("3.3.1-1", f"descriptor {d}, of head {self.busy[d]}, is used for head {head}",
                             summary="a descriptor of a buffer that is out is used for another one")  # fmt: skip
                self.stopped = True
                return False
            self.busy[d] = head
        self.cost[token] = len(chain.used)
        self.free_descriptors -= len(chain.used)
        self.chains[head] = chain
        self.token_of[head] = token
        self.offered.append(head)
        self.feed(Available(head, chain.capacity))
        self.reached.add("indirect" if chain.indirect else "chained" if len(chain.used) > 1 else "single")
        return True

    def unchanged(self, chain: Chain) -> bool:
        """A buffer that is out stands in the table as it was offered."""
        try:
            now = read_chain(self.ring, self.memory, chain.head, self.setup.indirect)
        except Malformed as error:
            now = None
            seen = error.seen
        if now == chain:
            return True
        seen = short(now.segments) if now else seen
        self.deviate("3.3.1-1", f"head {chain.head} is now {seen}", expected=short(chain.segments),
                     summary="the descriptors of a buffer that is out change")  # fmt: skip
        self.stopped = True
        return False

    def recycle(self, token: int) -> None:
        posted = self.posted.pop(token)
        if posted.content is not None and bytes(posted.extent.view) != posted.content:
            self.deviate("foreign-memory", f"token {token}: its bytes are not what the device wrote",
                         summary="the driver's queue writes into a buffer")  # fmt: skip
        self.room.free(posted.extent)
        self.free_descriptors += self.cost.pop(token)

    def feed(self, event: Any) -> None:
        if self.judged and not self.lied:
            for verdict in self.judge.feed(event):
                self.report(verdict, str(event))

    def report(self, verdict: Verdict, seen: str, when: str = "") -> None:
        if verdict.side == "device":  # that is the harness: what it may do it may do against advice
            if verdict.deviation and not self.scenario.hostile:
                raise AssertionError(f"the harness breaks {verdict}: {seen}")
            return
        summary = verdict.text + (f": {when}" if when else "")
        self.deviations.append(Deviation(verdict.clause, verdict.level, summary, verdict.text, seen, self.operations))
        if self.judge.lost:
            self.stopped = True


def short(segments: tuple[Segment, ...]) -> str:
    shown = [f"{'w' if s.writable else 'r'} {s.length} at {s.address:#x}" for s in segments[:4]]
    return ", ".join(shown) + (f" and {len(segments) - 4} more" if len(segments) > 4 else "")
