"""What may be done to a device under test: the harness is its driver and its network."""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.buffers import lay_out
from vrx.models.conformance.harness.device_watch import Buffer, DeviceWatch
from vrx.models.conformance.harness.frames import LARGEST, SMALLEST, frame_of
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.harness.run import Ahead, Bytes, Frame, Number, Run, known_operation, operations_of
from vrx.models.conformance.harness.wiring import has_quiet
from vrx.models.conformance.memory import Segment
from vrx.models.conformance.protocol import DeviceUnderTest
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.lies import DriverLie
from vrx.models.conformance.wire.protocol import DIRECT
from vrx.spec.standard.judge import Available, AvailablePublished, Kicked, Reset

MOST_FRAMES: Final = 200
"""Frames on their way at once."""


class DeviceOperations:
    """An `Operator`.  watch: what is seen of the device."""

    def __init__(self, watch: DeviceWatch) -> None:
        self.watch, self.record, self.target, self.setup = watch, watch.record, watch.target, watch.setup

    def begin(self) -> None:
        self.watch.begin()

    def step(self, operation: Operation) -> None:
        known_operation(DOES, operation)(self, *operation[1:])

    def close(self) -> None:
        """Whatever was done: the machine goes on, and a frame that comes into posted buffers is delivered."""
        watch, size = self.watch, self.setup.size
        self.do_go_on()
        self.do_settle()
        if self.record.scenario.hostile and not self.record.stopped:
            self.do_reset()
        self.do_quiet(0)
        for _ in range(4):
            self.do_take(size)
            self.do_refill(min(size, 50))
            self.do_settle()
        if self.record.stopped:
            return
        self.do_take(size)
        watch.arrivals.may_drop()  # what did not come so far needs more than the ring holds
        self.do_refill(min(size, 8))
        if watch.order and watch.out[watch.order[0]].capacity >= self.setup.header_bytes + 60:
            self.do_inject(60)
            self.do_settle()

    # What the driver does.

    def do_begin(self, index: Number) -> None:
        """Before anything else: `index` buffers have gone through the queue already."""
        watch = self.watch
        if not index or not watch.wire.fresh or watch.arrivals.frames or watch.judging.lied or watch.paused:
            return
        if "begin" in self.target.can:
            self.target.begin(index)  # type: ignore[attr-defined]
        elif not self.go_round(index):
            return
        watch.begin_at(index)

    def go_round(self, left: int) -> bool:
        """So many buffers go round, as many at once as there are; where they merge, one packet takes them all."""
        watch, wire, target, size = self.watch, self.watch.wire, self.target, self.setup.size
        merge, header = self.setup.mergeable, self.setup.header_bytes
        length = 64 if merge else watch.whole
        made = watch.room.extent(length)
        if made is None:
            return False
        wire.fill(Segment(made.address, length))
        while left:
            self.record.alive()
            n = min(size, left)
            left -= n
            wire.publish_filled(n)
            target.kick()
            for _ in range(1 if merge else n):
                target.inject(frame_of(0, n * length - header if merge else 60))
            target.settle()
            if not wire.all_used():
                seen = f"{n} buffers and what they can hold: {wire.about_buffers()}"
                self.record.deviate("no_lost_kick", seen)
                self.record.stopped = True
                return False
        target.interrupts()
        watch.room.free(made)
        return True

    def do_post(self, at: Number, how: Number, writable: list[Bytes], short: Number) -> None:
        """A buffer of these segments is placed; nobody sees it yet.

        at: where in its page it begins; how: DIRECT ...; short: leave it as small as it is, where larger ones
        should be posted
        """
        watch, size, whole = self.watch, self.setup.size, self.watch.whole
        lengths = list(writable) or [whole]
        total = sum(lengths)
        if total < (self.setup.header_bytes if self.setup.mergeable or short else whole):
            lengths.append(whole - total)
        if len(lengths) > size:
            lengths = [*lengths[: size - 1], sum(lengths[size - 1 :])]
        if "shape" in self.target.can:
            lengths = self.target.shape(lengths)  # type: ignore[attr-defined]
        if not watch.wire.fits(len(lengths), how):
            return
        made = lay_out(watch.room, [], lengths, at)
        if made is None:
            return
        extent, segments = made
        placed = watch.wire.place(segments, how)
        if placed is None:
            watch.room.free(extent)
            return
        head, kind = placed
        buffer = watch.out[head] = Buffer(extent, segments, kind)
        watch.placed.append(head)
        if not self.setup.mergeable and buffer.capacity < whole:
            watch.arrivals.may_drop()

    def do_publish(self, n: Number) -> None:
        """The driver shows n of the buffers that it has placed, or all (0)."""
        watch = self.watch
        n = min(n, len(watch.placed)) or len(watch.placed)
        if not n:
            return
        for head in watch.placed[:n]:
            watch.feed(Available(head, watch.out[head].capacity, watch.wire.span(head)))
        watch.order.extend(watch.placed[:n])
        del watch.placed[:n]
        watch.wire.publish(n)
        watch.feed(AvailablePublished(n))

    def do_notify(self) -> None:
        """The driver kicks, if the device wants to know."""
        wire = self.watch.wire
        due = wire.kick_is_due()
        wire.thought_of_kick()
        if due:
            self.do_kick()

    def do_kick(self) -> None:
        """The driver kicks, wanted or not."""
        watch = self.watch
        watch.wire.thought_of_kick()
        self.target.kick()
        if watch.judging.listens and not self.record.stopped:
            watch.look()
            watch.look_at_wish()
            watch.feed(Kicked())

    def do_refill(self, n: Number) -> None:
        """n buffers of the usual size, published one by one, and one kick if it is wanted."""
        for _ in range(n):
            self.do_post(0, DIRECT, [self.watch.whole if not self.setup.mergeable else 1536], 0)
            self.do_publish(0)
        self.do_notify()

    def do_take(self, n: Number) -> None:
        """The driver takes up to n used buffers."""
        watch = self.watch
        for _ in range(min(n, len(watch.used))):
            watch.take()

    def do_quiet(self, on: Number) -> None:
        """The driver wants no interrupts (1), or wants them (0), where it may say so."""
        if has_quiet(self.setup):
            self.watch.wire.quiet(on)
            self.watch.listen()

    def do_noise(self, on: Number) -> None:
        """With the event index: what the device has to ignore then (2.7.7.2-4)."""
        if self.setup.event_idx:
            self.watch.wire.noise(on)

    def do_event(self, ahead: Ahead) -> None:
        """The driver wants an interrupt `ahead` entries from here.  Without the event index it means nothing."""
        self.watch.wire.event(ahead)
        self.watch.listen()

    def do_lie(self, kind: DriverLie, n: Number) -> None:
        """The driver breaks the rules.  From now on, until a reset, only memory, crashes and hangs are looked at."""
        watch = self.watch
        if self.record.can_be_told(self.target, kind) and watch.wire.fits(1, DIRECT):
            watch.judging.lied = True
            watch.wire.lie(kind, n, watch.whole)

    # What the network and the machine do.

    def do_inject(self, length: Frame) -> None:
        """A frame of this length arrives."""
        watch = self.watch
        if len(watch.arrivals.frames) >= MOST_FRAMES:
            return
        length = max(SMALLEST, min(length, LARGEST))
        need = length + self.setup.header_bytes
        fits = self.setup.mergeable or watch.whole >= need
        small = not self.setup.mergeable and any(b.capacity < need for b in watch.out.values())
        self.target.inject(watch.arrivals.send(length, watch.paused or not fits or small))

    def do_settle(self) -> None:
        """The device gets all the time that it wants, and is judged."""
        self.watch.settle()

    def do_look(self) -> None:
        """The driver looks at the ring, whatever the device is doing."""
        self.watch.observe()

    def do_steps(self, n: Number) -> None:
        """The device does a part of what it has to do; one that cannot be held up does as it likes."""
        if "steps" in self.target.can:
            self.target.steps(n)  # type: ignore[attr-defined]
            self.watch.observe()

    def do_stop(self) -> None:
        """The machine stops."""
        if "stop" in self.target.can and not self.watch.paused:
            self.watch.settle()
            self.watch.arrivals.may_drop()
            self.target.stop()
            self.watch.paused = True

    def do_go_on(self) -> None:
        """The machine goes on."""
        if self.watch.paused:
            self.target.go_on()
            self.watch.paused = False

    def do_reset(self) -> None:
        """Device reset, whatever is in flight, and a fresh start."""
        self.do_go_on()
        self.target.reset()
        self.watch.arrivals.may_drop()
        self.watch.begin()

    def do_reset_queue(self) -> None:
        """Reset of the receive queue alone."""
        watch = self.watch
        if "reset_queue" not in self.target.can or watch.paused:
            return
        self.target.reset_queue()
        if self.target.broken():  # it broke before: the reset of a queue mends no device
            watch.gave_up()
            return
        watch.arrivals.may_drop()
        watch.feed(Reset())
        watch.forget()
        watch.ask_all()


DOES: Final = operations_of(DeviceOperations)


def device_run(target: DeviceUnderTest, scenario: Scenario, judged: bool = True, watched: bool = False) -> Run:
    """The run of a scenario on a device."""
    return Run(DeviceOperations(DeviceWatch(target, Record(scenario, judged, watched))))
