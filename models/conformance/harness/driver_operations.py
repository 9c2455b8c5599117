"""What may be done to a driver under test: the harness is its device, and judges after every operation.

What the driver published is read off the ring and fed to the judge of the
standard; what it handed on (tokens, lengths, whether a wake-up is armed) is
compared with what the ring says.
"""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.buffers import lay_out
from vrx.models.conformance.harness.driver_watch import DriverWatch, Posted
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.harness.run import Ahead, Bytes, Filled, Number, Run, known_operation, operations_of
from vrx.models.conformance.harness.wiring import has_quiet, marks_last
from vrx.models.conformance.protocol import QueueDriver
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.buffer import write_prefix
from vrx.models.conformance.wire.lies import DeviceLie
from vrx.spec.standard.judge import Interrupted, Settled, Used, UsedPublished

CLOSING_SIZE: Final = 64
"""Up to this size every scenario ends by filling the whole ring once more."""


class DriverOperations:
    """An `Operator`.  watch: what is seen of the driver."""

    def __init__(self, watch: DriverWatch) -> None:
        self.watch, self.record, self.target, self.setup = watch, watch.record, watch.target, watch.setup

    @property
    def lied(self) -> bool:
        """Has the device broken the rules?"""
        return self.watch.judging.lied

    def begin(self) -> None:
        self.lost_before = self.held()  # by an earlier scenario
        self.watch.begin()

    def held(self) -> int:
        """Blocks of memory that a target holds which counts them: between two queues none, but what it has lost."""
        return int(getattr(self.target, "allocations", lambda: 0)())

    def step(self, operation: Operation) -> None:
        """One operation, and what came of it."""
        known_operation(DOES, operation)(self, *operation[1:])
        if self.record.judged and not self.record.stopped:
            self.watch.observe()
            self.watch.look_around()

    def close(self) -> None:
        """Everything still out comes back, every descriptor can be used again, every wake-up that is owed works."""
        watch, record = self.watch, self.record
        if record.scenario.hostile:
            self.do_reset()
        if not self.target.broken():
            self.do_kick()
            watch.observe()
            for _ in range(len(watch.available)):
                self.do_use(0, -1)
            self.do_publish(0)
            self.do_enable_drained()
            watch.observe()
            watch.settle()
            if self.setup.size <= CLOSING_SIZE and not record.stopped:
                for _ in range(self.setup.size):
                    self.do_post(0, [64], [])
                    if record.stopped:
                        return
                watch.observe()

    def do_enable_drained(self) -> None:
        """What a poll does: take all, ask for interrupts, look once more; then one more buffer must wake it."""
        watch, record = self.watch, self.record
        for _ in range(self.setup.size + 1):
            while watch.used and not record.stopped:
                self.do_take(1)
            if record.stopped or self.target.broken():
                return
            self.do_enable()
            if watch.armed or not watch.used:
                return

    def do_begin(self, index: Number) -> None:
        """Before anything else: `index` buffers have gone through the queue already."""
        watch = self.watch
        if watch.posted or watch.wire.available.at or self.lied:
            return
        if "begin" in self.target.can:
            self.target.begin(index)  # type: ignore[attr-defined]
            watch.begin_at(index)
        else:
            self.do_turn(index)

    # What is done to the driver.

    def do_post(self, at: Number, writable: list[Bytes], readable: list[Bytes]) -> None:
        """A buffer of these segments, the first at offset `at` of its page."""
        watch, record = self.watch, self.record
        if self.setup.mergeable:
            readable = []
        if "writable" in self.target.can:
            writable, readable = writable or [64], []
        if "shape" in self.target.can:
            writable = self.target.shape(writable)  # type: ignore[attr-defined]
        if (not writable and not readable) or len(writable) + len(readable) > self.setup.size:
            return
        made = lay_out(watch.room, readable, writable, at)
        if made is None:
            return
        extent, segments = made
        token = watch.next_token
        fits = watch.free_descriptors >= len(segments)
        if self.target.post(segments, token):
            watch.next_token += 1
            watch.posted[token] = Posted(extent, segments)
            watch.expected.append(token)
            watch.look()
        else:
            watch.room.free(extent)
            if record.judged:
                watch.refused = "when a buffer is refused for want of room"
                watch.hear(watch.refused)
            if fits and not self.target.broken() and not self.lied:
                record.deviate("descriptors_conserved", f"a buffer of {len(segments)} segments is refused with "
                               f"{watch.free_descriptors} of {self.setup.size} descriptors free")  # fmt: skip

    def do_kick(self) -> None:
        """The driver notifies, if it thinks that the device wants to know."""
        watch, record = self.watch, self.record
        self.target.kick()
        if record.judged:
            watch.look()
            watch.hear(watch.refused)  # the kick of a refusal is not remembered: the next one repeats it
            watch.refused = ""
            if watch.expected and not self.lied and not self.target.broken():
                record.deviate("no_lost_kick", f"{len(watch.expected)} posted buffers are not in the available ring",
                               summary="the kick does not show the device what was posted")  # fmt: skip
                record.stopped = True
                return
            for owed in () if self.lied else watch.judging.judge.outstanding("driver"):
                watch.judging.report(owed, f"no kick; {watch.wire.about_kicks()}")
                watch.feed(Settled("driver"))

    def do_take(self, n: Number) -> None:
        """The driver takes up to n used buffers."""
        watch, record = self.watch, self.record
        for _ in range(n):
            taken = self.target.take()
            if self.lied:
                if taken is None:
                    return
                self.took_after_a_lie(taken.token)
                continue
            if not record.judged:
                if taken is None:
                    return
                watch.recycle(taken.token)
                continue
            if taken is None:
                if watch.used and not self.target.broken():
                    record.deviate("no_lost_interrupt", f"nothing is taken with {watch.wire.about_used()}",
                                   expected=f"token {watch.used[0][0]}")  # fmt: skip
                    record.stopped = True
                return
            if not watch.used:
                record.deviate("used_entries_exact", f"token {taken.token} is taken with no used buffer")
                record.stopped = True
                return
            if not marks_last(self.setup):
                watch.prepared = None
            token, length = watch.used.popleft()
            if tuple(taken) != (token, length):
                record.deviate("used_entries_exact", f"token {taken.token}, {taken.length} bytes",
                               expected=f"token {token}, {length} bytes: the next entry of the used ring")  # fmt: skip
                record.stopped = True
                return
            watch.recycle(token)
            if watch.armed and not watch.used and not watch.delayed:
                record.breach(watch.wire.not_armed())

    def do_disable(self) -> None:
        """The driver asks for no more interrupts."""
        watch = self.watch
        self.target.disable()
        watch.armed = False
        watch.prepared = None
        if watch.judging.listens:
            self.record.breach(watch.wire.not_quiet())

    def do_enable(self) -> None:
        """The driver asks for interrupts, and looks once more."""
        watch = self.watch
        quiet = self.target.enable()
        watch.prepared = None
        watch.armed, watch.delayed = True, False
        if self.record.judged:
            self.expect_look(quiet, bool(watch.used))

    def took_after_a_lie(self, token: int) -> None:
        """Whatever the device said, the driver gives back only what it has."""
        if token not in self.watch.posted:
            self.record.deviate("used_entries_exact", f"token {token}, which the driver does not have",
                                summary="the driver gives back a buffer that it does not have")  # fmt: skip
            self.record.stopped = True
        else:
            self.watch.posted.pop(token)

    def expect_look(self, quiet: bool, waiting: bool) -> None:
        """quiet: the driver says that nothing waits, so the next used buffer has to wake it."""
        record = self.record
        if self.target.broken() or self.lied:
            return
        if quiet and waiting:
            record.deviate("no_lost_interrupt", f"the driver sleeps on {len(self.watch.used)} used buffers",
                           summary="enabling callbacks, the driver does not see that used buffers wait")  # fmt: skip
        if not quiet and not waiting:
            record.deviate("used_entries_exact", "the driver sees a used buffer where there is none",
                           summary="enabling callbacks, the driver sees used buffers that are not there")  # fmt: skip
        if quiet:
            record.breach(self.watch.wire.not_armed())

    def do_prepare(self) -> None:
        """The first half of enable."""
        watch = self.watch
        if "prepare" in self.target.can:
            watch.prepared = (self.target.prepare(), watch.wire.before(len(watch.used)))
            watch.armed, watch.delayed = True, False

    def do_poll(self) -> None:
        """The second half: it looks once more."""
        watch, record = self.watch, self.record
        if watch.prepared is not None:
            mark, taken_then = watch.prepared
            waits = self.target.poll(mark)
            watch.prepared = None
            if watch.judging.listens and not self.target.broken():
                new = watch.wire.published != taken_then
                if waits != new:
                    seen = f"poll says {waits}; {watch.wire.about_used()}, {taken_then} at prepare"
                    record.deviate("no_lost_interrupt" if new else "used_entries_exact", seen)
                if not waits:
                    record.breach(watch.wire.not_armed())

    def do_delayed(self) -> None:
        """The driver asks for an interrupt after a good part of what is outstanding."""
        if "delayed" not in self.target.can:
            return
        watch = self.watch
        quiet = self.target.enable_delayed()
        watch.prepared = None
        watch.armed = watch.delayed = True
        if watch.judging.listens and quiet and not self.target.broken():
            self.record.breach(watch.wire.not_armed_later())

    def do_interrupt(self) -> None:
        """The device interrupts, owed or not."""
        watch = self.watch
        self.target.called_back()
        self.target.interrupt()
        called = self.target.called_back()
        if self.record.judged:
            watch.feed(Interrupted())
            if watch.used and not called and not self.target.broken() and not self.lied:
                seen = f"no callback with {len(watch.used)} used buffers"
                summary = "an interrupt with used buffers does not reach the driver's callback"
                self.record.deviate("no_lost_interrupt", seen, summary=summary)

    def do_lie(self, kind: DeviceLie, n: Number) -> None:
        """The device breaks the rules.  From now on, until a reset, only memory, crashes and hangs are looked at."""
        watch = self.watch
        if self.record.can_be_told(self.target, kind):
            watch.wire.lie(kind, n, watch.available)
            watch.judging.lied = True

    def do_reset(self) -> None:
        """Device reset: the driver gets its buffers back, and begins anew."""
        target, record = self.target, self.record
        left = set(self.watch.posted)
        if self.watch.judging.listens and not target.broken():
            while (token := target.detach()) is not None:
                if token not in left:
                    record.deviate("used_entries_exact", f"token {token} is detached, which the driver does not have")
                    break
                left.discard(token)
            if left and not record.deviations:
                record.deviate("descriptors_conserved", f"{len(left)} buffers are not given back",
                               summary="after a reset, buffers that never came back are not given back")  # fmt: skip
        target.reset()
        held = self.held() - self.lost_before
        if held > 0 and record.judged:
            record.deviate("memory_conserved", f"{held} allocations are left after the reset")
        self.begin()

    # What the device does.

    def do_use(self, i: Number, length: Filled) -> None:
        """The device fills one of the buffers that it has, with `length` bytes (-1: all); nobody sees it yet."""
        watch = self.watch
        if not watch.available or self.lied:
            return
        head = watch.available.pop(i % len(watch.available))
        chain = watch.chains[head]
        if self.record.judged and not watch.unchanged(chain):
            return
        length = chain.capacity if length < 0 else min(length, chain.capacity)
        token = watch.token_of[head]
        data = bytes((token + k) & 0xFF for k in range(min(length, 64)))
        write_prefix(watch.memory, chain, data)
        if self.record.judged:
            posted = watch.posted[token]
            posted.content = bytes(posted.extent.view)
        watch.wire.place(head, length)
        watch.filled.append((head, length))

    def do_publish(self, n: Number) -> None:
        """The device shows n of the buffers that it has filled, or all (0)."""
        watch = self.watch
        n = min(n, len(watch.filled)) or len(watch.filled)
        if not n or self.lied:
            return
        if self.record.breach(watch.changed()):
            self.record.stopped = True
            return
        for _ in range(n):
            head, length = watch.filled.popleft()
            watch.used.append((watch.token_of.pop(head), length))
            watch.feed(Used(head, length))
            watch.wire.available.used(head)
            for d in watch.chains.pop(head).used:
                watch.busy.pop(d, None)
        watch.wire.publish(n)
        watch.feed(UsedPublished(n))

    def do_quiet(self, on: Number) -> None:
        """The device wants no kicks (1), or wants them (0), where it may say so."""
        if has_quiet(self.setup):
            self.watch.wire.quiet(on)
            self._listen()

    def do_noise(self, on: Number) -> None:
        """With the event index: what the driver has to ignore then (2.7.10.1-5)."""
        if self.setup.event_idx:
            self.watch.wire.noise(on)

    def do_event(self, ahead: Ahead) -> None:
        """The device wants a kick `ahead` entries from here.  Without the event index the driver ignores it."""
        self.watch.wire.event(ahead)
        self._listen()

    def _listen(self) -> None:
        if self.record.judged:
            self.watch.look()
            self.watch.feed(self.watch.wire.asks())

    def do_turn(self, n: Number) -> None:
        """n buffers go round the queue, one after the other."""
        watch = self.watch
        for _ in range(min(n, 70000)):
            if not watch.free_descriptors or self.lied or watch.available or watch.filled or watch.used:
                return
            self.record.alive()
            self.do_post(0, [64], [])
            self.do_kick()
            self.do_use(0, -1)
            self.do_publish(0)
            self.do_take(1)
            if self.record.stopped:
                return


DOES: Final = operations_of(DriverOperations)


def driver_run(target: QueueDriver, scenario: Scenario, judged: bool = True, watched: bool = False) -> Run:
    """The run of a scenario on a driver's queue."""
    return Run(DriverOperations(DriverWatch(target, Record(scenario, judged, watched))))
