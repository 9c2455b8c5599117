"""hw/net/virtio-net.c and net/queue.c, QEMU 7.2: the device's receive path, in sequence."""

from __future__ import annotations

from vrx.spec.reference.rings import DeviceRing, Element
from vrx.spec.rx import State
from vrx.spec.steps import mark


def virtio_net_has_buffers(s: State, ring: DeviceRing, wanted: int) -> bool:
    """Wait until the posted buffers hold the packet: look, ask for kicks, look again.  wanted: with the header."""
    while ring.virtio_queue_empty(s) or s.cfg.mergeable:
        if ring.virtqueue_get_avail_bytes(s, wanted):
            break
        if ring.virtio_queue_enable_notification_and_check(s, s.dev.shadow_avail_idx):
            mark(s, "the device's recheck finds work")
        else:
            return False
    ring.virtio_queue_set_notification(s, False)
    return True


def virtio_net_receive_rcu(s: State, ring: DeviceRing, size: int, packet: int, refused: bool = False) -> int:
    """Receive a packet: how much of it, 0 to have it queued, -1 where it is lost.

    packet: whose it is; refused: by the receive filter
    """
    cfg = s.cfg
    if not s.net.running:
        mark(s, "not ready")
        return -1
    if not virtio_net_has_buffers(s, ring, size + cfg.header_len):
        return 0
    if refused:
        mark(s, "a packet is filtered out")
        return size
    elems: list[tuple[Element, int]] = []
    offset = 0
    while offset < size:
        if elems and len(elems) >= cfg.max_elements:
            mark(s, "a packet takes too many elements")
            ring.virtio_error(s)
            return _err(s, ring, elems, size)
        elem = ring.virtqueue_pop(s)
        if elem is None:
            mark(s, "virtqueue_pop returns nothing")
            if elems:
                mark(s, "the queue is empty after a first element")
                s.dev.broken = True
            return _err(s, ring, elems, -1)
        if cfg.data and not elem.sg:
            mark(s, "an element has no in buffers")
            ring.virtio_error(s)
            return _err(s, ring, [*elems, (elem, 0)], -1)
        total = 0
        if cfg.data and not elems:
            receive_header(s, elem, size, packet)
            total = cfg.hdr_len
        copied = iov_from_buf(s, elem, total, offset, size - offset, packet) if cfg.data else 1
        offset += copied
        if not cfg.mergeable and offset < size:
            ring.virtqueue_unpop(s, elem)
            mark(s, "a packet is dropped")
            return size
        elems.append((elem, total + copied))
    if cfg.data and cfg.mergeable:
        s.contents.num[elems[0][0].sg[0][0] - 1] = len(elems)
    for n, (elem, length) in enumerate(elems):
        ring.virtqueue_fill(s, elem, length, n)
    ring.virtqueue_flush(s, len(elems))
    ring.virtio_notify(s)
    return size


def _err(s: State, ring: DeviceRing, elems: list[tuple[Element, int]], result: int) -> int:
    for elem, _ in elems:
        ring.virtqueue_detach_element(s, elem)
    return result


def receive_header(s: State, elem: Element, size: int, packet: int) -> None:
    """Write the header into the first piece of the first buffer."""
    first = elem.sg[0][0] - 1
    s.contents.header[first], s.contents.total[first] = packet, size


def iov_from_buf(s: State, elem: Element, skip: int, begin: int, left: int, packet: int) -> int:
    """Copy as much of the packet as the buffer holds behind `skip`; how much.  begin: from there in the packet."""
    contents = s.contents
    done = 0
    for addr, length in elem.sg:
        room = length - skip
        skip = max(0, skip - length)
        if room <= 0:
            continue
        n = min(left - done, room)
        if n == 0:
            break
        contents.data[addr - 1], contents.begin[addr - 1], contents.len[addr - 1] = packet, begin + done, n
        done += n
    return done


def qemu_net_queue_send(s: State, ring: DeviceRing, size: int, packet: int) -> None:
    """A packet arrives: queued while the device is not to be disturbed, else offered."""
    if s.net.receive_disabled or not s.net.running:
        s.net.queued, s.net.queued_mark = size, packet
    else:
        qemu_net_queue_deliver(s, ring, size, packet)


def qemu_net_queue_deliver(s: State, ring: DeviceRing, size: int, packet: int) -> None:
    """Offer a packet; where the device takes nothing of it, it waits and the sender stops."""
    if virtio_net_receive_rcu(s, ring, size, packet) == 0:
        mark(s, "the device parks")
        s.net.queued, s.net.queued_mark = size, packet
        s.net.receive_disabled = True


def virtio_net_handle_rx(s: State, ring: DeviceRing) -> None:
    """A kick: offer the queued packet again."""
    s.lines.kick = False
    if s.dev.broken:  # virtio_queue_notify_vq()
        return
    if s.net.receive_disabled:
        mark(s, "a parked device is woken")
    qemu_flush_queued_packets(s, ring)


def qemu_flush_queued_packets(s: State, ring: DeviceRing) -> None:
    """Offer what waits in the queue again."""
    s.net.receive_disabled = False
    size, packet = s.net.queued, s.net.queued_mark
    if size:
        s.net.queued = s.net.queued_mark = 0
        qemu_net_queue_deliver(s, ring, size, packet)


def vm_stop(s: State, ring: DeviceRing) -> None:
    """The machine stops: what was kicked is handled, what waits is flushed, by a device that may not receive."""
    s.net.running = False
    mark(s, "a kick is consumed at a stop", when=s.lines.kick)
    s.lines.kick = False  # handled at once: the flush that the kick asks for is the one that comes anyway
    qemu_flush_queued_packets(s, ring)


def vm_continue(s: State, ring: DeviceRing) -> None:
    """The machine goes on: flush, then kick what the ring may hold."""
    s.net.running = True
    mark(s, "what came meanwhile is offered", when=s.net.queued != 0)
    qemu_flush_queued_packets(s, ring)
    s.lines.kick = True
