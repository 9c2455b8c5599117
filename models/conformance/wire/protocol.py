"""What a harness asks of a queue, whatever its layout.

A buffer goes two ways: the driver makes it *available*, the device makes it *used*.
`AvailableBuffers` and `UsedBuffers` read a way, for whoever watches it. A `DriverEnd`
writes the first and reads the second: a harness beside a device holds it. A
`DeviceEnd` is the other way round. Who stands between a driver and a device has two
readers and nothing to write with.

Positions are counted by the wire. What was seen comes as the judge's events, and
what a finding says of memory as text: no field of a ring has a name outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from vrx.models.conformance.buffers import Room
from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.layout import Layout, QueueAddresses
from vrx.spec.ring import Indexed
from vrx.spec.standard.judge import AskInterrupts, AskKicks, DriverOk
from vrx.spec.standard.wording import Wording

DIRECT, TABLE, DIRECT_THEN_TABLE, TABLE_WITH_WRITE = range(4)
"""How a buffer is described: a chain; an indirect table; a chain that ends in one; one whose descriptor says WRITE."""


class Terms(NamedTuple):
    """What of the negotiated features shows on the wire."""

    event_idx: bool = False
    indirect: bool = False


class UsedBuffer(NamedTuple):
    """What the device says of a buffer that it used.  id: as `DriverEnd.place` gave it, if it is one of these."""

    id: int
    length: int


class Breach(NamedTuple):
    """Something stands where it must not: the clause, what was seen; expected, summary: as of a deviation, or empty."""

    clause: str
    seen: str
    expected: str = ""
    summary: str = ""


class Shown(NamedTuple):
    """What one side shows in memory, as numbers that only the same layout can compare.

    fields: index, flags, event (0 where it means nothing); entries: those that are new since the last look
    """

    fields: tuple[int, ...]
    entries: tuple[int, ...]


class AvailableBuffers(Protocol):
    """Reading what the driver has made available.  at: the position behind what was taken note of."""

    @property
    def at(self) -> int: ...

    def new(self) -> int:
        """How many are published that were not taken note of.  A driver that goes back publishes very many."""

    def moved(self) -> str:
        """For a finding: from where to where the driver has moved."""

    def next(self, known: Sequence[Segment] | None = None) -> Chain:
        """The next one.  known: what it consists of, so that its descriptors are not read.  Raises Malformed."""

    def again(self, chain: Chain) -> Chain:
        """The buffer as it is described now.  Raises Malformed."""

    def used(self, id: int) -> None:
        """The device has used a buffer: its driver may change it again."""

    def changed(self) -> Breach | None:
        """Something of a buffer that was taken note of, and is not used, is another than it was."""

    def skip(self) -> None:
        """Take note of all of them without looking."""

    def asked(self) -> AskInterrupts:
        """Which interrupts the driver asks for, as it stands in memory; the same object until it changes."""


class UsedBuffers(Protocol):
    """Reading what the device has used.  at: the position behind what was taken note of."""

    @property
    def at(self) -> int: ...

    def new(self) -> int:
        """How many are published that were not taken note of.  A device that goes back publishes very many."""

    def next(self) -> UsedBuffer:
        """The next one."""

    def wrong(self) -> Breach | None:
        """What was wrong with the last one, where that hides nothing of what comes after it."""

    def taken(self) -> None:
        """The driver has taken the oldest that it had not: the device may use its place again."""

    def changed(self) -> Breach | None:
        """Something of those that were taken note of, and are not taken, is another than it was."""

    def asked(self) -> AskKicks:
        """Which kicks the device asks for, as it stands in memory; the same object until it changes."""


class DriverEnd(Protocol):
    """The end that a driver holds, of an empty queue.  used: what the device makes of the buffers."""

    @property
    def used(self) -> UsedBuffers: ...

    @property
    def fresh(self) -> bool:
        """Was nothing placed yet?"""

    def begin_at(self, index: int) -> None:
        """So many buffers have gone through the queue, which is empty."""

    def driver_ok(self) -> DriverOk:
        """The event of DRIVER_OK, as the queue stands."""

    def fits(self, segments: int, how: int) -> bool:
        """Is there room for a buffer of so many segments, described so?"""

    def place(self, segments: Sequence[Segment], how: int) -> tuple[int, int] | None:
        """Describe a buffer, which nobody sees yet: its id, and how it is described if `how` is not possible here.

        None if there is no room for its table.
        """

    def span(self, id: int) -> int:
        """How many positions a buffer takes that is placed: more than one is a list in a packed ring."""

    def publish(self, count: int) -> None:
        """The next `count` placed buffers become available."""

    def recycle(self, id: int) -> None:
        """A used buffer is the driver's again: its descriptors may be used for another one."""

    def fill(self, segment: Segment) -> None:
        """Every entry of an empty queue describes this one buffer."""

    def publish_filled(self, count: int) -> None:
        """`count` more of these become available."""

    def all_used(self) -> bool:
        """Is all that is available used?"""

    def kick_is_due(self) -> bool:
        """Would a driver kick now, for what it has published since it last thought of it?"""

    def thought_of_kick(self) -> None:
        """The driver has decided whether to kick for what is published."""

    def quiet(self, on: int) -> None:
        """Ask for no interrupts (1), or for them (0)."""

    def noise(self, on: int) -> None:
        """Change what a device has to ignore where the event index is negotiated."""

    def event(self, ahead: int) -> None:
        """Ask for an interrupt `ahead` buffers behind the last used one."""

    def asks(self) -> AskInterrupts:
        """What this end asks for, as far as it means something."""

    def lie(self, kind: int, n: int, whole: int) -> None:
        """Publish what no driver may.  n: a number that some kinds use; whole: length of the usual buffer in bytes."""

    def trespass(self) -> Breach | None:
        """Somebody else has written to this end's part of the memory."""

    def shown(self) -> Shown:
        """What the device shows, and what is new of it."""

    def situation(self) -> tuple[int, ...]:
        """What this end remembers that decides what it will do; equal where it will do the same."""

    def about_interrupts(self) -> str:
        """For a finding: what an interrupt depends on."""

    def about_kicks(self) -> str:
        """For a finding: what waits, and what kick is asked for."""

    def about_buffers(self) -> str:
        """For a finding: how far both sides are."""


