"""The steps of a packed ring, taken alone, do what the sequential reference does, which has the wrap counters of the C.

As `tests/spec/reference`, whose situations and comparison these are.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests import alone
from tests.alone import Alone
from tests.spec.reference.compared import (
    TRIED,
    Compared,
    compare,
    ends,
    guest_idle,
    hardirq,
    main,
    main_idle,
    softirq,
    stands,
)
from tests.spec.reference.of_linux import at, interrupted, opens, scheduled
from tests.spec.reference.of_qemu import (
    can_send,
    counting,
    decided,
    kicked,
    packet_at,
    popped,
    sends,
    stopped,
)
from vrx.spec.layouts.packed.reference import DEVICE, DRIVER
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.reference import linux_virtio_net as net
from vrx.spec.reference import qemu_virtio_net
from vrx.spec.reference.rings import Element

SYSTEMS: dict[str, dict[str, Any]] = {
    "packed 1, flags": {"ring": "packed", "size": 1},
    "packed 2, event": {"ring": "packed", "size": 2, "event_idx": True},
    "packed 3, flags, tso": {"ring": "packed", "size": 3, "memory": "tso"},
    "packed 3, event, other cpu": {"ring": "packed", "size": 3, "event_idx": True, "memory": "tso", "irq": "other"},
    "packed 4, mergeable": {"ring": "packed", "size": 4, "event_idx": True, "mergeable": True, "max_packet": 4},
    "packed 5, mergeable": {"ring": "packed", "size": 5, "mergeable": True, "max_packet": 5},
    "packed 2, stops": {"ring": "packed", "size": 2, "stops": True, "memory": "tso"},
    "packed 2, data": {"ring": "packed", "size": 2, "data": True, "event_idx": True},
    "packed 3, data, tso": {"ring": "packed", "size": 3, "data": True, "memory": "tso", "filter": True},
    "packed 5, data, mergeable": {"ring": "packed", "size": 5, "data": True, "mergeable": True, "max_packet": 6},
    "packed 3, few elements": {"ring": "packed", "size": 3, "data": True, "mergeable": True, "max_packet": 5,
                               "max_elements": 2},
    "packed 7, big": {"ring": "packed", "size": 7, "data": True, "segments": 3, "max_packet": 8, "buffer_len": 3},
    "packed 2, big, tso": {"ring": "packed", "size": 2, "data": True, "segments": 2, "memory": "tso",
                           "event_idx": True, "max_packet": 4},
    "packed 7, lists merge": {"ring": "packed", "size": 7, "data": True, "mergeable": True, "segments": 3,
                              "max_packet": 9, "buffer_len": 3, "event_idx": True},
    "packed 3, tables": {"ring": "packed", "size": 3, "data": True, "segments": 3, "max_packet": 8, "buffer_len": 3,
                         "indirect": True, "event_idx": True},
}
alone.SYSTEMS.update(SYSTEMS)


def added(run: Alone) -> bool:
    """Was one more buffer made available?"""
    before = run.program.state.vq.num_free
    run.until(L.TRY_FILL_RECV, L.KICK_PREPARE)
    return bool(run.program.state.vq.num_free < before)


def taken(run: Alone) -> int | None:
    """The ID that virtqueue_get_buf_ctx() returns: the one whose token goes."""
    before = list(run.program.state.vq.token)
    run.until(L.MORE_USED, L.REFILL_TEST, L.RECEIVE_NUM, L.RECEIVE_HEADER, L.RECEIVE_DATA)
    gone = [n for n, (old, new) in enumerate(zip(before, run.program.state.vq.token, strict=True)) if old and not new]
    return gone[0] if gone else None


def opaque(run: Alone) -> int:
    run.until(L.NAPI_COMPLETE_DONE)
    return int(softirq(run.program.state).opaque)


def held(point: Q) -> Callable[[Any, random.Random], None]:
    """The main loop stands there with an element in hand, of any number of descriptors that one may have."""

    def enter(s: Any, rng: random.Random) -> None:
        packet_at(point, 1)(s, rng)
        if s.cfg.elements_differ:
            s.main.ndescs[0] = s.dev.inuse = rng.randint(1, s.cfg.size)

    return enter


def element(s: Any, n: int) -> Element:
    """The n-th element in hand."""
    return Element(s.main.elems[n], ndescs=s.main.ndescs[n] if s.cfg.elements_differ else 1)


def whole(s: Any, use: Callable[[], None]) -> None:
    """By a device that is not broken: virtio_net gives up where it is, and neither fills nor flushes."""
    broken, s.dev.broken = s.dev.broken, False
    use()
    s.dev.broken = broken


def fill(s: Any, run: Alone) -> None:
    n = s.main.filled
    whole(s, lambda: DEVICE.virtqueue_fill(s, element(s, n), s.main.lens[n] if s.cfg.data else 0, n))


BEGINS = (Q.DISABLE_LOAD, Q.RECEIVE_FILTER, Q.POP_EMPTY)
COMPARED = [
    Compared("virtqueue_add_packed", softirq, guest_idle, added, lambda s, run: DRIVER.virtqueue_add(s),
             at(L.TRY_FILL_RECV), partial=True),
    Compared("virtqueue_get_buf_ctx_packed", softirq, guest_idle, taken,
             lambda s, run: (DRIVER.virtqueue_get_buf_ctx(s) or [None])[0], at(L.MORE_USED), partial=True),
    Compared("virtqueue_disable_cb_packed", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: DRIVER.virtqueue_disable_cb(s), at(L.DISABLE_CB), partial=True),
    Compared("virtqueue_enable_cb_prepare_packed", softirq, guest_idle, opaque,
             lambda s, run: DRIVER.virtqueue_enable_cb_prepare(s), at(L.ENABLE_CB_PREPARE), partial=True),
    Compared("virtqueue_kick_prepare_packed", softirq, guest_idle, lambda run: run.until(L.NOTIFY, L.IDLE) == L.NOTIFY,
             lambda s, run: DRIVER.virtqueue_kick_prepare(s), at(L.KICK_PREPARE), partial=True),
    Compared("virtqueue_notify", softirq, guest_idle, ends(L.IDLE), lambda s, run: DRIVER.virtqueue_notify(s),
             at(L.NOTIFY), partial=True),
    Compared("vring_interrupt", hardirq, interrupted, ends(L.IDLE),
             lambda s, run: net.vring_interrupt(s, DRIVER, len(s.cpus) - 1), partial=True),
    Compared("virtnet_open", softirq, opens, ends(L.IDLE), lambda s, run: net.virtnet_open(s, DRIVER, 0), first=True,
             partial=True),
    Compared("try_fill_recv", softirq, guest_idle, ends(L.IDLE), lambda s, run: net.try_fill_recv(s, DRIVER),
             at(L.TRY_FILL_RECV), partial=True),
    Compared("net_rx_action", softirq, scheduled, ends(L.IDLE),
             lambda s, run: net_rx_action(s, run), partial=True),
    Compared("virtio_net_has_buffers", main, main_idle,
             lambda run: run.until(Q.POP_EMPTY, Q.RECEIVE_FILTER, Q.IDLE) != Q.IDLE,
             lambda s, run: qemu_virtio_net.virtio_net_has_buffers(s, DEVICE, s.main.size + s.cfg.header_len),
             packet_at(Q.CAN_RECEIVE), partial=True),
    Compared("virtqueue_packed_pop", main, main_idle, popped, lambda s, run: DEVICE.virtqueue_pop(s) is not None,
             packet_at(Q.POP_EMPTY), partial=True),
    Compared("virtio_queue_packed_empty", main, main_idle, lambda run: run.until(Q.NUM_HEADS, *BEGINS) == Q.NUM_HEADS,
             lambda s, run: DEVICE.virtio_queue_empty(s), packet_at(Q.EMPTY), partial=True,
             where=lambda cfg: not cfg.mergeable),
    Compared("virtqueue_packed_get_avail_bytes", main, main_idle,
             lambda run: run.until(Q.ENABLE_LOAD, *BEGINS) in BEGINS,
             lambda s, run: DEVICE.virtqueue_get_avail_bytes(s, s.main.size + s.cfg.header_len), counting,
             partial=True),
    Compared("virtqueue_unpop", main, main_idle, ends(Q.IDLE),
             lambda s, run: DEVICE.virtqueue_unpop(s, element(s, 0)), held(Q.UNPOP), partial=True),
    Compared("virtqueue_packed_fill", main, stands(main, Q.FILL), ends(Q.FILL, Q.FLUSH), fill, partial=True),
    Compared("virtqueue_packed_flush", main, stands(main, Q.FLUSH), ends(Q.SHOULD_NOTIFY),
             lambda s, run: whole(s, lambda: DEVICE.virtqueue_flush(s, s.main.held)), partial=True),
    Compared("virtio_notify", main, main_idle, ends(Q.IDLE), lambda s, run: DEVICE.virtio_notify(s),
             packet_at(Q.SHOULD_NOTIFY), partial=True),
    Compared("qemu_net_queue_send", main, can_send, sends, lambda s, run: sent(s, run), packets=True,
             partial=True),
    Compared("virtio_net_handle_rx", main, kicked, ends(Q.IDLE),
             lambda s, run: qemu_virtio_net.virtio_net_handle_rx(s, DEVICE), partial=True),
    Compared("vm_stop", main, main_idle, decided("vm_stop"), lambda s, run: qemu_virtio_net.vm_stop(s, DEVICE),
             where=lambda cfg: bool(cfg.stops), partial=True),
    Compared("vm_continue", main, stopped, decided("vm_continue"),
             lambda s, run: qemu_virtio_net.vm_continue(s, DEVICE), where=lambda cfg: bool(cfg.stops), partial=True),
]  # fmt: skip


def net_rx_action(s: Any, run: Alone) -> None:
    net.net_rx_action(s, DRIVER, 0, run.budget)


def sent(s: Any, run: Alone) -> None:
    identity = (1 if s.ghost.watched == 0 else 3) if s.cfg.packets else 0
    qemu_virtio_net.qemu_net_queue_send(s, DEVICE, run.budget, identity)


@pytest.mark.draws
@pytest.mark.parametrize("compared", COMPARED, ids=lambda c: c.name)
def test_the_steps_alone_do_what_the_reference_does(compared: Compared) -> None:
    """Of every function, in random situations, and where IDs, flags and events are damaged."""
    names = [name for name, options in SYSTEMS.items() if compared.where(alone.simulator(name).program.system.cfg)]

    @settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate))
    @given(st.sampled_from(names), st.integers(0, 1 << 30), st.integers(0, 600), st.sampled_from((0, 0, 1, 3)))
    def in_a_random_situation(name: str, seed: int, length: int, damage: int) -> None:
        compare(compared, "packed", name, seed, length, damage)

    in_a_random_situation()
    assert TRIED[compared.name, "packed"] >= 3, "too few situations had its entry"
