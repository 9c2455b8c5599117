"""The ends of a queue meet: what the driver's end writes the device's end reads, and the other way, in every layout.

A new layout is in `wire.layouts.WIRES`, and has to pass these.
"""

from __future__ import annotations

import pytest

from vrx.models.conformance.buffers import Room, lay_out
from vrx.models.conformance.harness.fence import Fence
from vrx.models.conformance.memory import Memory, Segment, SharedFile
from vrx.models.conformance.wire.layouts import WIRES
from vrx.models.conformance.wire.protocol import (
    DIRECT,
    DIRECT_THEN_TABLE,
    TABLE,
    TABLE_WITH_WRITE,
    DeviceEnd,
    DriverEnd,
    Terms,
    Wire,
)
from vrx.spec.standard.judge import AskInterrupts, AskKicks

SIZE = 4

each_layout = pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
both_ways_to_ask = pytest.mark.parametrize("event_idx", [False, True])


class Pair:
    """Both ends of one queue."""

    def __init__(self, wire: Wire, event_idx: bool = False, indirect: bool = True) -> None:
        self.memory: Memory = SharedFile(1 << 20).memory()
        self.fence = Fence(wire.layout, SIZE, self.memory)
        self.room = Room(self.memory, self.fence.end)
        terms = Terms(event_idx, indirect)
        self.driver: DriverEnd = wire.driver_end(self.memory, self.fence.where, terms, self.room)
        self.device: DeviceEnd = wire.device_end(self.memory, self.fence.where, terms)
        self.between = wire.between(self.memory, self.fence.where, terms)

    def segments(self, *lengths: int) -> list[Segment]:
        made = lay_out(self.room, [], lengths, 0)
        assert made is not None
        return made[1]

    def go_round(self, *lengths: int, how: int = DIRECT) -> int:
        """One buffer there and back; its id."""
        placed = self.driver.place(self.segments(*lengths), how)
        assert placed is not None
        self.driver.publish(1)
        chain = self.device.available.next()
        self.device.place(chain.head, 60)
        self.device.publish(1)
        assert self.driver.used.next() == (placed[0], 60)
        self.driver.recycle(placed[0])
        return placed[0]


@each_layout
@pytest.mark.parametrize("how", [DIRECT, TABLE, DIRECT_THEN_TABLE, TABLE_WITH_WRITE])
def test_a_buffer_goes_both_ways(wire: Wire, how: int) -> None:
    """However it is described, the device's end and whoever stands between see the segments that were placed."""
    pair = Pair(wire)
    segments = tuple(pair.segments(100, 200, 300))
    assert pair.driver.fits(3, how)
    placed = pair.driver.place(segments, how)
    assert placed is not None
    assert pair.device.available.new() == 0, "nobody sees it yet"
    pair.driver.publish(1)
    assert pair.device.available.new() == pair.between.available.new() == 1
    chain = pair.device.available.next()
    assert (chain.head, chain.segments, chain.capacity) == (placed[0], segments, 600)
    assert pair.between.available.next() == pair.device.available.again(chain) == chain
    assert pair.driver.used.new() == 0
    pair.device.place(chain.head, 123)
    assert pair.driver.used.new() == 0, "nobody sees it yet"
    pair.device.publish(1)
    assert pair.driver.used.new() == pair.between.used.new() == 1
    assert pair.driver.used.next() == pair.between.used.next() == (placed[0], 123)
    assert pair.driver.all_used()


@each_layout
def test_descriptors_come_back(wire: Wire) -> None:
    """Buffers of all lengths, many times round: there is room again for one of all descriptors."""
    pair = Pair(wire)
    for n in (1, 2, 3, 4, 1, 1, 4, 2) * 5:
        pair.go_round(*[64] * n)
    assert pair.driver.fits(SIZE, DIRECT) and not pair.driver.fits(SIZE + 1, DIRECT)
    placed = pair.driver.place(pair.segments(64, 64, 64), DIRECT)
    assert placed is not None and pair.driver.fits(1, DIRECT) and not pair.driver.fits(2, DIRECT)


