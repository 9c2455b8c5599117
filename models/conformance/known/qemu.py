"""QEMU's virtio-net, as the device: what it does with a queue, whatever the layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.known.known import QEMU, Known
from vrx.models.conformance.protocol import setup

QEMU_KNOWN: Final[Sequence[Known]] = (
    Known(
        "qemu-num-buffers",
        ("qemu", "qemu-pci", "spec-device"),
        "5.1.9.4.1-1",
        "without MRG_RXBUF num_buffers is 1",
        "receive_header() writes the ten bytes of the old header where buffers do not merge: num_buffers keeps what "
        "was in the buffer before",
        QEMU,
        setup(2),
        (("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-chain-then-table",
        ("qemu", "qemu-pci", "spec-device"),
        "2.7.5.3.2-2",
        "it handles a chain that ends in one indirect descriptor",
        "virtqueue_split_pop() looks for an indirect table only in the first descriptor of a chain",
        QEMU,
        setup(4, indirect=True),
        (("post", 0, 2, [12, 1514], 0), ("publish", 0), ("notify",), ("inject", 60), ("settle",)),
        avoid=(("post", 2, 2),),
    ),
    Known(
        "qemu-first-interrupt",
        ("qemu", "qemu-pci", "spec-device"),
        "2.7.7.2-6",
        "with EVENT_IDX it does not notify when used_event was not passed",
        "virtio_split_should_notify() interrupts whenever it does not know what it last announced: at first, and after "
        "its indices have gone half their way round",
        QEMU,
        setup(2, event_idx=True),
        (("event", -2), ("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-header-length",
        ("qemu", "qemu-pci", "spec-device"),
        "2.7.8.2-2",
        "bytes of the header that len counts are not written",
        "len counts the twelve bytes of the header, and without mergeable buffers ten are written (see "
        "qemu-num-buffers)",
        QEMU,
        setup(2),
        (("refill", 1), ("inject", 60), ("settle",)),
    ),
    Known(
        "qemu-short-buffer-lie",
        ("qemu", "qemu-pci"),
        "crash",
        "ended with SIGABRT: ../../util/iov.c:39: iov_from_buf_full: Assertion `offset == 0' failed.",
        "as qemu-short-buffer, found by a driver that lies",
        QEMU,
        setup(4),
        (("lie", 14, 5), ("kick",), ("inject", 60), ("settle",)),
        hostile=True,
        avoid=(("lie", 1, 14),),
    ),
    Known(
        "qemu-short-buffer-lie-mergeable",
        ("qemu", "qemu-pci"),
        "crash",
        "ended with SIGABRT: ../../util/iov.c:269: iov_copy: Assertion `offset == 0' failed.",
        "the same where buffers merge: the place of num_buffers lies behind the first buffer",
        QEMU,
        setup(4, mergeable=True),
        (("lie", 14, 4), ("refill", 1), ("kick",), ("inject", 60), ("settle",)),
        hostile=True,
        avoid=(("lie", 1, 14),),
    ),
)
