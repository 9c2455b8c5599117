"""drivers/net/virtio_net.c: the receive callback, the poll, and the refill."""

from __future__ import annotations

from vrx.spec.contents import loc
from vrx.spec.linux.napi import whole_budget_used
from vrx.spec.linux.returns import drop_used_entry
from vrx.spec.linux.state import HardIrq, L, Softirq
from vrx.spec.memory import load
from vrx.spec.rx import State, fate
from vrx.spec.steps import Machine, mark

virtio_net = Machine("drivers/net/virtio_net.c")


@virtio_net.step(at=L.OPEN_FILL)
def virtnet_open(s: State, me: Softirq) -> None:
    """Fill the ring for the first time, then enable the NAPI.

    C: virtnet_open(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    me.call(L.TRY_FILL_RECV, then=L.OPEN_NAPI_ENABLE if s.cfg.notify else L.IDLE)


@virtio_net.step(at=L.OPEN_NAPI_SCHEDULE, only="notify")
def virtnet_napi_enable(s: State, me: Softirq) -> None:
    """Schedule one poll, for what the device may have used before the NAPI was enabled.

    C: virtnet_napi_enable(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)


@virtio_net.step(at=L.SKB_RECV_DONE, only="notify")
def skb_recv_done(s: State, me: HardIrq) -> None:
    """The receive callback: schedule the NAPI.

    C: skb_recv_done(), virtqueue_napi_schedule(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    me.call(L.NAPI_SCHEDULE_PREP, then=L.IDLE)


@virtio_net.step(at=L.VIRTNET_POLL, only="notify")
def virtnet_poll(s: State, me: Softirq) -> None:
    """A poll begins: callbacks off, then receive.

    C: virtnet_poll(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    me.call(L.DISABLE_CB, then=L.MORE_USED)


@virtio_net.step(at=L.RECEIVE_DATA, only="watch !data")
def receive_buf__data(s: State, me: Softirq) -> None:
    """Hand the packet to the network layer: its fate is to be delivered.

    C: receive_buf(), receive_small(), napi_gro_receive(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    packet = load(s, me, loc.data[me.head])
    if packet == 0:
        s.ghost.torn = True
    else:
        fate(s, packet, 1)
    drop_used_entry(s, me)
    me.goto(L.MORE_USED)


@virtio_net.step(at=L.REFILL_TEST, budget="size")
def virtnet_receive__refill(s: State, me: Softirq, budget: int) -> None:
    """Refill when more than half of min(budget, ring size) is free.  budget: 1 + the choice.

    C: virtnet_receive(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    if not s.cfg.gro_flush_timeout:  # else napi_complete_done() asks for it
        me.received = False
    after = L.POLL_DONE if s.cfg.notify else L.IDLE
    if refill_wanted(s, budget + 1):
        mark(s, "refill")
        me.call(L.TRY_FILL_RECV, then=after)
    else:
        me.goto(after)


@virtio_net.helper
def refill_wanted(s: State, budget: int) -> bool:
    """The test of virtnet_receive(), see `more_than_half`."""
    return more_than_half(s.vq.num_free, budget)


def more_than_half(num_free: int, budget: int) -> bool:
    """More than half of min(budget, ring size) is free.  budget: at most the ring size; larger ones do the same.

    C: virtnet_receive(), drivers/net/virtio_net.c, Linux 6.1: num_free > min(budget, size) / 2, on integers
    """
    return 2 * num_free > budget


@virtio_net.step(at=L.POLL_DONE, only="notify")
def virtnet_poll__done(s: State, me: Softirq) -> None:
    """The whole budget used: stay on the list.  Else complete.

    C: virtnet_poll(), drivers/net/virtio_net.c; napi_poll(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    if me.exhausted:
        mark(s, "budget exhausted")
        me.exhausted = False
        if s.cfg.gro_flush_timeout:
            me.received = False
        whole_budget_used(s, me)
    else:
        me.goto(L.ENABLE_CB_PREPARE)