@each_layout
@pytest.mark.parametrize("index", [1, 3, 65533])
def test_a_queue_begins_at_any_index(wire: Wire, index: int) -> None:
    """Both ends go on from an index, over the end of the ring and of all indices, and write where the other reads."""
    pair = Pair(wire)
    pair.driver.begin_at(index)
    pair.device.begin_at(index)
    for _ in range(2 * SIZE):
        pair.go_round(64)
    assert not pair.driver.kick_is_due() or pair.driver.used.new() == 0


@each_layout
@both_ways_to_ask
def test_wishes_are_read(wire: Wire, event_idx: bool) -> None:
    """What one end asks for the other one reads, as an event of the judge."""
    pair = Pair(wire, event_idx)
    pair.driver.event(2)
    pair.device.event(1)
    if not event_idx:
        pair.driver.quiet(1)
        pair.device.quiet(1)
    asked, kicks = pair.device.available.asked(), pair.driver.used.asked()
    assert isinstance(asked, AskInterrupts) and isinstance(kicks, AskKicks)
    assert asked == pair.driver.asks() == pair.between.available.asked()
    assert kicks == pair.device.asks() == pair.between.used.asked()
    assert (asked.flags & 1, kicks.flags & 1) == ((0, 0) if event_idx else (1, 1))


@each_layout
def test_a_kick_is_due_when_it_is_asked_for(wire: Wire) -> None:
    for event_idx in (False, True):
        pair = Pair(wire, event_idx)
        pair.driver.place(pair.segments(64), DIRECT)
        pair.driver.publish(1)
        assert pair.driver.kick_is_due()
        pair.driver.thought_of_kick()
        assert not pair.driver.kick_is_due(), "it was thought of"
        pair.device.event(5) if event_idx else pair.device.quiet(1)
        pair.driver.place(pair.segments(64), DIRECT)
        pair.driver.publish(1)
        assert not pair.driver.kick_is_due(), "nobody wants it"


@each_layout
@both_ways_to_ask
def test_an_armed_driver_is_told_from_one_that_is_not(wire: Wire, event_idx: bool) -> None:
    pair = Pair(wire, event_idx)
    pair.driver.event(0)
    assert pair.device.not_armed() is None
    pair.driver.event(-1) if event_idx else pair.driver.quiet(1)
    wrong = pair.device.not_armed()
    assert wrong is not None and wrong.clause == "no_lost_interrupt"
    assert (pair.device.not_quiet() is None) == (event_idx or pair.device.available.asked().flags == 1)


@each_layout
def test_trespassing_is_seen(wire: Wire) -> None:
    """A byte that the other side writes into this end's part; its own writes are not told, nor the other end's."""
    pair = Pair(wire)
    pair.go_round(64)
    assert pair.driver.trespass() is None and pair.device.trespass() is None and pair.fence.trespass() is None
    where = pair.fence.where
    pair.memory.at(where.driver, 1)[0] ^= 1
    found = pair.driver.trespass()
    assert found is not None and found.clause == "foreign-memory"
    pair.memory.at(where.device, 1)[0] ^= 1
    assert pair.device.trespass() is not None
    assert pair.fence.trespass() is None
    pair.memory.at(pair.fence.end - 1, 1)[0] ^= 1
    assert pair.fence.trespass() is not None


@each_layout
def test_what_is_shown_is_shown_once(wire: Wire) -> None:
    pair = Pair(wire)
    pair.go_round(64)
    first, second = pair.driver.shown(), pair.driver.shown()
    assert first.entries and not second.entries and first.fields == second.fields
    assert pair.device.shown().entries and not pair.device.shown().entries


@each_layout
def test_every_lie_stands_in_memory(wire: Wire) -> None:
    """Each kind of lie of either side changes something that the other side reads."""
    for kind in range(18):
        pair = Pair(wire)
        before = bytes(pair.memory.at(*pair.memory.room))
        pair.driver.lie(kind, 5, 1526)
        assert bytes(pair.memory.at(*pair.memory.room)) != before, kind
        assert pair.device.available.new() > 0
    for kind in range(9):
        pair = Pair(wire)
        where = pair.fence.where
        before = bytes(pair.memory.at(where.desc, pair.fence.end - where.desc))
        pair.device.lie(kind, 5, [1])
        assert bytes(pair.memory.at(where.desc, pair.fence.end - where.desc)) != before, kind
        assert pair.device.trespass() is None, "its own"
