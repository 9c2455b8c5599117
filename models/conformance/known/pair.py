"""Linux's virtqueue and QEMU's virtio-net together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.ingredients import frame_larger_than_a_list
from vrx.models.conformance.known.known import QEMU, Known
from vrx.models.conformance.protocol import setup

PAIR_KNOWN: Final[Sequence[Known]] = (
    Known(
        "linux-qemu-num-buffers",
        ("linux-qemu",),
        "5.1.9.4.1-1",
        "without MRG_RXBUF num_buffers is 1",
        "as qemu-num-buffers; virtio_net does not look at num_buffers where buffers do not merge",
        QEMU,
        setup(4),
        (("post", 1, 0, 0), ("kick",), ("inject", 60), ("settle",)),
    ),
    Known(
        "linux-qemu-packed-write-flag",
        ("linux-qemu",),
        "P-2.8.3-1",
        "a used descriptor says that nothing was written",
        "as qemu-packed-write-flag; virtqueue_get_buf_ctx_packed() does not look at the flag",
        QEMU,
        setup(3, packed=True),
        (("post", 1, 0, 0), ("inject", 0)),
        only="packed",
    ),
    Known(
        "linux-qemu-packed-unpop",
        ("linux-qemu",),
        "used_entries_exact",
        "what a side hands on is what the ring says",
        "as qemu-packed-unpop: after a packet that does not fit Linux's list of descriptors (big pages without tables) "
        "QEMU writes the next ones into parts of it",
        QEMU,
        setup(3, packed=True),
        (("post", 1, 1, 0), ("inject", 4096), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
)
