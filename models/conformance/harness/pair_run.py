"""Runs a scenario on a real driver's queue and a real device: the harness is all around them.

Everything that crosses the ring is shown to the judge of the standard, who accuses
either side.  The caller does what virtio_net does: an interrupt schedules a poll
and asks for no more; a poll that finds less than its budget asks for them again
and looks once more.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from vrx.models.conformance.buffers import Extent, Room, lay_out
from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.harness.device_watch import frame_of
from vrx.models.conformance.harness.run import Run
from vrx.models.conformance.protocol import Segment
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.targets.linux_qemu.target import LinuxQemu
from vrx.models.conformance.wire.header import HEADER_BYTES, NetHeader
from vrx.models.conformance.wire.split.chain import Malformed, read_chain, read_prefix
from vrx.models.conformance.wire.split.ring import SplitRing
from vrx.spec.standard.judge import (
    AskInterrupts,
    AskKicks,
    Available,
    AvailablePublished,
    DriverOk,
    Header,
    Interrupted,
    Judge,
    Kicked,
    Settled,
    Used,
    UsedPublished,
    Verdict,
)

SHAPES: Final = ([1526], [12, 1514], [700, 700, 700], [65562])
"""Buffers without mergeable, by the lengths of their segments in bytes; with mergeable, their sum in one."""
ROUNDS: Final = 200
"""Rounds of interrupt and poll until both sides must have come to rest."""


class PairRun(Run):
    """One scenario on both."""

    def __init__(self, target: LinuxQemu, scenario: Scenario, judged: bool = True) -> None:
        super().__init__(scenario, judged)
        self.driver, self.device, self.target = target.driver, target.device, target
        self.number = 0

    def step(self, operation: Operation) -> None:
        super().step(operation)
        self.observe()

    def close(self) -> None:
        """Until both rest."""
        self.step(("rest",))

    def begin(self) -> None:
        setup = self.setup
        self.target.start(setup)
        self.ring = SplitRing(self.target.memory, self.target.where)
        self.room = Room(self.target.memory)
        self.judge = Judge(
            setup.size, event_idx=setup.event_idx, mergeable=setup.mergeable, header=HEADER_BYTES,
            features={f.name.removeprefix("NET_") for f in setup.features},
        )  # fmt: skip
        self.tokens: dict[int, tuple[Extent, tuple[Segment, ...]]] = {}
        self.unseen: deque[int] = deque()  # tokens posted whose heads were not seen yet
        self.out: dict[int, int] = {}  # head -> token
        self.packets: deque[tuple[int, int]] = deque()  # used entries (token, length) that the driver has not taken
        self.frames: deque[bytes] = deque()
        self.lossy = 0  # of these, so many may have been dropped
        self.avail_idx = self.used_idx = 0
        self.next_token = 1
        self.scheduled = self.paused = False
        self.part: list[bytes] = []
        self.asked_interrupts = (self.ring.avail_flags, self.ring.used_event)
        self.asked_kicks = (self.ring.used_flags, self.ring.avail_event)
        at = self.target.where
        self.feed(DriverOk(self.ring.used_flags, (at.desc, at.driver, at.device)))
        self.feed(AskInterrupts(*self.asked_interrupts))
        self.driver.kicks()

    # What the driver's caller does.

    def do_post(self, n: int, shape: int, at: int) -> None:
        """n buffers are given to the driver's queue."""
        lengths = SHAPES[shape % len(SHAPES)]
        for _ in range(n):
            made = lay_out(self.room, [], [sum(lengths)] if self.setup.mergeable else lengths, at)
            if made is None:
                return
            extent, segments = made
            if len(segments) > self.setup.size or not self.driver.post(segments, self.next_token):
                self.room.free(extent)
                return
            self.tokens[self.next_token] = extent, tuple(segments)
            self.unseen.append(self.next_token)
            self.next_token += 1
            self.look_avail()

    def do_kick(self) -> None:
        """The driver kicks, if it finds that the device wants to know; the kick is handed on."""
        self.driver.kick()
        self.observe()
        self.feed(Settled("driver"))

    def do_poll(self, budget: int) -> None:
        """A poll, if one is scheduled."""
        if not self.scheduled:
            return
        taken = 0
        while taken < budget and (got := self.driver.take()) is not None:
            taken += 1
            self.took(*got)
        if taken < budget and self.driver.enable():
            self.scheduled = False
            if self.packets:
                self.deviate("no_lost_interrupt", f"the driver sleeps on {len(self.packets)} used buffers",
                             summary="enabling callbacks, the driver does not see that used buffers wait")  # fmt: skip

    def took(self, token: int, length: int) -> None:
        """The driver hands a buffer back to its caller: the next used one, with its length."""
        self.look_used()
        expected = self.packets.popleft() if self.packets else None
        if expected != (token, length):
            self.deviate("used_entries_exact", f"token {token}, {length} bytes", expected=f"{expected}")
            self.stopped = True
            return
        extent, segments = self.tokens.pop(token)
        self.arrived(read_prefix(self.target.memory, segments, length))
        self.room.free(extent)

    def arrived(self, content: bytes) -> None:
        """One buffer of a packet: when the packet is complete, it is a frame that was sent, in its turn."""
        self.part.append(content)
        buffers = NetHeader.decode(self.part[0][:HEADER_BYTES]).num_buffers if self.setup.mergeable else 1
        if len(self.part) < buffers:
            return
        data = b"".join(self.part)[HEADER_BYTES:]
        self.part = []
        while self.frames:
            frame = self.frames.popleft()
            if frame == data:
                self.lossy = max(0, self.lossy - 1)
                self.reached.add("delivered")
                return
            if not self.lossy:
                self.deviate("in_order", f"a packet of {len(data)} bytes", expected=f"the frame of {len(frame)} bytes")
                self.stopped = True
                return
            self.lossy -= 1
        self.deviate("used_entries_exact", f"a packet of {len(data)} bytes that nobody sent, or twice")
        self.stopped = True

    # What the network and the machine do.

    def do_inject(self, length: int) -> None:
        """A frame arrives."""
        self.frames.append(frame_of(self.number, max(14, length)))
        self.number += 1
        if not self.setup.mergeable:
            self.may_drop()  # it may meet a buffer that does not hold it
        self.device.inject(self.frames[-1])

    def do_settle(self) -> None:
        """The device works; its interrupt is handed on."""
        self.device.settle()
        self.look_used()
        self.ask()
        if self.device.interrupts():
            self.feed(Interrupted())
            self.driver.interrupt()
            if self.driver.called_back() and not self.scheduled:
                self.scheduled = True
                self.driver.disable()
        if not self.paused:
            self.feed(Settled("device"))

    def do_stop(self) -> None:
        """The machine stops, and with it the driver; frames that wait are dropped by QEMU."""
        if not self.paused:
            self.do_settle()
            self.may_drop()
            self.device.stop()
            self.paused = True

    def do_go_on(self) -> None:
        """It goes on."""
        if self.paused:
            self.paused = False
            self.device.go_on()

    def do_reset(self) -> None:
        """Device reset and a fresh start."""
        self.do_go_on()
        self.begin()

    def may_drop(self) -> None:
        self.lossy = len(self.frames)

    def do_rest(self) -> None:
        """Interrupts, polls and kicks until nothing moves; then nothing may wait."""
        self.do_go_on()
        for _ in range(ROUNDS):
            before = (self.avail_idx, self.used_idx, self.next_token, self.scheduled, len(self.packets))
            self.do_settle()
            self.do_poll(64)
            self.do_kick()
            self.do_settle()
            if self.stopped or before == (
                self.avail_idx, self.used_idx, self.next_token, self.scheduled, len(self.packets),
            ):  # fmt: skip
                break
        if self.stopped:
            return
        if self.packets:
            self.deviate("no_lost_interrupt", f"at rest {len(self.packets)} used buffers wait, no poll is scheduled")
        waiting = self.frames[0] if self.frames and not self.lossy else None
        room = sum(s.length for t in self.out.values() for s in self.tokens[t][1])
        if waiting is not None and room >= len(waiting) + HEADER_BYTES:
            self.deviate("no_lost_kick", f"at rest a frame of {len(waiting)} bytes waits with {room} bytes posted")

    # What crosses the ring.

    def observe(self) -> None:
        """All that either side has written, and its kicks, which are handed on."""
        if self.stopped:
            return
        self.look_avail()
        self.look_used()
        self.ask()
        if self.driver.kicks():
            self.feed(Kicked())
            self.device.kick()
        for side, name in ((self.driver, "driver"), (self.device, "device")):
            if side.broken():
                self.deviate("ring_not_broken", f"the {name} has given the queue up",
                             summary=f"the {name} gives up a peer that keeps the rules")  # fmt: skip
                self.stopped = True

    def ask(self) -> None:
        """Who wants to hear of what."""
        interrupts = (self.ring.avail_flags, self.ring.used_event)
        if interrupts != self.asked_interrupts:
            self.asked_interrupts = interrupts
            self.feed(AskInterrupts(*interrupts))
        kicks = (self.ring.used_flags, self.ring.avail_event)
        if kicks != self.asked_kicks:
            self.asked_kicks = kicks
            self.feed(AskKicks(*kicks))

    def look_avail(self) -> None:
        """Buffers that the driver has published."""
        new = self.ring.avail_idx - self.avail_idx & 0xFFFF
        for _ in range(new):
            head = self.ring.avail(self.avail_idx % self.ring.size)
            self.avail_idx = self.avail_idx + 1 & 0xFFFF
            try:
                chain = read_chain(self.ring, self.target.memory, head, self.setup.indirect)
            except Malformed as error:
                self.deviate(error.clause, error.seen)
                self.stopped = True
                return
            self.out[head] = self.unseen.popleft()
            self.feed(Available(head, chain.capacity))
        if new:
            self.feed(AvailablePublished(new))

    def look_used(self) -> None:
        """Buffers that the device has returned."""
        new = self.ring.used_idx - self.used_idx & 0xFFFF
        for _ in range(new):
            head, length = self.ring.used(self.used_idx % self.ring.size)
            self.used_idx = self.used_idx + 1 & 0xFFFF
            token = self.out.pop(head, None)
            header = None
            if self.judge.expects_header:
                raw = read_prefix(self.target.memory, self.tokens[token][1], HEADER_BYTES) if token else b""
                h = NetHeader.decode(raw) if len(raw) == HEADER_BYTES else NetHeader()
                header = Header(h.num_buffers, h.flags, h.gso_type, h.gso_size)
            self.feed(Used(head, length, header))
            if token is None or self.stopped:
                self.stopped = True
                return
            self.packets.append((token, length))
        if new:
            self.feed(UsedPublished(new))

    def feed(self, event: Any) -> None:
        if self.judged and not self.stopped:
            for verdict in self.judge.feed(event):
                self.report(verdict, event)

    def report(self, verdict: Verdict, event: Any) -> None:
        ring = self.ring
        seen = f"{type(event).__name__}; avail.idx {ring.avail_idx}, used.idx {ring.used_idx}, "
        seen += f"flags {ring.avail_flags} and {ring.used_flags}, "
        seen += f"used_event {ring.used_event}, avail_event {ring.avail_event}"
        self.deviations.append(
            Deviation(verdict.clause, verdict.level, verdict.text, verdict.text, seen, self.operations)
        )
        if self.judge.lost:
            self.stopped = True
