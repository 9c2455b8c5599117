"""Clauses about status, features, configuration and, over virtio-pci, the common configuration structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.protocol import Feature
from vrx.models.conformance.targets.qemu.device import DRIVER_OK, NEEDS_RESET, RX, QemuDevice
from vrx.models.conformance.targets.qemu.process import MMIO
from vrx.models.conformance.targets.qemu.queue import CONTROL, READY, Queue, frame, live, order
from vrx.models.conformance.targets.qemu.transport import Pci
from vrx.models.conformance.wire.layout import WRITE

CONFIG: Final = MMIO + 0x100
MAC, PAIRS, MTU, SPEED, DUPLEX, KEY_SIZE, TABLE_LENGTH = 0, 8, 10, 12, 16, 17, 18
"""Offsets in struct virtio_net_config.  VIRTIO 1.4: 5.1.4 (Device configuration layout)."""
SPEED_DUPLEX, RSS = 63, 60
SELECT, SIZE, ENABLE, RESET = 0x16, 0x18, 0x1C, 0x3A
"""Offsets in struct virtio_pci_common_cfg.  VIRTIO 1.4: 4.1.4.3 (Common configuration structure layout)."""
QUEUES: Final = 3  # receive, transmit, control


def needs_reset_on_continue(device: QemuDevice) -> Iterator[Deviation]:
    """The machine goes on, and a frame meets a buffer that breaks the queue: the status says that a reset is needed.

    C: virtio_set_status() runs the device, which sets NEEDS_RESET, and then stores the status of before,
    hw/virtio/virtio.c, QEMU 7.2
    """
    device.reset()
    device.negotiate(frozenset({Feature.VERSION_1}))
    queue = Queue(device, RX)
    device.registers.status(READY | DRIVER_OK)
    device.settle()
    queue.post((0, WRITE))  # a buffer of no bytes
    device.stop()
    device.inject(frame())
    device.settle()
    device.go_on()
    device.settle()
    status = device.qemu.status
    queue.post((4096, WRITE), at=1)
    device.registers.notify(RX)
    device.inject(frame())
    device.settle()
    if not queue.used and not (status | device.qemu.status) & NEEDS_RESET:
        yield deviation(
            "2.1.2-2", f"Status {status:#x}; a frame waits with a good buffer posted and kicked",
            expected=f"Status {status | NEEDS_RESET:#x}, or the frame",
            summary="an error while the machine goes on: the status does not say that a reset is needed",
        )  # fmt: skip


def features_again(device: QemuDevice) -> Iterator[Deviation]:
    """Subsets of what is offered: each is accepted, and accepted again after a reset."""
    more = (Feature.NET_MAC, Feature.NET_MRG_RXBUF, Feature.NET_STATUS, Feature.NET_CTRL_VQ, Feature.RING_EVENT_IDX)
    for n in range(1 << len(more)):
        chosen = frozenset({Feature.VERSION_1, *(f for i, f in enumerate(more) if n >> i & 1)})
        for turn in ("2.2.2-2", "2.2.2-5"):
            device.reset()
            device.registers.status(READY & ~8)
            device.registers.accept(sum(1 << f for f in chosen))
            device.registers.status(READY)
            if not device.registers.read_status() & 8:
                yield deviation(turn, f"FEATURES_OK is not set for {sorted(f.name for f in chosen)}")
                break


def configuration(device: QemuDevice) -> Iterator[Deviation]:
    """What the configuration space holds, with the features that say something of it."""
    options = ("host_mtu=1500", "mq=on", "rss=on", "speed=1000", "duplex=full")
    other = QemuDevice(device=options)
    try:
        qemu, offered = other.qemu, other.offered()
        lacking = {Feature.NET_MQ, Feature.NET_MTU, SPEED_DUPLEX, RSS} - offered
        assert not lacking, f"without {lacking} there is nothing to look at"
        pairs, mtu = qemu.read("w", CONFIG + PAIRS), qemu.read("w", CONFIG + MTU)
        if not 1 <= pairs <= 0x8000:
            yield deviation("5.1.4.1-1", f"max_virtqueue_pairs {pairs}")
        speed, duplex = qemu.read32(0x100 + SPEED), qemu.read("b", CONFIG + DUPLEX)
        if speed not in (0xFFFFFFFF, 1000):
            yield deviation("5.1.4.1-10", f"speed {speed:#x}", expected="1000")
        if duplex not in (0, 1, 0xFF):
            yield deviation("5.1.4.1-11", f"duplex {duplex:#x}")
        if (key := qemu.read("b", CONFIG + KEY_SIZE)) < 40:
            yield deviation("5.1.4.1-7", f"rss_max_key_size {key}")
        if (table := qemu.read("w", CONFIG + TABLE_LENGTH)) < 128:
            yield deviation("5.1.4.1-8", f"rss_max_indirection_table_length {table}")
        for turn in range(2):
            live(other, Feature.NET_MTU, Feature.NET_CTRL_VQ, Feature.NET_MQ)
            if qemu.read("w", CONFIG + MTU) != mtu:
                yield deviation("5.1.4.1-4", f"mtu {mtu}, then {qemu.read('w', CONFIG + MTU)} (start {turn + 1})")
    finally:
        other.close()


def mtu_range(device: QemuDevice) -> Iterator[Deviation]:
    """An MTU that no device may announce is asked for.

    C: host_mtu= is taken as it is, hw/net/virtio-net.c, QEMU 7.2
    """
    other = QemuDevice(device=("host_mtu=60",))
    try:
        if Feature.NET_MTU in other.offered():
            mtu = other.qemu.read("w", CONFIG + MTU)
            if not 68 <= mtu <= 65535:
                yield deviation("5.1.4.1-2", f"MTU is offered, mtu is {mtu}", expected="host_mtu=60 is refused")
    finally:
        other.close()


def extra_without_control(device: QemuDevice) -> Iterator[Deviation]:
    """What should not be offered without the control queue."""
    other = QemuDevice(device=("ctrl_vq=off",))
    try:
        offered = other.offered()
    finally:
        other.close()
    if Feature.NET_CTRL_RX_EXTRA in offered and Feature.NET_CTRL_VQ not in offered:
        yield deviation("5.1.4.1-14", "CTRL_RX_EXTRA is offered with ctrl_vq=off")


def address(device: QemuDevice) -> Iterator[Deviation]:
    """A new MAC address is in the configuration before its command is answered, and is filtered by."""
    new = b"\x52\x54\0\xaa\xbb\xcc"
    device.reset()
    device.negotiate(frozenset({Feature.VERSION_1, Feature.NET_MAC, Feature.NET_CTRL_VQ, Feature.NET_CTRL_RX}))
    Queue(device, RX)
    control = Queue(device, CONTROL)
    device.registers.status(READY | DRIVER_OK)
    before = _mac(device)
    answer = order(device, control, (1, 1, new))
    if answer == 0 and _mac(device) != new:
        yield deviation("5.1.9.5.2.1-3", f"mac {_mac(device).hex(':')}", expected=new.hex(":"))
    order(device, control, (1, 1, before))


def _mac(device: QemuDevice) -> bytes:
    return bytes(device.qemu.read("b", CONFIG + MAC + i) for i in range(6))


def pci_common(device: QemuDevice) -> Iterator[Deviation]:
    """The common configuration structure: after a reset, after a queue's reset, and of queues that are not there."""
    pci = device.registers
    assert isinstance(pci, Pci)
    live(device, Feature.RING_RESET)
    pci.status(0)
    if (status := pci.read_status()) != 0:
        yield deviation("4.1.4.3.1-1", f"device_status {status:#x} after 0 was written")
    for number in range(QUEUES):
        pci.write("w", SELECT, number)
        size, enabled, reset = pci.read("w", SIZE), pci.read("w", ENABLE), pci.read("w", RESET)
        if enabled:
            yield deviation("4.1.4.3.1-2", f"queue_enable {enabled} of queue {number} after a reset")
        if reset:
            yield deviation("4.1.4.3.1-3", f"queue_reset {reset} of queue {number} after a reset")
        if size & (size - 1):
            yield deviation("4.1.4.3.1-9", f"queue_size {size} of queue {number}")
    pci.write("w", SELECT, 1000)
    if size := pci.read("w", SIZE):
        yield deviation("4.1.4.3.1-8", f"queue_size {size} of queue 1000, which is not there")
    queue = live(device, Feature.RING_RESET)
    pci.write("w", SELECT, RX)
    pci.write("w", RESET, 1)
    after = pci.read("w", RESET), pci.read("w", ENABLE)
    if after != (0, 0):
        yield deviation("4.1.4.3.1-7", f"queue_reset {after[0]}, queue_enable {after[1]} after a queue's reset")
    device.inject(frame())
    device.settle()
    if queue.used:
        yield deviation("4.1.4.3.1-5", f"used.idx {queue.used} after a queue's reset and a frame")
    device.set_up(RX, queue.where)
    pci.write("w", SELECT, RX)
    if reset := pci.read("w", RESET):
        yield deviation("4.1.4.3.1-4", f"queue_reset {reset} of a queue that is enabled again")
