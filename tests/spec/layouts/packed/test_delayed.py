"""Interrupts with delay: where the steps ask for one is where the whole C function asks for one, around both ends."""

from __future__ import annotations

import pytest

from vrx.models.systems.system import rx
from vrx.proofs.delayed import beside_any_device, delayed
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.packed.driver import asked_for
from vrx.spec.layouts.packed.reference import linux_virtio_ring as linux
from vrx.spec.layouts.packed.reference.structs import new_vq, new_vring
from vrx.spec.ring import three_quarters


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_position_is_that_of_the_whole_function(size: int) -> None:
    for last in range(2 * size):
        for out in range(size + 1):
            s = delayed(size=size, event_idx=True).built().state
            s.vq.last_used_idx, s.vq.num_free = last, size - out
            vq = new_vq(new_vring(size), event=True)
            vq.last_used_idx, vq.num_free = last % size | (last < size) << 15, size - out
            linux.virtqueue_enable_cb_delayed_packed(vq)
            position = asked_for(s)
            assert vq.vring.driver.off_wrap == position % size | (position < size) << 15


def test_three_quarters_are_rounded_down() -> None:
    assert [three_quarters(n, 9) for n in range(10)] == [n * 3 // 4 for n in range(10)]


@pytest.mark.parametrize(
    "options", [{"irq": "other"}, {"busy_poll": "same"}, {"notify": False}, {"hostile": "driver"}, {"netpoll": "same"}]
)
def test_what_is_not_modelled_beside_it_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(BadConfiguration, match="enable_cb=delayed with"):
        rx(enable_cb="delayed", **options)


def test_it_is_refused_where_nothing_of_linux_is_left() -> None:
    with pytest.raises(BadConfiguration, match="use peer=any-device"):
        beside_any_device(peer="any-driver")
