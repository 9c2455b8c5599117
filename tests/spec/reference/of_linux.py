"""The driver's functions: the situations in which each begins, and what it returns."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.alone import Alone
from tests.spec.reference.compared import Compared, ends, guest_idle, hardirq, nothing, softirq, stands
from vrx.spec.layouts.split.reference import DRIVER
from vrx.spec.layouts.split.reference import linux_virtio_ring as ring
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.reference import linux_napi
from vrx.spec.reference import linux_virtio_net as net


def at(point: L) -> Callable[[SplitState, random.Random], None]:
    """The softirq, idle before, is at this point."""

    def enter(s: SplitState, rng: random.Random) -> None:
        softirq(s).pc = point

    return enter


def worked(point: L) -> Callable[[SplitState, random.Random], None]:
    """The softirq, idle before, is at this point; with a timer it may have taken a buffer, and the count run."""

    def enter(s: SplitState, rng: random.Random) -> None:
        at(point)(s, rng)
        if s.deferral:
            softirq(s).received = rng.random() < 0.5
            s.deferral.count = rng.randint(0, s.cfg.defer_hard_irqs)

    return enter


def interrupted(s: SplitState) -> bool:
    return bool(s.lines.irq and hardirq(s).pc == L.IDLE and s.net.running)


def scheduled(s: SplitState) -> bool:
    return s.napi.poll_list == 1 and guest_idle(s)


def opens(s: SplitState) -> bool:
    return bool(softirq(s).pc == L.OPEN_FILL)


def taken(run: Alone) -> int | None:
    """The head that virtqueue_get_buf_ctx() returns: the one whose token goes."""
    before = list(run.program.state.vq.token)
    run.until(L.MORE_USED, L.REFILL_TEST, L.RECEIVE_NUM, L.RECEIVE_HEADER, L.RECEIVE_DATA)
    gone = [n for n, (old, new) in enumerate(zip(before, run.program.state.vq.token, strict=True)) if old and not new]
    return gone[0] if gone else None


def begins_to_receive(s: SplitState) -> bool:
    """receive_buf() has found that the length is not too small, and nothing of the packet is read."""
    me = softirq(s)
    first = L.RECEIVE_NUM if s.cfg.mergeable else L.RECEIVE_HEADER
    return me.pc == first and s.cpus[0].hardirq.pc == L.IDLE and s.net.running


def bad_packet(s: SplitState, rng: random.Random) -> None:
    """receive_mergeable() throws away what is left of a packet."""
    softirq(s).pc = L.DISCARD
    softirq(s).num_buf = rng.randint(1, s.cfg.size)


def opaque(run: Alone) -> int:
    run.until(L.NAPI_COMPLETE_DONE)
    return int(softirq(run.program.state).opaque)


def completes(reference: Callable[..., Any], *first: Any) -> Callable[[SplitState, Alone], Any]:
    """What a poll has taken is an argument here, and no local variable of anybody."""

    def complete(s: SplitState, run: Alone) -> Any:
        work, softirq(s).received = softirq(s).received, False
        return reference(s, *first, 0, work)

    return complete


def head_of(buf: tuple[int, int] | None) -> int | None:
    return buf[0] if buf else None


COMPARED = [
    Compared("virtqueue_add_split", softirq, guest_idle,
             lambda run: run.until(L.TRY_FILL_RECV, L.KICK_PREPARE) and "virtqueue_add_split__idx" in run.seen,
             lambda s, run: ring.virtqueue_add_split(s), at(L.TRY_FILL_RECV), partial=True),
    Compared("virtqueue_notify", softirq, guest_idle, ends(L.IDLE), lambda s, run: ring.virtqueue_notify(s),
             at(L.NOTIFY)),
    Compared("virtqueue_poll", softirq, stands(softirq, L.VIRTQUEUE_POLL),
             lambda run: run.until(L.NAPI_SCHEDULE_PREP, L.IDLE) != L.IDLE,
             lambda s, run: ring.virtqueue_poll(s, softirq(s).opaque), partial=True),
    Compared("napi_schedule_prep", softirq, guest_idle, lambda run: run.until(L.DISABLE_CB, L.IDLE) == L.DISABLE_CB,
             lambda s, run: linux_napi.napi_schedule_prep(s), at(L.NAPI_SCHEDULE_PREP)),
    Compared("napi_schedule", softirq, guest_idle, ends(L.IDLE), lambda s, run: linux_napi.napi_schedule(s, 0),
             at(L.NAPI_SCHEDULE)),
    Compared("napi_complete_done", softirq, guest_idle,
             lambda run: run.until(L.VIRTQUEUE_POLL, L.DISABLE_CB) == L.VIRTQUEUE_POLL,
             completes(linux_napi.napi_complete_done), worked(L.NAPI_COMPLETE_DONE)),
    Compared("receive_buf", softirq, begins_to_receive, ends(L.MORE_USED),
             lambda s, run: net.receive_buf(s, DRIVER, softirq(s).head, softirq(s).length, []), partial=True,
             where=lambda cfg: bool(cfg.data)),
    Compared("receive_mergeable", softirq, begins_to_receive, ends(L.MORE_USED),
             lambda s, run: net.receive_mergeable(s, DRIVER, softirq(s).head, softirq(s).length, []), partial=True,
             where=lambda cfg: cfg.data and cfg.mergeable),
    Compared("discard", softirq, guest_idle, ends(L.MORE_USED),
             lambda s, run: net.discard(s, DRIVER, softirq(s).num_buf + 1), bad_packet, partial=True,
             where=lambda cfg: cfg.data and cfg.mergeable),
    Compared("virtqueue_get_buf_ctx_split", softirq, guest_idle, taken,
             lambda s, run: head_of(ring.virtqueue_get_buf_ctx_split(s)), at(L.MORE_USED), partial=True),
    Compared("virtqueue_disable_cb_split", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: ring.virtqueue_disable_cb_split(s), at(L.DISABLE_CB)),
    Compared("virtqueue_enable_cb_prepare_split", softirq, guest_idle, opaque,
             lambda s, run: ring.virtqueue_enable_cb_prepare_split(s), at(L.ENABLE_CB_PREPARE), partial=True),
    Compared("virtqueue_kick_prepare_split", softirq, guest_idle, lambda run: run.until(L.NOTIFY, L.IDLE) == L.NOTIFY,
             lambda s, run: ring.virtqueue_kick_prepare_split(s), at(L.KICK_PREPARE), partial=True),
    Compared("virtqueue_napi_complete", softirq, guest_idle, ends(L.IDLE),
             completes(linux_napi.virtqueue_napi_complete, DRIVER), worked(L.ENABLE_CB_PREPARE)),
    Compared("virtqueue_napi_schedule", softirq, guest_idle, ends(L.IDLE),
             lambda s, run: linux_napi.virtqueue_napi_schedule(s, DRIVER, 0), at(L.NAPI_SCHEDULE_PREP)),
    Compared("vring_interrupt", hardirq, interrupted, ends(L.IDLE),
             lambda s, run: net.vring_interrupt(s, DRIVER, len(s.cpus) - 1)),
    Compared("virtnet_open", softirq, opens, ends(L.IDLE), lambda s, run: net.virtnet_open(s, DRIVER, 0), first=True),
    Compared("try_fill_recv", softirq, guest_idle, ends(L.IDLE), lambda s, run: net.try_fill_recv(s, DRIVER),
             at(L.TRY_FILL_RECV)),
    Compared("virtnet_receive", softirq, guest_idle, ends(L.POLL_DONE),
             lambda s, run: nothing(net.virtnet_receive(s, DRIVER, run.budget, [])), at(L.MORE_USED), partial=True),
    Compared("net_rx_action", softirq, scheduled, ends(L.IDLE),
             lambda s, run: nothing(net.net_rx_action(s, DRIVER, 0, run.budget))),
]  # fmt: skip
