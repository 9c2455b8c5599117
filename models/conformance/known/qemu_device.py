"""QEMU's virtio-net as a whole: its registers, its status, what it offers, single frames and buffers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.known.known import QEMU, Known
from vrx.models.conformance.protocol import setup

QEMU_DEVICE_KNOWN: Final[Sequence[Known]] = (
    Known(
        "qemu-interrupt-status",
        ("qemu",),
        "4.2.2.1-2",
        "MMIO: a bit of InterruptStatus whose event did not happen is 0",
        "virtio_notify_config() sets the bit for used buffers, too, when the configuration changes",
        QEMU,
        setup(1),
        (("check:interrupt-status",),),
    ),
    Known(
        "qemu-queue-ready",
        ("qemu",),
        "4.2.2.1-4",
        "MMIO: it does not touch a queue whose QueueReady is 0",
        "virtio_mmio_write() only remembers a 0 in QueueReady: the queue stays in use until the device is reset",
        QEMU,
        setup(1),
        (("check:queue-ready",),),
    ),
    Known(
        "qemu-queue-reset",
        ("qemu",),
        "4.2.2.1-7",
        "MMIO, RING_RESET: a write of 1 to QueueReset resets the queue",
        "virtio-mmio has no QueueReset register: the write is ignored (virtio-pci has it)",
        QEMU,
        setup(1),
        (("check:queue-reset",),),
    ),
    Known(
        "qemu-ring-reset-offered",
        ("qemu",),
        "2.2.2-4",
        "it offers no feature that it could not provide",
        "RING_RESET is offered by default on every transport, virtio-mmio included (see qemu-queue-reset)",
        QEMU,
        setup(1),
        (("check:queue-reset",),),
    ),
    Known(
        "qemu-control-before-driver-ok",
        ("qemu", "qemu-pci"),
        "2.1.2-1",
        "before DRIVER_OK it takes buffers of the control queue, and notifies",
        "virtio_net_handle_ctrl() does not look at the status; the receive and transmit queues do",
        QEMU,
        setup(1),
        (("check:before-driver-ok",),),
    ),
    Known(
        "qemu-prerequisites",
        ("qemu",),
        "2.2.2-1",
        "it offers no feature without the feature that this one needs",
        "each feature is a property of its own: with ctrl_vq=off, those that need the control queue are still "
        "offered",
        QEMU,
        setup(1),
        (("check:features",),),
    ),
    Known(
        "qemu-needs-reset-lost",
        ("qemu", "qemu-pci"),
        "2.1.2-2",
        "an error while the machine goes on: the status does not say that a reset is needed",
        "virtio_set_status() lets the device run, which sets NEEDS_RESET, and then stores the status of before: the "
        "device has given the queue up, and nobody can see it",
        QEMU,
        setup(1),
        (("check:needs-reset-on-continue",),),
    ),
    Known(
        "qemu-extra-without-control",
        ("qemu",),
        "5.1.4.1-14",
        "it does not offer CTRL_RX_EXTRA without CTRL_VQ",
        "as qemu-prerequisites: each feature is a property of its own",
        QEMU,
        setup(1),
        (("check:extra-without-control",),),
    ),
    Known(
        "qemu-mtu-range",
        ("qemu",),
        "5.1.4.1-2",
        "with MTU mtu is 68 to 65535",
        "host_mtu= is announced as it is given, down to 1",
        QEMU,
        setup(1),
        (("check:mtu-range",),),
    ),
    Known(
        "qemu-mtu",
        ("qemu",),
        "5.1.4.1-5",
        "with MTU it passes no frame larger than the MTU and the Ethernet header, GSO aside",
        "virtio_net_receive_rcu() does not look at the MTU that was negotiated (host_mtu=)",
        QEMU,
        setup(1),
        (("check:mtu",),),
    ),
    Known(
        "qemu-short-buffer",
        ("qemu",),
        "crash",
        "a receive buffer shorter than the header ends it",
        "receive_header() and the copy behind it trust the first buffer to hold the header: iov_from_buf_full() and "
        "iov_copy() assert that their offset lies inside",
        QEMU,
        setup(1),
        (("check:short-buffer",),),
    ),
    Known(
        "qemu-empty-frame",
        ("qemu",),
        "no_lost_kick",
        "after an empty frame nothing is received any more",
        "virtio_net_receive_rcu() returns the size of the frame, and 0 means that there was no room: the frame is kept "
        "and offered again for ever",
        QEMU,
        setup(1),
        (("check:empty-frame",),),
    ),
)
