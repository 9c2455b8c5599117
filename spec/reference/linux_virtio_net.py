"""drivers/net/virtio_net.c, Linux 6.1: interrupt, poll, receive, refill, in sequence."""

from __future__ import annotations

from vrx.spec.linux.returns import DROP, LENGTH_ERROR
from vrx.spec.linux.virtio_net import more_than_half
from vrx.spec.reference.linux_napi import virtqueue_napi_complete, virtqueue_napi_schedule
from vrx.spec.reference.rings import DriverRing
from vrx.spec.rx import State
from vrx.spec.steps import mark

Delivered = list[tuple[int, int]]
"""Packets handed to the network layer: whose (spec.qemu.state.Identity), and how long."""


def vring_interrupt(s: State, ring: DriverRing, cpu: int) -> None:
    """An interrupt: schedule the NAPI, unless nothing is used or the ring is broken."""
    s.lines.irq = False
    if ring.more_used(s):
        virtqueue_napi_schedule(s, ring, cpu)


def virtnet_open(s: State, ring: DriverRing, cpu: int) -> None:
    """Fill the ring, give the NAPI free, and schedule one poll."""
    try_fill_recv(s, ring)
    s.napi.sched = False  # napi_enable()
    virtqueue_napi_schedule(s, ring, cpu)


def net_rx_action(s: State, ring: DriverRing, cpu: int, budget: int) -> Delivered:
    """The softirq takes the NAPI off its list and polls it."""
    s.napi.poll_list = 0
    return virtnet_poll(s, ring, cpu, budget)


def virtnet_poll(s: State, ring: DriverRing, cpu: int, budget: int) -> Delivered:
    """Receive; then complete, or stay on the list where the budget is used up."""
    ring.virtqueue_disable_cb(s)
    delivered: Delivered = []
    packets = virtnet_receive(s, ring, budget, delivered)
    if packets < budget:
        virtqueue_napi_complete(s, ring, cpu, packets > 0)
    else:
        mark(s, "budget exhausted")
        s.napi.poll_list = cpu + 1
    return delivered


def virtnet_receive(s: State, ring: DriverRing, budget: int, delivered: Delivered) -> int:
    """Take packets as far as the budget goes, then refill if more than half of it is free; how many packets."""
    packets = 0
    while packets < budget and (buf := ring.virtqueue_get_buf_ctx(s)) is not None:
        if s.cfg.data:
            receive_buf(s, ring, *buf, delivered)
        packets += 1
    if more_than_half(s.vq.num_free, min(budget, s.cfg.size)):
        mark(s, "refill")
        try_fill_recv(s, ring)
    return packets


def try_fill_recv(s: State, ring: DriverRing) -> None:
    """Post buffers until no descriptor is free, then kick."""
    while ring.virtqueue_add(s) and s.vq.num_free:
        pass
    if ring.virtqueue_kick_prepare(s):
        ring.virtqueue_notify(s)


def receive_buf(s: State, ring: DriverRing, head: int, length: int, delivered: Delivered) -> None:
    """A packet begins in this buffer: deliver it, or count why not."""
    cfg = s.cfg
    if length < cfg.hdr_len + cfg.eth_len:
        mark(s, "short packet")
        mark(s, LENGTH_ERROR)
    elif cfg.mergeable:
        receive_mergeable(s, ring, head, length, delivered)
    elif length > cfg.capacity:
        if cfg.segments == 1:
            mark(s, LENGTH_ERROR)  # receive_big() counts the drop only
        mark(s, DROP)
    else:
        packet = _header(s, head)
        _pages(s, head, length - cfg.hdr_len)
        delivered.append((packet, length - cfg.hdr_len))


def receive_mergeable(s: State, ring: DriverRing, head: int, length: int, delivered: Delivered) -> None:
    """Gather a packet from its buffers; one that is missing, or too long, costs the packet."""
    cfg, contents = s.cfg, s.contents
    first = head * cfg.segments
    left = contents.num[first]
    contents.num[first] = 0  # dead
    if length > cfg.capacity:
        mark(s, LENGTH_ERROR)
        discard(s, ring, left)
        return
    packet = _header(s, head)
    size = length - cfg.hdr_len
    _pages(s, head, size)
    while left := left - 1 & (1 << cfg.num_bits) - 1:  # num_buffers of 0 goes all the way around, as in the C
        buf = ring.virtqueue_get_buf_ctx(s)
        if buf is None:
            _missing(s)
            return
        if buf[1] > cfg.capacity:
            mark(s, LENGTH_ERROR)
            discard(s, ring, left)
            return
        _pages(s, *buf, first=0)
        size += buf[1]
    delivered.append((packet, size))


def discard(s: State, ring: DriverRing, left: int) -> None:
    """err_skb of receive_mergeable(): take the packet's other buffers and throw them away.  left: with this one."""
    for _ in range(left - 1):
        if ring.virtqueue_get_buf_ctx(s) is None:
            _missing(s)
            return
    mark(s, DROP)


def _missing(s: State) -> None:
    mark(s, "a buffer of a packet is missing")
    mark(s, LENGTH_ERROR)
    mark(s, DROP)


def _header(s: State, head: int) -> int:
    """Whose header it is."""
    at = head * s.cfg.segments
    packet: int = s.contents.header[at]
    s.contents.header[at] = s.contents.total[at] = 0  # dead
    return packet


def _pages(s: State, head: int, length: int, first: int = 1) -> None:
    """page_to_skb(): the data of a small buffer, or of the pages of a big one as far as the length goes.

    first: the page in which they begin
    """
    cfg = s.cfg
    for n in range(min(first, cfg.segments - 1), cfg.segments):
        _read(s, head * cfg.segments + n)
        length -= cfg.segment_len(n)
        if length <= 0:
            break


def _read(s: State, piece: int) -> None:
    contents = s.contents
    contents.data[piece] = contents.begin[piece] = contents.len[piece] = 0  # dead
