"""A driver and a device of the sequential reference on one packed ring, and what their test keeps count of."""

from __future__ import annotations

from collections import deque

from vrx.spec.layouts.packed.reference import linux_virtio_ring as linux
from vrx.spec.layouts.packed.reference import qemu_virtio as qemu
from vrx.spec.layouts.packed.reference.structs import (
    VRING_PACKED_DESC_F_AVAIL,
    Elem,
    new_virtqueue,
    new_vq,
    new_vring,
)


class Pair:
    """A driver and a device on one ring, and how many descriptors each has ever written.

    sent: (token, segments) of what is available; held: (token, element) of what the device has popped
    done: (token, length) of what is used; added, used, taken: descriptors since the beginning
    """

    def __init__(self, size: int, *, indirect: bool = False, event: bool = False) -> None:
        self.vring = new_vring(size)
        self.driver = new_vq(self.vring, indirect=indirect, event=event)
        self.device = new_virtqueue(self.vring, event=event)
        self.sent: deque[tuple[int, list[tuple[int, int]]]] = deque()
        self.held: deque[tuple[int, Elem]] = deque()
        self.done: deque[tuple[int, int]] = deque()
        self.cost: dict[int, int] = {}
        self.added = self.popped = self.used = self.taken = self.token = 0

    def add(self, pieces: int) -> bool:
        self.token += 1
        sgs = [(4096 * self.token + n, 1 + n) for n in range(pieces)]
        room = self.driver.num_free >= (1 if self.driver.indirect and pieces > 1 else pieces)
        assert linux.virtqueue_add_packed(self.driver, sgs, 0, self.token) == room
        if room:
            self.sent.append((self.token, sgs))
            self.cost[self.token] = 1 if self.driver.indirect else pieces
            self.added += self.cost[self.token]
        return room

    def pop(self) -> bool:
        elem = qemu.virtqueue_packed_pop(self.device)
        assert (elem is not None) == bool(self.sent) and not self.device.broken
        if elem is None:
            return False
        token, sgs = self.sent.popleft()
        assert elem.in_ == sgs and not elem.out
        assert elem.ndescs == self.cost[token]
        self.popped += elem.ndescs
        self.held.append((token, elem))
        return True

    def push(self, count: int) -> None:
        """Use the oldest `count` that the device has, as one batch."""
        assert 0 < count <= len(self.held)
        for n in range(count):
            token, elem = self.held.popleft()
            qemu.virtqueue_packed_fill(self.device, elem, token % 7 + 1, n)
            self.done.append((token, token % 7 + 1))
            self.used += self.cost[token]
        qemu.virtqueue_flush(self.device, count)

    def take(self) -> bool:
        got = linux.virtqueue_get_buf_ctx_packed(self.driver)
        assert got == (self.done[0] if self.done else None) and not self.driver.broken
        if got is None:
            return False
        token, _ = self.done.popleft()
        self.taken += self.cost[token]
        return True

    def agree(self) -> None:
        """Each index with its wrap counter is what the number of descriptors says, modulo a lap and its wrap."""
        size, driver, device = self.vring.num, self.driver, self.device
        places = {
            self.added: (driver.next_avail_idx, driver.avail_wrap_counter),
            self.popped: (device.last_avail_idx, device.last_avail_wrap_counter),
            self.used: (device.used_idx, device.used_wrap_counter),
            self.taken: (linux.packed_last_used(driver.last_used_idx),
                         linux.packed_used_wrap_counter(driver.last_used_idx)),
        }  # fmt: skip
        for count, place in places.items():
            assert place == (count % size, 1 - count // size % 2)
        marked = driver.avail_used_flags == VRING_PACKED_DESC_F_AVAIL
        assert marked == bool(driver.avail_wrap_counter)
        assert driver.num_free == size - (self.added - self.taken)
        assert device.inuse == self.popped - self.used
        free, at = [], driver.free_head
        for _ in range(driver.num_free):
            free.append(at)
            at = driver.next[at]
        assert len({*free}) == driver.num_free
        assert all(driver.desc_state[i].data is None for i in free)