class DeviceEnd(Protocol):
    """The end that a device holds.  available: what the driver makes available; published: how far this end is."""

    @property
    def available(self) -> AvailableBuffers: ...

    @property
    def published(self) -> int: ...

    def begin_at(self, index: int) -> None:
        """So many buffers have gone through the queue, which is empty."""

    def driver_ok(self) -> DriverOk:
        """The event of DRIVER_OK, as the queue stands."""

    def place(self, id: int, length: int) -> None:
        """Write that a buffer is used; nobody sees it yet."""

    def publish(self, count: int) -> None:
        """The next `count` placed ones become used."""

    def before(self, count: int) -> int:
        """The position `count` buffers before what is published."""

    def quiet(self, on: int) -> None:
        """Ask for no kicks (1), or for them (0)."""

    def noise(self, on: int) -> None:
        """Change what a driver has to ignore where the event index is negotiated."""

    def event(self, ahead: int) -> None:
        """Ask for a kick `ahead` buffers behind the last available one."""

    def asks(self) -> AskKicks:
        """What this end asks for, as far as it means something."""

    def lie(self, kind: int, n: int, out: Sequence[int]) -> None:
        """Publish what no device may.  n: a number that some kinds use; out: ids that the device has."""

    def trespass(self) -> Breach | None:
        """The driver has written to this end's part of the memory."""

    def shown(self) -> Shown:
        """What the driver shows, and what is new of it."""

    def not_quiet(self) -> Breach | None:
        """The driver asks for interrupts that it must not ask for after it disabled them."""

    def not_armed(self) -> Breach | None:
        """The next used buffer would not interrupt."""

    def not_armed_later(self) -> Breach | None:
        """No used buffer to come would interrupt."""

    def about_kicks(self) -> str:
        """For a finding: what a kick depends on."""

    def about_used(self) -> str:
        """For a finding: how far the device is."""


class Between(NamedTuple):
    """Both ways, for who stands between a driver and a device.  about: for a finding, all that stands in memory."""

    available: AvailableBuffers
    used: UsedBuffers
    about: Callable[[], str]


class Wire(Protocol):
    """A layout, as a harness takes hold of its queues.

    wording: how a judge words its rules
    blamed: by how a buffer is described, the clause that a device breaks who cannot take it
    counts_buffers: positions count buffers modulo 2**16; otherwise slots modulo two laps
    keeps: what is published stands until the other side has taken it, so it may be read at any time before
    """

    layout: Layout
    wording: Wording
    blamed: Mapping[int, str]
    counts_buffers: bool
    keeps: bool

    def passed(self, c: Indexed, event: Any, new: Any, old: Any) -> Any:
        """Is an event passed on the way from `old` to `new`?  Positions as the judge has them, or terms for them."""

    def driver_end(self, memory: Memory, where: QueueAddresses, terms: Terms, room: Room) -> DriverEnd:
        """The driver's end of the queue there.  room: for indirect tables, and for what lies need."""

    def device_end(self, memory: Memory, where: QueueAddresses, terms: Terms) -> DeviceEnd:
        """The device's end of the queue there, from where it stands now."""

    def between(self, memory: Memory, where: QueueAddresses, terms: Terms) -> Between:
        """Both ways of the queue there."""
