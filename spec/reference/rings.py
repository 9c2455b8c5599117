"""A ring's functions as their callers see them: a table for each layout (`spec.layouts.split.reference`).

In the C these are a branch each, `vq->packed_ring ? ..._packed() : ..._split()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class DriverRing:
    """drivers/virtio/virtio_ring.c.

    more_used: is there a used buffer for vring_interrupt(), which leaves the hint that its event was passed
    virtqueue_add: one more buffer; false where no descriptor is free
    virtqueue_get_buf_ctx: the next used buffer, its head and length, or None
    virtqueue_enable_cb_prepare: what virtqueue_poll is to be asked with
    """

    more_used: Callable[[Any], bool]
    virtqueue_add: Callable[[Any], bool]
    virtqueue_get_buf_ctx: Callable[[Any], tuple[int, int] | None]
    virtqueue_disable_cb: Callable[[Any], None]
    virtqueue_enable_cb_prepare: Callable[[Any], int]
    virtqueue_poll: Callable[[Any, int], bool]
    virtqueue_kick_prepare: Callable[[Any], bool]
    virtqueue_notify: Callable[[Any], None]


@dataclass
class Element:
    """struct VirtQueueElement: a buffer in the device's hand.

    sg: address and length of what it may write; ndescs: of a packed ring, how many of its descriptors it takes
    """

    head: int
    sg: list[tuple[int, int]] = field(default_factory=list)
    ndescs: int = 1


@dataclass(frozen=True)
class DeviceRing:
    """hw/virtio/virtio.c.

    virtqueue_get_avail_bytes: do the posted buffers hold so much
    virtqueue_pop: the next posted buffer, or None
    """

    virtio_error: Callable[[Any], None]
    virtio_queue_empty: Callable[[Any], bool]
    virtqueue_get_avail_bytes: Callable[[Any, int], bool]
    virtio_queue_set_notification: Callable[[Any, bool], None]
    virtio_queue_enable_notification_and_check: Callable[[Any, int], bool]
    virtqueue_pop: Callable[[Any], Element | None]
    virtqueue_unpop: Callable[[Any, Element], None]
    virtqueue_detach_element: Callable[[Any, Element], None]
    virtqueue_fill: Callable[[Any, Element, int, int], None]
    virtqueue_flush: Callable[[Any, int], None]
    virtio_notify: Callable[[Any], None]
