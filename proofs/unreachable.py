"""Steps that no search takes, with the reason; branches of steps stand in `never_taken`.

A step that fires after all is an error, like one that never fires and is not listed.
"""

from __future__ import annotations

from vrx.models.deciding.engine import Unreachable

CALLBACKS_OFF = "virtnet_poll() disables callbacks before it receives, so get_buf never finds them on"

UNREACHABLE = (
    Unreachable("virtqueue_get_buf_ctx_split__event", CALLBACKS_OFF),
    Unreachable("virtqueue_get_buf_ctx_split__event_mb", CALLBACKS_OFF),
    Unreachable("virtqueue_get_buf_ctx_packed__off_wrap", CALLBACKS_OFF),
    Unreachable("virtqueue_get_buf_ctx_packed__mb", CALLBACKS_OFF),
    Unreachable(
        "vring_set_avail_event",
        "virtio_net_has_buffers() disables notification before anything is popped",
        lambda cfg: not cfg.general,
    ),
    Unreachable(
        "virtqueue_unpop",
        "the network offers only packets that fit",
        lambda cfg: cfg.fits and not cfg.mergeable and not cfg.driver_lies,
    ),
    Unreachable(
        "virtqueue_unpop",
        "with mergeable buffers no packet is too large for what was counted",
        lambda cfg: cfg.mergeable,
    ),
    Unreachable("virtio_queue_split_empty", "the general caller counts at once", lambda cfg: cfg.general),
    Unreachable("virtio_queue_packed_empty", "the general caller counts at once", lambda cfg: cfg.general),
    Unreachable("virtqueue_unpop", "the general caller completes what it has popped", lambda cfg: cfg.general),
    Unreachable(
        "receive_mergeable__discard",
        "a packet is thrown away where a used length is longer than its buffer: the device does not lie",
        lambda cfg: cfg.data and cfg.mergeable and not cfg.device_lies,
    ),
)
