"""The sequential reference of a packed ring, both sides of it in turn: what one makes available the other uses.

Nothing here knows the steps: the reference has to be right by itself before anything is compared with it.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.layouts.packed.pair import Pair
from vrx.spec.layouts.packed.reference import linux_virtio_ring as linux
from vrx.spec.layouts.packed.reference import qemu_virtio as qemu
from vrx.spec.layouts.packed.reference.structs import (
    VRING_DESC_F_NEXT,
    VRING_DESC_F_WRITE,
    VRING_PACKED_EVENT_FLAG_DESC,
    VRING_PACKED_EVENT_FLAG_DISABLE,
    new_virtqueue,
    new_vring,
)

SIZES = (1, 2, 3, 5, 8)
each_size = pytest.mark.parametrize("size", SIZES)


@each_size
@pytest.mark.parametrize("indirect", [False, True])
def test_what_one_side_makes_available_the_other_uses(size: int, indirect: bool) -> None:
    """Random turns, chains of all lengths over the end, batches up to a full lap: what goes in comes out, in order."""
    for seed in range(40):
        rng = random.Random(seed)
        pair = Pair(size, indirect=indirect)
        most = 2 * size if indirect else size
        laps = 0
        for _ in range(200):
            what = rng.randrange(4)
            if what == 0:
                pair.add(rng.randint(1, most))
            elif what == 1:
                pair.pop()
            elif what == 2 and pair.held:
                pair.push(rng.randint(1, len(pair.held)))
            else:
                pair.take()
            pair.agree()
            laps = pair.taken // size
        assert laps > 1 or size > 5


@each_size
def test_a_chain_as_long_as_the_ring_from_every_slot(size: int) -> None:
    """It begins anywhere, goes over the end, and comes back as one buffer: the wrap counter flips once."""
    for begin in range(size):
        pair = Pair(size)
        for _ in range(begin):
            assert pair.add(1) and pair.pop()
            pair.push(1)
            assert pair.take()
        before = pair.driver.avail_wrap_counter
        assert pair.add(size) and not pair.add(1)
        assert pair.driver.avail_wrap_counter == 1 - before
        flags = [d.flags & (VRING_DESC_F_NEXT | VRING_DESC_F_WRITE) for d in pair.vring.desc]
        assert flags.count(VRING_DESC_F_WRITE) == 1 and len({d.id for d in pair.vring.desc}) == 1
        assert pair.pop() and not pair.pop()
        pair.push(1)
        assert pair.take() and not pair.take()
        pair.agree()


@each_size
def test_a_batch_of_a_full_lap(size: int) -> None:
    """Every slot made available, popped, and used at once; the driver sees all of them, and then nothing."""
    pair = Pair(size)
    for _ in range(3):
        for _ in range(size):
            assert pair.add(1)
        while pair.pop():
            pass
        assert not linux.more_used_packed(pair.driver), "nobody sees it yet"
        pair.push(size)
        taken = 0
        while pair.take():
            taken += 1
        assert taken == size
        pair.agree()


def test_the_first_of_a_batch_is_written_last() -> None:
    """Before the first one is written the driver sees none of them."""
    pair = Pair(3)
    for _ in range(3):
        pair.add(1)
    while pair.pop():
        pass
    for n, (token, elem) in enumerate(pair.held):
        qemu.virtqueue_packed_fill(pair.device, elem, token, n)
    qemu.virtqueue_packed_fill_desc(pair.device, 1, 1)
    qemu.virtqueue_packed_fill_desc(pair.device, 2, 2)
    assert not linux.more_used_packed(pair.driver)
    qemu.virtqueue_packed_fill_desc(pair.device, 0, 0)
    assert linux.more_used_packed(pair.driver)


# Event suppression.


def passed(event: int, wrap: int, begin: int, count: int, size: int) -> bool:
    """The wording: is the slot written under that wrap counter by descriptors begin..begin + count - 1?"""
    return any((n % size, 1 - n // size % 2) == (event, wrap) for n in range(begin, begin + count))


@given(st.sampled_from(SIZES), st.integers(0, 40), st.data())
def test_a_kick_is_wanted_where_the_events_slot_was_written(size: int, begin: int, data: st.DataObject) -> None:
    """For any event word with a slot of the ring, and batches up to a full lap."""
    pair = Pair(size, event=True)
    for _ in range(begin):
        assert pair.add(1) and pair.pop()
        pair.push(1)
        assert pair.take()
    linux.virtqueue_kick_prepare_packed(pair.driver)
    count, event, wrap = data.draw(st.tuples(st.integers(0, size), st.integers(0, size - 1), st.integers(0, 1)))
    for _ in range(count):
        assert pair.add(1)
    pair.vring.device.off_wrap, pair.vring.device.flags = event | wrap << 15, VRING_PACKED_EVENT_FLAG_DESC
    assert linux.virtqueue_kick_prepare_packed(pair.driver) == passed(event, wrap, begin, count, size)
    assert not linux.virtqueue_kick_prepare_packed(pair.driver), "nothing was added since"


@given(st.sampled_from(SIZES), st.integers(0, 40), st.data())
def test_an_interrupt_is_wanted_where_the_events_slot_was_written(size: int, begin: int, data: st.DataObject) -> None:
    """As for kicks, but that QEMU also interrupts once whenever used_idx has gone over the end."""
    pair = Pair(size, event=True)

    def go(count: int) -> None:
        for _ in range(count):
            assert pair.add(1) and pair.pop()
        if count:
            pair.push(count)
        while pair.take():
            pass

    for _ in range(begin):
        go(1)
    qemu.virtio_packed_should_notify(pair.device)
    count, event, wrap = data.draw(st.tuples(st.integers(0, size), st.integers(0, size - 1), st.integers(0, 1)))
    go(count)
    pair.vring.driver.off_wrap, pair.vring.driver.flags = event | wrap << 15, VRING_PACKED_EVENT_FLAG_DESC
    over = begin // size != (begin + count) // size
    wanted = passed(event, wrap, begin, count, size)
    assert qemu.virtio_packed_should_notify(pair.device) == (wanted or over)


@each_size
def test_without_the_wrap_a_full_lap_would_lose_an_interrupt(size: int) -> None:
    """signalled_used has no wrap counter: were it kept over the end, a batch of a full lap would look like none."""
    pair = Pair(size, event=True)
    pair.vring.driver.flags = VRING_PACKED_EVENT_FLAG_DESC
    for _ in range(size):
        pair.add(1)
        pair.pop()
    pair.vring.driver.off_wrap = 0 | 1 << 15
    qemu.virtio_packed_should_notify(pair.device)
    pair.push(size)
    assert passed(0, 1, 0, size, size)
    wrap, new = pair.device.used_wrap_counter, pair.device.used_idx
    assert not qemu.vring_packed_need_event(pair.device, wrap, 1 << 15, new, 0)
    assert qemu.virtio_packed_should_notify(pair.device)


@each_size
@pytest.mark.parametrize("event", [False, True])
def test_asking_for_interrupts(size: int, event: bool) -> None:
    """Enabled: the next one interrupts and the poll sees it; disabled: none does, unless it was passed before."""
    pair = Pair(size, event=event)
    driver, device = pair.driver, pair.device
    linux.virtqueue_disable_cb_packed(driver)
    assert pair.vring.driver.flags == VRING_PACKED_EVENT_FLAG_DISABLE
    for _ in range(3 * size):
        mark = linux.virtqueue_enable_cb_prepare_packed(driver)
        assert pair.vring.driver.flags == (VRING_PACKED_EVENT_FLAG_DESC if event else 0)
        assert not linux.virtqueue_poll_packed(driver, mark)
        pair.add(1)
        pair.pop()
        pair.push(1)
        assert linux.virtqueue_poll_packed(driver, mark)
        before = device.interrupts
        qemu.virtio_notify(device)
        assert device.interrupts == before + 1
        assert linux.vring_interrupt(driver) and driver.event_triggered == event
        linux.virtqueue_disable_cb_packed(driver)
        assert (pair.vring.driver.flags == VRING_PACKED_EVENT_FLAG_DISABLE) != event
        pair.take()
        assert not linux.vring_interrupt(driver), "nothing is used"


@pytest.mark.parametrize("size", [3, 5, 8])
def test_a_delayed_callback_asks_for_three_quarters_of_what_is_out(size: int) -> None:
    pair = Pair(size, event=True)
    for _ in range(2 * size):
        while pair.add(1):
            pass
        linux.virtqueue_disable_cb_packed(pair.driver)
        assert linux.virtqueue_enable_cb_delayed_packed(pair.driver)
        at = pair.taken + size * 3 // 4
        assert pair.vring.driver.off_wrap == at % size | (1 - at // size % 2) << 15
        assert pair.pop()
        pair.push(1)
        assert not linux.virtqueue_enable_cb_delayed_packed(pair.driver)
        assert pair.take()


@each_size
@pytest.mark.parametrize("event", [False, True])
def test_asking_for_kicks(size: int, event: bool) -> None:
    """The device asks at the slot that it counted last, and its poll sees what was added meanwhile."""
    pair = Pair(size, event=event)
    device = pair.device
    for _ in range(3 * size):
        qemu.virtio_queue_packed_set_notification(device, False)
        pair.add(1)
        assert not linux.virtqueue_kick_prepare_packed(pair.driver)
        pair.pop()
        assert qemu.virtqueue_packed_get_avail_bytes(device, 1, 0)[0] == 0
        mark = device.shadow_avail_idx
        assert not qemu.virtio_queue_enable_notification_and_check(device, mark)
        pair.push(1)
        pair.take()
        pair.add(1)
        assert qemu.virtio_queue_packed_poll(device, mark)
        assert linux.virtqueue_kick_prepare_packed(pair.driver)
        pair.pop()
        pair.push(1)
        pair.take()


# Counting, and giving back.


@pytest.mark.parametrize("indirect", [False, True])
def test_bytes_are_counted_over_all_buffers(indirect: bool) -> None:
    """Chains and tables, over the end; enough is enough, and then the slot of before is returned."""
    pair = Pair(5, indirect=indirect)
    pair.add(2)
    pair.pop()
    pair.push(1)
    pair.take()
    pair.add(2)
    pair.add(3) if indirect else pair.add(2)
    total = 3 + (6 if indirect else 3)
    assert qemu.virtqueue_packed_get_avail_bytes(pair.device, 100, 0)[:2] == (total, 0)
    assert pair.device.shadow_avail_idx == pair.driver.next_avail_idx
    assert pair.device.shadow_avail_wrap_counter == pair.driver.avail_wrap_counter
    pair.device.shadow_avail_idx = 4
    assert qemu.virtqueue_packed_get_avail_bytes(pair.device, 2, 0) == (3, 0, 4)


@each_size
def test_what_is_given_back_is_popped_again(size: int) -> None:
    pair = Pair(size)
    for _ in range(2 * size):
        pair.add(1)
        first = qemu.virtqueue_packed_pop(pair.device)
        assert first is not None
        before = pair.device.last_avail_wrap_counter
        qemu.virtqueue_unpop(pair.device, first)
        assert qemu.virtqueue_packed_pop(pair.device) == first
        assert pair.device.last_avail_wrap_counter == before
        qemu.virtqueue_unpop(pair.device, first)
        pair.pop()
        pair.push(1)
        pair.take()


def test_a_chain_that_is_given_back_is_popped_in_part() -> None:
    """virtqueue_unpop() goes back one slot and not ndescs: the next pop gives the tail of the chain as a buffer."""
    pair = Pair(4)
    pair.add(3)
    elem = qemu.virtqueue_packed_pop(pair.device)
    assert elem is not None and len(elem.in_) == 3
    qemu.virtqueue_unpop(pair.device, elem)
    assert pair.device.inuse == 0 and pair.device.last_avail_idx == 2
    again = qemu.virtqueue_packed_pop(pair.device)
    assert again is not None and (again.index, again.ndescs, len(again.in_)) == (elem.index, 1, 1)


@each_size
def test_a_chain_that_is_given_back_by_all_its_slots_is_popped_again(size: int) -> None:
    """The mend: from every slot, over the end too."""
    pair = Pair(size)
    for _ in range(2 * size):
        pair.add(size)
        elem = qemu.virtqueue_packed_pop(pair.device)
        assert elem is not None
        qemu.virtqueue_packed_rewind(pair.device, elem.ndescs)
        qemu.virtqueue_detach_element(pair.device, elem)
        assert pair.pop()
        pair.push(1)
        pair.take()
        pair.add(1), pair.pop()
        pair.push(1)
        pair.take()
        pair.agree()


def test_the_indices_go_to_vhost_and_back() -> None:
    """The setter keeps of used_idx more than 15 bits, so that its wrap counter stays in the index."""
    device = new_virtqueue(new_vring(4))
    device.last_avail_idx, device.last_avail_wrap_counter = 3, 0
    device.used_idx, device.used_wrap_counter = 2, 1
    other = new_virtqueue(new_vring(4))
    qemu.virtio_queue_packed_set_last_avail_idx(other, qemu.virtio_queue_packed_get_last_avail_idx(device))
    assert (other.last_avail_idx, other.last_avail_wrap_counter) == (3, 0)
    assert (other.used_idx, other.used_wrap_counter) == (2 | 0x8000, 1)
