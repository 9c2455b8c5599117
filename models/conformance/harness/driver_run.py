"""Runs a scenario on a driver under test: the harness is its device, and judges after every operation.

What the driver published is read off the ring and fed to the judge of the
standard; what it handed on (tokens, lengths, whether a wake-up is armed) is
compared with what the ring says.
"""

from __future__ import annotations

from vrx.models.conformance.buffers import lay_out
from vrx.models.conformance.harness.driver_watch import DriverWatch, Posted
from vrx.models.conformance.scenario import Operation
from vrx.models.conformance.wire.split.chain import write_prefix
from vrx.models.conformance.wire.split.ring import UsedElement
from vrx.spec.standard.judge import (
    AskKicks,
    Interrupted,
    Settled,
    Used,
    UsedPublished,
)

CLOSING_SIZE = 64
"""Up to this size every scenario ends by filling the whole ring once more."""


class DriverRun(DriverWatch):
    """One scenario on a driver."""

    def step(self, operation: Operation) -> None:
        """One operation, and what came of it."""
        super().step(operation)
        if self.judged and not self.stopped:
            self.observe()
            self.look_around()

    def close(self) -> None:
        """Everything still out comes back, every descriptor can be used again, every wake-up that is owed works."""
        if self.scenario.hostile:
            self.do_reset()
        if not self.target.broken():
            self.do_kick()
            self.observe()
            for _ in range(len(self.offered)):
                self.do_use(0, -1)
            self.do_publish(0)
            self.do_enable_drained()
            self.observe()
            self.settle()
            if self.setup.size <= CLOSING_SIZE and not self.stopped:
                for _ in range(self.setup.size):
                    self.do_post(0, [64], [])
                    if self.stopped:
                        return
                self.observe()

    def do_enable_drained(self) -> None:
        """What a poll does: take all, ask for interrupts, look once more; then one more buffer must wake it."""
        for _ in range(self.setup.size + 1):
            while self.used and not self.stopped:
                self.do_take(1)
            if self.stopped or self.target.broken():
                return
            self.do_enable()
            if self.armed or not self.used:
                return

    def settle(self) -> None:
        """The driver has had its time: what it owes becomes a verdict."""
        self.target.settle()
        self.observe()
        self.feed(Settled("driver"))

    def do_begin(self, index: int) -> None:
        """Before anything else: `index` buffers have gone through the queue already."""
        if self.posted or self.avail_idx or self.lied:
            return
        if "begin" in self.target.can:
            self.target.begin(index)  # type: ignore[attr-defined]
            self.begin_at(index)
        else:
            self.do_turn(index)

    # What is done to the driver.

    def do_post(self, at: int, writable: list[int], readable: list[int]) -> None:
        """A buffer of these segments, the first at offset `at` of its page."""
        if self.setup.mergeable:
            readable = []
        if "writable" in self.target.can:
            writable, readable = writable or [64], []
        if (not writable and not readable) or len(writable) + len(readable) > self.setup.size:
            return
        made = lay_out(self.room, readable, writable, at)
        if made is None:
            return
        extent, segments = made
        token = self.next_token
        fits = self.free_descriptors >= len(segments)
        if self.target.post(segments, token):
            self.next_token += 1
            self.posted[token] = Posted(extent, segments)
            self._expected.append(token)
            self.look()
        else:
            self.room.free(extent)
            if self.judged:
                self.refused = "when a buffer is refused for want of room"
                self.hear(self.refused)
            if fits and not self.target.broken() and not self.lied:
                self.deviate("descriptors_conserved", f"a buffer of {len(segments)} segments is refused with "
                             f"{self.free_descriptors} of {self.setup.size} descriptors free")  # fmt: skip

    def do_kick(self) -> None:
        """The driver notifies, if it thinks that the device wants to know."""
        self.target.kick()
        if self.judged:
            self.look()
            self.hear(self.refused)  # the kick of a refusal is not remembered: the next one repeats it
            self.refused = ""
            if self._expected and not self.lied and not self.target.broken():
                self.deviate("no_lost_kick", f"{len(self._expected)} posted buffers are not in the available ring",
                             summary="the kick does not show the device what was posted")  # fmt: skip
                self.stopped = True
                return
            for owed in () if self.lied else self.judge.outstanding("driver"):
                self.report(owed, f"no kick; avail.idx {self.ring.avail_idx}, used.flags {self.ring.used_flags}, "
                            f"avail_event {self.ring.avail_event}")  # fmt: skip
                self.feed(Settled("driver"))

    def do_take(self, n: int) -> None:
        """The driver takes up to n used buffers."""
        for _ in range(n):
            taken = self.target.take()
            if self.lied:
                if taken is None:
                    return
                self.took_after_a_lie(taken.token)
                continue
            if not self.judged:
                if taken is None:
                    return
                self.recycle(taken.token)
                continue
            if taken is None:
                if self.used and not self.target.broken():
                    self.deviate("no_lost_interrupt", f"nothing is taken with used.idx {self.ring.used_idx}",
                                 expected=f"token {self.used[0][0]}")  # fmt: skip
                    self.stopped = True
                return
            if not self.used:
                self.deviate("used_entries_exact", f"token {taken.token} is taken with no used buffer")
                self.stopped = True
                return
            token, length = self.used.popleft()
            if tuple(taken) != (token, length):
                self.deviate("used_entries_exact", f"token {taken.token}, {taken.length} bytes",
                             expected=f"token {token}, {length} bytes: the next entry of the used ring")  # fmt: skip
                self.stopped = True
                return
            self.recycle(token)
            if self.armed and not self.used and not self.delayed:
                self.expect_armed()

    def do_disable(self) -> None:
        """The driver asks for no more interrupts."""
        self.target.disable()
        self.armed = False
        self.prepared = None
        if self.judged and not self.lied and not self.setup.event_idx and self.ring.avail_flags != 1:
            self.deviate("interrupts_suppressed_while_polling", f"avail.flags {self.ring.avail_flags} after disable",
                         expected="1")  # fmt: skip

    def do_enable(self) -> None:
        """The driver asks for interrupts, and looks once more."""
        quiet = self.target.enable()
        self.prepared = None
        self.armed, self.delayed = True, False
        if self.judged:
            self.expect_look(quiet, bool(self.used))

    def took_after_a_lie(self, token: int) -> None:
        """Whatever the device said, the driver gives back only what it has."""
        if token not in self.posted:
            self.deviate("used_entries_exact", f"token {token}, which the driver does not have",
                         summary="the driver gives back a buffer that it does not have")  # fmt: skip
            self.stopped = True
        else:
            self.posted.pop(token)

    def expect_look(self, quiet: bool, waiting: bool) -> None:
        """quiet: the driver says that nothing waits, so the next used buffer has to wake it."""
        if self.target.broken() or self.lied:
            return
        if quiet and waiting:
            self.deviate("no_lost_interrupt", f"the driver sleeps on {len(self.used)} used buffers",
                         summary="enabling callbacks, the driver does not see that used buffers wait")  # fmt: skip
        if not quiet and not waiting:
            self.deviate("used_entries_exact", "the driver sees a used buffer where there is none",
                         summary="enabling callbacks, the driver sees used buffers that are not there")  # fmt: skip
        if quiet:
            self.expect_armed()

    def expect_armed(self) -> None:
        event, flags, idx = self.ring.used_event, self.ring.avail_flags, self.used_idx
        if self.setup.event_idx and event != idx:
            self.deviate("no_lost_interrupt", f"used_event {event}", expected=f"{idx}, the next used entry",
                         summary="callbacks enabled, the next used entry would not interrupt")  # fmt: skip
        if not self.setup.event_idx and flags != 0:
            self.deviate("no_lost_interrupt", f"avail.flags {flags}", expected="0",
                         summary="callbacks enabled, the next used entry would not interrupt")  # fmt: skip

    def do_prepare(self) -> None:
        """The first half of enable."""
        if "prepare" in self.target.can:
            self.prepared = (self.target.prepare(), self.used_idx - len(self.used) & 0xFFFF)
            self.armed, self.delayed = True, False

    def do_poll(self) -> None:
        """The second half: it looks once more."""
        if self.prepared is not None:
            mark, taken_then = self.prepared
            waits = self.target.poll(mark)
            self.prepared = None
            if self.judged and not self.target.broken() and not self.lied:
                new = self.used_idx != taken_then
                if waits != new:
                    self.deviate("no_lost_interrupt" if new else "used_entries_exact",
                                 f"poll says {waits}; used.idx {self.used_idx}, {taken_then} at prepare")  # fmt: skip
                if not waits:
                    self.expect_armed()

    def do_delayed(self) -> None:
        """The driver asks for an interrupt after a good part of what is outstanding."""
        if "delayed" not in self.target.can:
            return
        quiet = self.target.enable_delayed()
        self.prepared = None
        self.armed = self.delayed = True
        if self.judged and quiet and not self.target.broken() and not self.lied:
            if self.setup.event_idx:
                ahead = self.ring.used_event - self.used_idx & 0xFFFF
                if ahead > self.setup.size:
                    self.deviate("no_lost_interrupt", f"used_event {self.ring.used_event}, used.idx {self.used_idx}",
                                 expected="an entry that is still to come",
                                 summary="callbacks enabled with delay, no used entry to come interrupts")  # fmt: skip
            elif self.ring.avail_flags != 0:
                self.expect_armed()

    def do_interrupt(self) -> None:
        """The device interrupts, owed or not."""
        self.target.called_back()
        self.target.interrupt()
        called = self.target.called_back()
        if self.judged:
            self.feed(Interrupted())
            if self.used and not called and not self.target.broken() and not self.lied:
                self.deviate("no_lost_interrupt", f"no callback with {len(self.used)} used buffers",
                             summary="an interrupt with used buffers does not reach the driver's callback")  # fmt: skip

    def do_lie(self, kind: int, n: int) -> None:
        """The device breaks the rules.  From now on, until a reset, only memory, crashes and hangs are looked at."""
        if not self.scenario.hostile or kind not in getattr(self.target, "lies", (kind,)):
            return
        ring, size = self.ring, self.ring.size
        at = self.placed % size
        head = self.offered[n % len(self.offered)] if self.offered else n % size
        element = {
            0: UsedElement(size + n, 0),
            1: UsedElement(0xFFFFFFFF - n, 60),
            2: UsedElement(n % size, 60),
            3: UsedElement(head, 0xFFFFFFFF - n),
            4: UsedElement((head << 16) | n, 60),
        }.get(kind)
        if element is not None:
            ring.set_used(at, element)
            self.placed = self.placed + 1 & 0xFFFF
            ring.used_idx = self.placed
        elif kind == 5:
            ring.used_idx = ring.used_idx + 1 + n & 0xFFFF
        elif kind == 6:
            ring.used_flags = 0xFFFE | n
        elif kind == 7:
            ring.avail_event = n * 7919 & 0xFFFF
        else:
            for slot in range(size):
                ring.set_used(slot, UsedElement(n % size, n))
            ring.used_idx = ring.used_idx + size + 1 & 0xFFFF
        self.lied = True
        self._shadow = bytes(self._device_area)

    def do_reset(self) -> None:
        """Device reset: the driver gets its buffers back, and begins anew."""
        target = self.target
        left = set(self.posted)
        if self.judged and not target.broken() and not self.lied:
            while (token := target.detach()) is not None:
                if token not in left:
                    self.deviate("used_entries_exact", f"token {token} is detached, which the driver does not have")
                    break
                left.discard(token)
            if left and not self.deviations:
                self.deviate("descriptors_conserved", f"{len(left)} buffers are not given back",
                             summary="after a reset, buffers that never came back are not given back")  # fmt: skip
        self.target.reset()
        held = getattr(target, "allocations", lambda: 0)()
        if held and self.judged:
            self.deviate("memory_conserved", f"{held} allocations are left after the reset")
        self.begin()

    # What the device does.

    def do_use(self, i: int, length: int) -> None:
        """The device fills one of the offered buffers, with `length` bytes (-1: all); nobody sees it yet."""
        if not self.offered or self.lied:
            return
        head = self.offered.pop(i % len(self.offered))
        chain = self.chains[head]
        if self.judged and not self.unchanged(chain):
            return
        length = chain.capacity if length < 0 else min(length, chain.capacity)
        token = self.token_of[head]
        data = bytes((token + k) & 0xFF for k in range(min(length, 64)))
        write_prefix(self.memory, chain, data)
        if self.judged:
            posted = self.posted[token]
            posted.content = bytes(posted.extent.view)
        self.ring.set_used(self.placed % self.ring.size, UsedElement(head, length))
        self.placed = self.placed + 1 & 0xFFFF
        self._shadow = bytes(self._device_area)
        self.filled.append((head, length))

    def do_publish(self, n: int) -> None:
        """The device shows n of the buffers that it has filled, or all (0)."""
        n = min(n, len(self.filled)) or len(self.filled)
        if not n or self.lied:
            return
        for _ in range(n):
            head, length = self.filled.popleft()
            self.used.append((self.token_of.pop(head), length))
            self.feed(Used(head, length))
            chain = self.chains.pop(head)
            for d in chain.used:
                self.busy.pop(d, None)
        self.used_idx = self.used_idx + n & 0xFFFF
        self.ring.used_idx = self.used_idx
        self._shadow = bytes(self._device_area)
        self.feed(UsedPublished(n))

    def do_quiet(self, on: int) -> None:
        """The device wants no kicks (1), or wants them (0).  With the event index it may not say so by the flag."""
        if not self.setup.event_idx:
            self.ring.used_flags = on & 1
            self._listen()

    def do_noise(self, on: int) -> None:
        """With the event index: the low bit of used.flags, which the driver has to ignore (2.7.10.1-5)."""
        if self.setup.event_idx:
            self.ring.used_flags = on & 1
            self._shadow = bytes(self._device_area)

    def do_event(self, ahead: int) -> None:
        """The device wants a kick `ahead` entries from here.  Without the event index the driver ignores it."""
        self.ring.avail_event = self.ring.avail_idx + ahead & 0xFFFF
        self._listen()

    def _listen(self) -> None:
        self._shadow = bytes(self._device_area)
        if self.judged:
            self.look()
            self.feed(AskKicks(self.flags, self.ring.avail_event))

    def do_turn(self, n: int) -> None:
        """n buffers go round the queue, one after the other."""
        for _ in range(min(n, 70000)):
            if not self.free_descriptors or self.lied or self.offered or self.filled or self.used:
                return
            self.do_post(0, [64], [])
            self.do_kick()
            self.do_use(0, -1)
            self.do_publish(0)
            self.do_take(1)
            if self.stopped:
                return
