"""Bugs that need another peer than Linux or QEMU: a driver that only drains in its callback, a device out of order.

The callback driver is Linux's virtqueue under a driver without NAPI: it never disables
callbacks, and its interrupt handler takes every used buffer and refills.  So the event
index has to move with each buffer that it takes, which virtio_net never needs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from vrx.models.claims import Exhibit
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import System
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.driver_used import detach, unread, virtqueue_get_buf_ctx_split__more_used
from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.standard.peers import AnyDevice, Ring
from vrx.spec.linux.returns import got_buf
from vrx.spec.linux.state import HardIrq, L, Softirq
from vrx.spec.memory import load, store
from vrx.spec.properties import no_lost_interrupt, single_owner
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import HELD, OFFERED, USED, give
from vrx.spec.standard.properties import completed_comes_back
from vrx.spec.steps import require


def interrupts_one_by_one(s: Ring, me: HardIrq) -> None:
    """The interrupt reaches the CPU; a handler does not interrupt itself."""
    require(s.lines.irq and s.cpus[me.cpu].softirq.pc == L.IDLE)
    s.lines.irq = False
    me.goto(L.VRING_INTERRUPT)


def drains_in_its_callback(s: Ring, me: HardIrq) -> None:
    """The callback takes every used buffer.  (It goes on in the other context of the CPU, whose steps do that.)"""
    s.cpus[me.cpu].softirq.pc = L.MORE_USED
    me.goto(L.IDLE)


def fills_and_returns(s: Ring, me: Softirq) -> None:
    """Fill the ring before the first interrupt; there is no NAPI."""
    me.call(L.TRY_FILL_RECV, then=L.IDLE)


def refills_and_returns(s: Ring, me: Softirq, budget: int) -> None:
    """Nothing more is used: refill, kick, and return from the interrupt.  budget: there is none."""
    me.received = False
    me.call(L.TRY_FILL_RECV, then=L.IDLE)


def callback_driver(system: System) -> System:
    """Linux's virtqueue under a driver that only drains in its callback."""
    more = virtqueue_get_buf_ctx_split__more_used
    built = (
        system.replace("interrupt_delivered", interrupts_one_by_one)
        .replace("skb_recv_done", drains_in_its_callback)
        .replace("virtnet_open", fills_and_returns)
        .replace("virtnet_receive__refill", refills_and_returns, budget=1)
        .replace(more.__name__, more, exhausted=1)
    )
    return replace(built, changed=(*system.changed, "callbacks only"))


def skips_the_event_when_triggered(s: Ring, me: Softirq) -> None:
    """The event index is not written while event_triggered is set, and nobody clears that here."""
    if s.vq.event_triggered:  # type: ignore[union-attr]
        got_buf(s, me)  # type: ignore[arg-type]
    else:
        store(s, me, loc.used_event, unread(s, s.vq.last_used_idx))  # type: ignore[arg-type]
        me.goto(SplitL.GET_BUF_EVENT_MB)


def believes_in_order(s: Ring, me: Softirq) -> None:
    """The driver takes the buffer that it offered at this position, whatever the used entry says."""
    me.head = load(s, me, loc.avail_ring[slot(s.cfg, s.vq.last_used_idx)])
    detach(s, me)  # type: ignore[arg-type]


def takes_and_leaves_the_entry(s: Ring, me: AnyDevice) -> None:
    """The device takes the next offered buffer; the entry stays readable for its writer."""
    require(me.last_avail_idx != me.seen)
    if s.vq.avail_idx_shadow == me.last_avail_idx:
        s.ghost.misuse = True
    head = load(s, me, loc.avail_ring[slot(s.cfg, me.last_avail_idx)])
    give(s, head, OFFERED, HELD)
    me.has[head] = True
    me.last_avail_idx = idx_add(s.cfg, me.last_avail_idx, 1)


def uses_in_order(s: Ring, me: AnyDevice, head: int) -> None:
    """The device returns its buffers in the order in which they were offered."""
    require(me.has[head] and s.ring.avail_ring[slot(s.cfg, me.placed)] == head)
    give(s, head, HELD, USED, me.placed)
    me.has[head] = False
    store(s, me, loc.used_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)


def finds_up_to(s: Any, me: Any, head: int, most: Any) -> None:
    """Find a buffer among those that the device was given, of one descriptor each, looking at so many of them."""
    c = s.cfg
    given = idx_sub(c, me.last_avail_idx, me.placed)
    for k in range(c.size):
        here = slot(c, idx_add(c, me.placed, k))
        me.filled[here] = me.filled[here] | ((me.order[here] == head) & (k < given) & (k < most))


def distance(s: Any, me: Any) -> Any:
    """max_steps of virtqueue_ordered_fill(): how many were given, modulo the ring size."""
    return slot(s.cfg, idx_sub(s.cfg, me.last_avail_idx, me.placed))


def finds_to_the_end(s: Any, me: Any, head: int) -> None:
    """`while (steps <= max_steps)`: where the ring is full only the first buffer is looked at."""
    finds_up_to(s, me, head, distance(s, me) + 1)


def finds_all_but_the_end(s: Any, me: Any, head: int) -> None:
    """`while (steps < max_steps)`: where the ring is full no buffer is looked at."""
    finds_up_to(s, me, head, distance(s, me))


IN_ORDER_RING = peers(ring="packed", peer="any", in_order=True, size=2, max_packet=1)
CALLBACK = callback_driver(peers(peer="any-device", event_idx=True, idx_bits=2))
CALLBACK_QEMU = callback_driver(peers(event_idx=True, idx_bits=2, max_packet=1))
READABLE = peers(peer="any-device", size=2).replace("device_takes", takes_and_leaves_the_entry)
BELIEVER = READABLE.replace("virtqueue_get_buf_ctx_split__id", believes_in_order)
SKIP = "virtqueue_get_buf_ctx_split__event"


def exhibits() -> list[Exhibit]:
    """Every exhibit of this room."""
    return [
        Exhibit(
            "in-order-full-ring",
            "QEMU b44135daa372, changed in 6fcf5ebafad6",
            IN_ORDER_RING.replace("fills", finds_to_the_end, called="as in QEMU b44135daa372"),
            completed_comes_back,
            IN_ORDER_RING,
            note="the device is done with its second buffer first, while the ring is full: it does not find it, and "
            "never returns it; counted without the modulus it does",
            tier="full",
        ),
        Exhibit(
            "skip-event-in-callback",
            "Linux v2 of 6c0b057cec5e",
            CALLBACK.replace(SKIP, skips_the_event_when_triggered),
            no_lost_interrupt,
            CALLBACK,
            note="the event index is not written back while event_triggered is set: a driver that only drains is "
            "never interrupted again",
        ),
        Exhibit(
            "skip-event-in-callback-beside-qemu",
            "Linux v2 of 6c0b057cec5e",
            CALLBACK_QEMU.replace(SKIP, skips_the_event_when_triggered),
            no_lost_interrupt,
            CALLBACK_QEMU,
            note="the same beside QEMU",
        ),
        Exhibit(
            "believes-in-order",
            "DPDK 2d91b28730, on a split ring",
            BELIEVER,
            single_owner,
            READABLE,
            note="the driver takes buffers back in the order of its offers; beside a device that returns another one "
            "first it takes one that the device still has",
            tier="full",
        ),
    ]
