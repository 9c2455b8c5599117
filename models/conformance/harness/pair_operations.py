"""What may be done around a real driver's queue and a real device: the harness is all around them.

The caller does what virtio_net does: an interrupt schedules a poll and asks for no
more; a poll that finds less than its budget asks for them again and looks once more.
"""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.buffers import lay_out
from vrx.models.conformance.harness.pair_watch import PairWatch
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.harness.run import Frame, Number, Run, known_operation, operations_of
from vrx.models.conformance.protocol import PairUnderTest
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.header import HEADER_BYTES
from vrx.spec.standard.judge import Interrupted, Settled

SHAPES: Final = ([1526], [12, 1514], [700, 700, 700], [65562])
"""Buffers without mergeable, by the lengths of their segments in bytes; with mergeable, their sum in one."""
ROUNDS: Final = 200
"""Rounds of interrupt and poll until both sides must have come to rest."""


class PairOperations:
    """An `Operator`.  watch: what is seen between both."""

    def __init__(self, watch: PairWatch) -> None:
        self.watch, self.record, self.setup = watch, watch.record, watch.setup
        self.driver, self.device = watch.driver, watch.device

    def begin(self) -> None:
        self.next_token = 1
        self.scheduled = self.paused = False
        self.watch.begin()

    def step(self, operation: Operation) -> None:
        known_operation(DOES, operation)(self, *operation[1:])
        self.watch.observe()

    def close(self) -> None:
        """Until both rest."""
        self.step(("rest",))

    # What the driver's caller does.

    def do_post(self, n: Number, shape: Number, at: Number) -> None:
        """n buffers are given to the driver's queue."""
        watch = self.watch
        lengths = SHAPES[shape % len(SHAPES)]
        for _ in range(n):
            made = lay_out(watch.room, [], [sum(lengths)] if self.setup.mergeable else lengths, at)
            if made is None:
                return
            extent, segments = made
            if len(segments) > self.setup.size or not self.driver.post(segments, self.next_token):
                watch.room.free(extent)
                return
            watch.tokens[self.next_token] = extent, tuple(segments)
            watch.unseen.append(self.next_token)
            self.next_token += 1
            watch.look_available()

    def do_kick(self) -> None:
        """The driver kicks, if it finds that the device wants to know; the kick is handed on."""
        self.driver.kick()
        self.watch.observe()
        self.watch.feed(Settled("driver"))

    def do_poll(self, budget: Number) -> None:
        """A poll, if one is scheduled."""
        if not self.scheduled:
            return
        taken = 0
        while taken < budget and (got := self.driver.take()) is not None:
            taken += 1
            self.watch.took(*got)
        if taken < budget and self.driver.enable():
            self.scheduled = False
            if self.watch.packets:
                seen = f"the driver sleeps on {len(self.watch.packets)} used buffers"
                summary = "enabling callbacks, the driver does not see that used buffers wait"
                self.record.deviate("no_lost_interrupt", seen, summary=summary)

    # What the network and the machine do.

    def do_inject(self, length: Frame) -> None:
        """A frame arrives."""
        data = self.watch.arrivals.send(max(14, length), doubtful=False)
        if not self.setup.mergeable:
            self.watch.arrivals.may_drop()  # it may meet a buffer that does not hold it
        self.device.inject(data)
        self.watch.let_finish()

    def do_settle(self) -> None:
        """The device works; its interrupt is handed on."""
        watch = self.watch
        self.device.settle()
        watch.look_used()
        watch.ask()
        if self.device.interrupts():
            watch.feed(Interrupted())
            self.driver.interrupt()
            if self.driver.called_back() and not self.scheduled:
                self.scheduled = True
                self.driver.disable()
        if not self.paused:
            watch.feed(Settled("device"))

    def do_stop(self) -> None:
        """The machine stops, and with it the driver; frames that wait are dropped by QEMU."""
        if not self.paused:
            self.do_settle()
            self.watch.arrivals.may_drop()
            self.device.stop()
            self.watch.let_finish()
            self.paused = True

    def do_go_on(self) -> None:
        """It goes on."""
        if self.paused:
            self.paused = False
            self.device.go_on()
            self.watch.let_finish()

    def do_reset(self) -> None:
        """Device reset and a fresh start."""
        self.do_go_on()
        self.begin()

    def do_rest(self) -> None:
        """Interrupts, polls and kicks until nothing moves; then nothing may wait."""
        watch, record = self.watch, self.record
        self.do_go_on()
        for _ in range(ROUNDS):
            before = self._stands()
            self.do_settle()
            self.do_poll(64)
            self.do_kick()
            self.do_settle()
            if record.stopped or before == self._stands():
                break
        if record.stopped:
            return
        if watch.packets:
            waiting = len(watch.packets)
            record.deviate("no_lost_interrupt", f"at rest {waiting} used buffers wait, no poll is scheduled")
        first = next(iter(watch.arrivals.frames), None)
        room = sum(s.length for t in watch.out.values() for s in watch.tokens[t][1])
        if first is not None and not first.doubtful and room >= len(first.data) + HEADER_BYTES:
            waiting = len(first.data)
            record.deviate("no_lost_kick", f"at rest a frame of {waiting} bytes waits with {room} bytes posted")

    def _stands(self) -> tuple[int, ...]:
        """Equal before and after a round in which nothing moved."""
        wire = self.watch.wire
        return wire.available.at, wire.used.at, self.next_token, self.scheduled, len(self.watch.packets)


DOES: Final = operations_of(PairOperations)


def pair_run(target: PairUnderTest, scenario: Scenario, judged: bool = True, watched: bool = False) -> Run:
    """The run of a scenario on both."""
    return Run(PairOperations(PairWatch(target, Record(scenario, judged, watched))))
