"""Runs a scenario on a device under test: the harness is its driver and its network."""

from __future__ import annotations

from vrx.models.conformance.buffers import lay_out
from vrx.models.conformance.harness.device_watch import (
    DIRECT,
    DIRECT_THEN_TABLE,
    LARGEST,
    SMALLEST,
    TABLE,
    TABLE_WITH_WRITE,
    Buffer,
    DeviceWatch,
    Frame,
    frame_of,
)
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, NEXT, WRITE
from vrx.models.conformance.wire.split.driver_lies import tell_a_lie
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable
from vrx.spec.standard.judge import AskInterrupts, AskKicks, Available, AvailablePublished, DriverOk, Kicked, Reset

MOST_FRAMES = 200
"""Frames on their way at once."""


class DeviceRun(DeviceWatch):
    """One scenario on a device."""

    def close(self) -> None:
        """Whatever was done: the machine goes on, and a frame that comes into posted buffers is delivered."""
        self.do_go_on()
        self.do_settle()
        if self.scenario.hostile and not self.stopped:
            self.do_reset()
        if not self.setup.event_idx:
            self.do_quiet(0)
        for _ in range(4):
            self.do_take(self.setup.size)
            self.do_refill(min(self.setup.size, 50))
            self.do_settle()
        if self.stopped:
            return
        self.do_take(self.setup.size)
        self.may_drop()  # what did not come so far needs more than the ring holds
        self.do_refill(min(self.setup.size, 8))
        if self.order and self.out[self.order[0]].capacity >= self.setup.header_bytes + 60:
            self.do_inject(60)
            self.do_settle()

    # What the driver does.

    def do_begin(self, index: int) -> None:
        """Before anything else: `index` buffers have gone through the queue already."""
        if self.avail_added or self.frames or self.lied or self.paused or not index:
            return
        if "begin" in self.target.can:
            self.target.begin(index)  # type: ignore[attr-defined]
        elif not self.go_round(index):
            return
        self.begin_at(index)

    def go_round(self, left: int) -> bool:
        """So many buffers go round, as many at once as there are; where they merge, one packet takes them all."""
        ring, target, size = self.ring, self.target, self.setup.size
        length = 64 if self.setup.mergeable else self.whole
        extent = self.room.extent(length)
        if extent is None:
            return False
        for i in range(size):
            ring.desc[i] = Descriptor(extent.address, length, WRITE, 0)
            ring.set_avail(i, i)
        while left:
            n = min(size, left)
            left -= n
            ring.avail_idx = ring.avail_idx + n & 0xFFFF
            target.kick()
            for _ in range(1 if self.setup.mergeable else n):
                target.inject(frame_of(0, n * length - self.setup.header_bytes if self.setup.mergeable else 60))
            target.settle()
            if ring.used_idx != ring.avail_idx:
                self.deviate("no_lost_kick", f"{n} buffers and what they can hold: used.idx {ring.used_idx}, "
                             f"avail.idx {ring.avail_idx}")  # fmt: skip
                self.stopped = True
                return False
        target.interrupts()
        self.room.free(extent)
        return True

    def do_post(self, at: int, how: int, writable: list[int], short: int) -> None:
        """A buffer of these segments is placed; nobody sees it yet.

        at: where in its page it begins; how: DIRECT ...; short: leave it as small as it is, where larger ones
        should be posted
        """
        size = self.setup.size
        lengths = list(writable) or [self.whole]
        total = sum(lengths)
        if total < (self.setup.header_bytes if self.setup.mergeable or short else self.whole):
            lengths.append(self.whole - total)
        if len(lengths) > size:
            lengths = [*lengths[: size - 1], sum(lengths[size - 1 :])]
        if "shape" in self.target.can:
            lengths = self.target.shape(lengths)  # type: ignore[attr-defined]
        if not self.setup.indirect:
            how = DIRECT
        n = len(lengths)
        if how == DIRECT_THEN_TABLE and (n == 1 or size == 1):
            how = TABLE
        direct = {DIRECT: n, DIRECT_THEN_TABLE: 2}.get(how, 1)
        if len(self.free) < direct:
            return
        made = lay_out(self.room, [], lengths, at)
        if made is None:
            return
        extent, segments = made
        descriptors = [self.free.pop() for _ in range(direct)]
        in_table = 0 if how == DIRECT else n - (direct - 1)
        table = self.room.extent(in_table * DESC_BYTES) if in_table else None
        if in_table and table is None:
            self.free += descriptors
            self.room.free(extent)
            return
        buffer = Buffer(extent, segments, descriptors, table, how)
        rows = [Descriptor(s.address, s.length, WRITE, 0) for s in segments]
        if table is not None:
            linked = DescriptorTable(table.view[: in_table * DESC_BYTES])
            for i, row in enumerate(rows[n - in_table :]):
                last = i == in_table - 1
                linked[i] = row._replace(flags=WRITE | (0 if last else NEXT), next=0 if last else i + 1)
            flags = INDIRECT | (WRITE if how == TABLE_WITH_WRITE else 0)
            rows = [*rows[: n - in_table], Descriptor(table.address, in_table * DESC_BYTES, flags, 0)]
        for i, row in enumerate(rows):
            link = NEXT if i + 1 < len(rows) else 0
            follow = descriptors[i + 1] if link else 0
            self.ring.desc[descriptors[i]] = row._replace(flags=row.flags | link, next=follow)
        head = descriptors[0]
        self.out[head] = buffer
        self.ring.set_avail(self.avail_added % size, head)
        self.avail_added = self.avail_added + 1 & 0xFFFF
        self.placed.append(head)
        if not self.setup.mergeable and buffer.capacity < self.whole:
            self.may_drop()
        self.touched()

    def do_publish(self, n: int) -> None:
        """The driver shows n of the buffers that it has placed, or all (0)."""
        n = min(n, len(self.placed)) or len(self.placed)
        if not n:
            return
        for head in self.placed[:n]:
            self.feed(Available(head, self.out[head].capacity))
        self.order.extend(self.placed[:n])
        del self.placed[:n]
        self.avail_idx = self.avail_idx + n & 0xFFFF
        self.ring.avail_idx = self.avail_idx
        self.touched()
        self.feed(AvailablePublished(n))

    def do_notify(self) -> None:
        """The driver kicks, if the device wants to know."""
        due = self.kick_is_due()
        self.told = self.avail_idx
        if due:
            self.do_kick()

    def do_kick(self) -> None:
        """The driver kicks, wanted or not."""
        self.told = self.avail_idx
        self.target.kick()
        if self.judged and not self.stopped and not self.lied:
            self.look()
            asked = (self.ring.used_flags, self.ring.avail_event)
            if asked != self.asked:
                self.asked = asked
                self.feed(AskKicks(*asked))
            self.feed(Kicked())

    def do_refill(self, n: int) -> None:
        """n buffers of the usual size, published one by one, and one kick if it is wanted."""
        for _ in range(n):
            self.do_post(0, DIRECT, [self.whole if not self.setup.mergeable else 1536], 0)
            self.do_publish(0)
        self.do_notify()

    def do_take(self, n: int) -> None:
        """The driver takes up to n used buffers."""
        for _ in range(min(n, len(self.used))):
            head = self.used.popleft()
            buffer = self.out.pop(head)
            self.free = buffer.descriptors + self.free if head % 3 else self.free + buffer.descriptors
            self.room.free(buffer.extent)
            if buffer.table is not None:
                self.room.free(buffer.table)

    def do_quiet(self, on: int) -> None:
        """The driver wants no interrupts (1), or wants them (0).  With the event index it may not use the flag."""
        if not self.setup.event_idx:
            self.ring.avail_flags = on & 1
            self.listen()

    def do_noise(self, on: int) -> None:
        """With the event index: the low bit of avail.flags, which the device has to ignore (2.7.7.2-4)."""
        if self.setup.event_idx:
            self.ring.avail_flags = on & 1
            self.touched()

    def do_event(self, ahead: int) -> None:
        """The driver wants an interrupt `ahead` entries from here.  Without the event index it means nothing."""
        self.ring.used_event = self.ring.used_idx + ahead & 0xFFFF
        self.listen()

    def do_lie(self, kind: int, n: int) -> None:
        """The driver breaks the rules.  From now on, until a reset, only memory, crashes and hangs are looked at."""
        if self.scenario.hostile and self.free and kind in getattr(self.target, "lies", (kind,)):
            self.lied = True
            tell_a_lie(self, kind, n)
            self.touched()

    # What the network and the machine do.

    def do_inject(self, length: int) -> None:
        """A frame of this length arrives."""
        if len(self.frames) >= MOST_FRAMES:
            return
        length = max(SMALLEST, min(length, LARGEST))
        data = frame_of(self.number, length)
        self.number += 1
        need = length + self.setup.header_bytes
        fits = self.setup.mergeable or self.whole >= need
        small = not self.setup.mergeable and any(b.capacity < need for b in self.out.values())
        self.frames.append(Frame(data, self.paused or not fits or small))
        self.target.inject(data)

    def do_settle(self) -> None:
        """The device gets all the time that it wants, and is judged."""
        self.settle()

    def do_look(self) -> None:
        """The driver looks at the ring, whatever the device is doing."""
        self.observe()

    def do_steps(self, n: int) -> None:
        """The device does a part of what it has to do; one that cannot be held up does as it likes."""
        if "steps" in self.target.can:
            self.target.steps(n)  # type: ignore[attr-defined]
            self.observe()

    def do_stop(self) -> None:
        """The machine stops."""
        if "stop" in self.target.can and not self.paused:
            self.settle()
            self.may_drop()
            self.target.stop()
            self.paused = True

    def do_go_on(self) -> None:
        """The machine goes on."""
        if self.paused:
            self.target.go_on()
            self.paused = False

    def do_reset(self) -> None:
        """Device reset, whatever is in flight, and a fresh start."""
        if self.paused:
            self.do_go_on()
        self.target.reset()
        self.may_drop()
        self.begin()

    def do_reset_queue(self) -> None:
        """Reset of the receive queue alone."""
        if "reset_queue" not in self.target.can or self.paused:
            return
        self.target.reset_queue()
        if self.target.broken():  # it broke before: the reset of a queue mends no device
            self.gave_up()
            return
        self.may_drop()
        self.feed(Reset())
        self.forget()
        self.feed(DriverOk(self.ring.used_flags))
        self.feed(AskInterrupts(self.flags, self.ring.used_event))
        self.asked = (self.ring.used_flags, self.ring.avail_event)
        self.feed(AskKicks(*self.asked))
