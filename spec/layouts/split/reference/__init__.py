"""A split ring as a reader of the C would write it down, for the functions of `spec.reference`."""

from vrx.spec.layouts.split.reference import linux_virtio_ring as linux
from vrx.spec.layouts.split.reference import qemu_virtio as qemu
from vrx.spec.reference.rings import DeviceRing, DriverRing

DRIVER = DriverRing(
    more_used=linux.more_used_split,
    virtqueue_add=linux.virtqueue_add_split,
    virtqueue_get_buf_ctx=linux.virtqueue_get_buf_ctx_split,
    virtqueue_disable_cb=linux.virtqueue_disable_cb_split,
    virtqueue_enable_cb_prepare=linux.virtqueue_enable_cb_prepare_split,
    virtqueue_poll=linux.virtqueue_poll,
    virtqueue_kick_prepare=linux.virtqueue_kick_prepare_split,
    virtqueue_notify=linux.virtqueue_notify,
)
DEVICE = DeviceRing(
    virtio_error=qemu.virtio_error,
    virtio_queue_empty=qemu.virtio_queue_split_empty,
    virtqueue_get_avail_bytes=qemu.virtqueue_get_avail_bytes,
    virtio_queue_set_notification=qemu.virtio_queue_set_notification,
    virtio_queue_enable_notification_and_check=qemu.virtio_queue_enable_notification_and_check,
    virtqueue_pop=qemu.virtqueue_split_pop,
    virtqueue_unpop=qemu.virtqueue_unpop,
    virtqueue_detach_element=qemu.virtqueue_detach_element,
    virtqueue_fill=qemu.virtqueue_fill,
    virtqueue_flush=qemu.virtqueue_flush,
    virtio_notify=qemu.virtio_notify,
)
