"""The sequential reference of a packed ring where one side says what it may not: what becomes of the other."""

from __future__ import annotations

import pytest

from tests.spec.layouts.packed.pair import Pair
from vrx.spec.layouts.packed.reference import linux_virtio_ring as linux
from vrx.spec.layouts.packed.reference import qemu_virtio as qemu
from vrx.spec.layouts.packed.reference.structs import (
    DESC_BYTES,
    VRING_DESC_F_INDIRECT,
    VRING_DESC_F_NEXT,
    VRING_DESC_F_WRITE,
    VRING_PACKED_DESC_F_AVAIL,
    Desc,
    new_virtqueue,
    new_vring,
)


def available(flags: int, addr: int = 4096, length: int = 8, buffer_id: int = 0) -> Desc:
    return Desc(addr, length, buffer_id, flags | VRING_PACKED_DESC_F_AVAIL)


@pytest.mark.parametrize(
    ("desc", "table"),
    [
        (available(VRING_DESC_F_WRITE, length=0), None),
        (available(VRING_DESC_F_WRITE, addr=0), None),
        (available(VRING_DESC_F_INDIRECT, length=DESC_BYTES + 1), [Desc(8, 8, 0, 2)]),
        (available(VRING_DESC_F_INDIRECT, addr=0, length=DESC_BYTES), None),
        (available(VRING_DESC_F_INDIRECT, length=2 * DESC_BYTES), [Desc(8, 8, 0, 2), Desc(8, 8, 0, 0)]),
        (available(VRING_DESC_F_WRITE | VRING_DESC_F_NEXT), None),
    ],
)
def test_what_no_driver_may_say_breaks_the_device(desc: Desc, table: list[Desc] | None) -> None:
    """A length of nothing, a table of odd length or nowhere, a readable piece behind a writable one, no end."""
    vring = new_vring(3)
    device = new_virtqueue(vring)
    vring.desc[:] = [desc, available(VRING_DESC_F_WRITE | VRING_DESC_F_NEXT), available(VRING_DESC_F_WRITE | 1)]
    if table:
        vring.tables[4096] = table
    assert qemu.virtqueue_packed_pop(device) is None
    assert device.broken
    assert not qemu.virtio_queue_packed_empty(device), "a broken device is asked as well"


def test_a_table_of_no_length_ends_qemu() -> None:
    """The split ring's functions refuse it; the packed ones map it, and an assertion fails."""
    vring = new_vring(2)
    vring.desc[0] = available(VRING_DESC_F_INDIRECT, length=0)
    for ask in (lambda d: qemu.virtqueue_packed_get_avail_bytes(d, 1, 0), qemu.virtqueue_packed_pop):
        with pytest.raises(qemu.Aborted):
            ask(new_virtqueue(vring))


def test_next_beside_indirect_is_not_looked_at() -> None:
    vring = new_vring(2)
    vring.desc[0] = available(VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, length=DESC_BYTES)
    vring.tables[4096] = [Desc(8, 8, 0, VRING_DESC_F_WRITE)]
    elem = qemu.virtqueue_packed_pop(new_virtqueue(vring))
    assert elem is not None and (elem.ndescs, elem.in_) == (1, [(8, 8)])


@pytest.mark.parametrize("buffer_id", [3, 65535, 1])
def test_an_id_that_is_not_out_breaks_the_driver(buffer_id: int) -> None:
    pair = Pair(3)
    pair.add(1)
    pair.vring.desc[0] = Desc(0, 8, buffer_id, VRING_PACKED_DESC_F_AVAIL | 1 << 15)
    assert linux.virtqueue_get_buf_ctx_packed(pair.driver) is None
    assert pair.driver.broken and not linux.virtqueue_add_packed(pair.driver, [(1, 1)], 0, "token")
    assert not linux.vring_interrupt(pair.driver)


def test_a_broken_device_counts_elements_where_it_had_counted_descriptors() -> None:
    """A flush of a broken device takes one off for each element, although inuse counts descriptors."""
    pair = Pair(4)
    pair.add(3)
    pair.pop()
    qemu.virtio_error(pair.device)
    qemu.virtqueue_flush(pair.device, 1)
    assert pair.device.inuse == 2
