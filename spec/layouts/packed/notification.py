"""Whether a position was passed: the test of both sides, as the C writes it.

`off_wrap` is a ring index here, which has the position and the wrap counter of the C's word.
"""

from __future__ import annotations

from vrx.spec.ring import Indexed
from vrx.spec.words import pick, u16


def need_event(c: Indexed, off_wrap: int, new: int, wraps: int, old: int) -> bool:
    """Was the position passed on the way from `old` to `new`?

    A position of the other wrap counter lies one ring size further back.

    off_wrap: a ring index; new: a position, 0..size-1; wraps: a ring index with the wrap counter of new;
    old: where the way began, modulo 2**16, and negative for a position of the lap before

    C: vring_need_event(), include/uapi/linux/virtio_ring.h; virtqueue_kick_prepare_packed(),
    drivers/virtio/virtio_ring.c, Linux 6.1
    C: vring_packed_need_event(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    position = pick(off_wrap < c.size, off_wrap, off_wrap - c.size)
    other_lap = pick(off_wrap < c.size, pick(wraps < c.size, 0, c.size), pick(wraps < c.size, c.size, 0))
    return u16(new - (position - other_lap) - 1) < u16(new - old)
