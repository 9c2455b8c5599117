"""A packed ring as a reader of the C would write it down, for the functions of `spec.reference`.

`structs` has what the functions work on, with the wrap counters of the C beside its
indices: no index there counts modulo 2N.  So what the steps compute with theirs is compared
with another representation, and not with the same one written twice.  `translation` goes from one to the other.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.packed.memory import loc
from vrx.spec.layouts.packed.reference import linux_virtio_ring as linux
from vrx.spec.layouts.packed.reference import qemu_virtio as qemu
from vrx.spec.layouts.packed.reference.structs import Desc, Elem, VirtQueue, Vq
from vrx.spec.layouts.packed.reference.translation import on_device, on_driver, unpacked, virtqueue_of
from vrx.spec.memory import fresh
from vrx.spec.reference.rings import DeviceRing, DriverRing, Element


def _add(s: Any) -> bool:
    head, segments = s.vq.free_head, s.cfg.segments
    pieces = [head * segments + n for n in range(segments)]
    sgs = [(piece + 1, s.cfg.segment_len(n)) for n, piece in enumerate(pieces)] if s.cfg.data else [(1, 1)]
    added = on_driver(linux.virtqueue_add_packed)(s, sgs, 0, head)
    for piece in pieces if added and s.cfg.data else ():
        fresh(s, loc.header[piece])
        fresh(s, loc.piece[piece])
        if s.cfg.mergeable:
            fresh(s, loc.num_buffers[piece])
    return added


def _get_buf(vq: Vq) -> tuple[int, int] | None:
    at = linux.packed_last_used(vq.last_used_idx)
    got = linux.virtqueue_get_buf_ctx_packed(vq)
    if got is None:
        return None
    head, length = got
    assert isinstance(head, int)
    for n in range(vq.desc_state[head].num):
        here = (at + n) % vq.vring.num
        vq.vring.desc[here] = Desc(0, 0, 0, vq.vring.desc[here].flags)  # dead
    return head, length


def _enable_cb_prepare(vq: Vq) -> int:
    return unpacked(vq.vring.num, linux.virtqueue_enable_cb_prepare_packed(vq))


def _poll(vq: Vq, opaque: int) -> bool:
    size = vq.vring.num
    return linux.virtqueue_poll_packed(vq, opaque % size | (1 << 15 if opaque < size else 0))


def _notify(s: Any) -> None:
    if not s.vq.broken:
        s.lines.kick = True


def _enough(vq: VirtQueue, wanted: int) -> bool:
    try:
        return qemu.virtqueue_packed_get_avail_bytes(vq, wanted, 0)[0] >= wanted
    except qemu.Aborted:
        qemu.virtio_error(vq)
        return False


def _enable_and_check(vq: VirtQueue, opaque: int) -> bool:
    return qemu.virtio_queue_enable_notification_and_check(vq, opaque % vq.vring.num)


def _pop(vq: VirtQueue) -> Element | None:
    try:
        elem = qemu.virtqueue_packed_pop(vq)
    except qemu.Aborted:
        qemu.virtio_error(vq)
        return None
    return Element(elem.index, elem.in_, elem.ndescs) if elem else None


def _fill(vq: VirtQueue, elem: Element, length: int, n: int) -> None:
    qemu.virtqueue_packed_fill(vq, Elem(elem.head, elem.ndescs), length, n)


def _unpop(vq: VirtQueue, elem: Element) -> None:
    qemu.virtqueue_unpop(vq, Elem(elem.head, elem.ndescs))


def _detach(vq: VirtQueue, elem: Element) -> None:
    qemu.virtqueue_detach_element(vq, Elem(elem.head, elem.ndescs))


def _flush(vq: VirtQueue, count: int) -> None:
    qemu.virtqueue_flush(vq, count)
    for elem in vq.used_elems:
        elem.index = elem.len = elem.ndescs = 0  # dead


def _should_notify(vq: VirtQueue) -> bool:
    wanted = qemu.virtio_packed_should_notify(vq)
    if not vq.event:
        vq.signalled_used, vq.signalled_used_valid = 0, False  # dead: no flags refer to an event
    return wanted


def _virtio_notify(s: Any) -> None:
    if on_device(_should_notify)(s):
        s.lines.irq = True


def _empty(s: Any) -> bool:
    """A question: nothing changes."""
    return qemu.virtio_queue_packed_empty(virtqueue_of(s))


DRIVER = DriverRing(
    more_used=on_driver(linux.vring_interrupt),
    virtqueue_add=_add,
    virtqueue_get_buf_ctx=on_driver(_get_buf),
    virtqueue_disable_cb=on_driver(linux.virtqueue_disable_cb_packed),
    virtqueue_enable_cb_prepare=on_driver(_enable_cb_prepare),
    virtqueue_poll=on_driver(_poll),
    virtqueue_kick_prepare=on_driver(linux.virtqueue_kick_prepare_packed),
    virtqueue_notify=_notify,
)
DEVICE = DeviceRing(
    virtio_error=on_device(qemu.virtio_error),
    virtio_queue_empty=_empty,
    virtqueue_get_avail_bytes=on_device(_enough),
    virtio_queue_set_notification=on_device(qemu.virtio_queue_packed_set_notification),
    virtio_queue_enable_notification_and_check=on_device(_enable_and_check),
    virtqueue_pop=on_device(_pop),
    virtqueue_unpop=on_device(_unpop),
    virtqueue_detach_element=on_device(_detach),
    virtqueue_fill=on_device(_fill),
    virtqueue_flush=on_device(_flush),
    virtio_notify=_virtio_notify,
)
