"""Clauses about the device as a whole, each with the shortest sequence that shows whether QEMU keeps it.

Scenarios of a queue never touch what these do: registers of virtio-mmio, the
status and the features, the configuration, the control queue and its filters.
Each check yields what is not as its clause says, and nothing if all is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.grammar import DEVICE, random_operations
from vrx.models.conformance.harness.device_operations import device_run
from vrx.models.conformance.protocol import Crashed, Feature, setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.targets.qemu import registers
from vrx.models.conformance.targets.qemu.device import DRIVER_OK, NEEDS_RESET, RX, QemuDevice
from vrx.models.conformance.targets.qemu.filters import filters
from vrx.models.conformance.targets.qemu.process import ACKNOWLEDGE as INTERRUPT_ACK
from vrx.models.conformance.targets.qemu.process import ISR, STATUS
from vrx.models.conformance.targets.qemu.queue import CONTROL, READY, Queue, frame, live
from vrx.models.conformance.targets.qemu.validate import validate
from vrx.models.conformance.wire.header import HEADER_BYTES
from vrx.models.conformance.wire.layout import NEXT, WRITE

QUEUE_SEL, QUEUE_READY, QUEUE_RESET = 0x30, 0x44, 0xC0  # of virtio-mmio
PREREQUISITES: Final = {  # VIRTIO 1.4: 5.1.3.1 (Feature bit requirements); those that QEMU 7.2 knows
    **dict.fromkeys((18, 19, 20, 21, 22, 23, 60), 17),  # CTRL_RX, CTRL_VLAN, CTRL_RX_EXTRA, ANNOUNCE, MQ, MAC_ADDR, RSS
    **dict.fromkeys((7, 8, 10), 1),  # GUEST_TSO4, GUEST_TSO6, GUEST_UFO
    **dict.fromkeys((11, 12, 14), 0),  # HOST_TSO4, HOST_TSO6, HOST_UFO
}


def interrupt_status(device: QemuDevice) -> Iterator[Deviation]:
    """The configuration changes (the link goes down): InterruptStatus says that and nothing else, until acknowledged.

    C: virtio_notify_config() sets both bits, hw/virtio/virtio.c, QEMU 7.2
    """
    live(device, Feature.NET_STATUS)
    qemu = device.qemu
    qemu.qmp("set_link", name="n0", up=False)
    seen = qemu.read32(ISR)
    if qemu.read32(ISR) != seen or not seen & 2:
        yield deviation("4.2.2.1-1", f"InterruptStatus {seen:#x}, then {qemu.read32(ISR):#x}")
    if seen & 1:
        yield deviation("4.2.2.1-2", f"InterruptStatus {seen:#x} with no used buffer", expected="0x2")
    qemu.write32(INTERRUPT_ACK, seen)
    if qemu.read32(ISR):
        yield deviation("4.2.2.1-2", "InterruptStatus is not zero after it was acknowledged")
    qemu.qmp("set_link", name="n0", up=True)


def queue_ready(device: QemuDevice) -> Iterator[Deviation]:
    """QueueReady is set to 0: the queue is left alone.

    C: virtio_mmio_write() only notes it, hw/virtio/virtio-mmio.c, QEMU 7.2
    """
    queue = live(device)
    device.qemu.write32(QUEUE_SEL, RX)
    device.qemu.write32(QUEUE_READY, 0)
    reads = device.qemu.read32(QUEUE_READY)
    device.inject(frame())
    device.settle()
    if queue.used:
        yield deviation("4.2.2.1-4", f"used.idx {queue.used} after a frame, QueueReady reads {reads}",
                        expected="used.idx 0")  # fmt: skip


def queue_reset(device: QemuDevice) -> Iterator[Deviation]:
    """RING_RESET is negotiated: 1 is written to QueueReset.

    C: virtio_mmio_write() has no such register, hw/virtio/virtio-mmio.c, QEMU 7.2
    """
    if Feature.RING_RESET not in device.offered():
        return
    queue = live(device, Feature.RING_RESET)
    device.qemu.write32(QUEUE_SEL, RX)
    device.qemu.write32(QUEUE_RESET, 1)
    reset, ready = device.qemu.read32(QUEUE_RESET), device.qemu.read32(QUEUE_READY)
    device.inject(frame())
    device.settle()
    if ready or queue.used:
        seen = f"QueueReset reads {reset}, QueueReady {ready}; used.idx {queue.used} after a frame"
        yield deviation("4.2.2.1-7", seen, expected="QueueReady 0, used.idx 0")
        yield deviation("2.2.2-4", f"RING_RESET is offered and accepted; {seen}", expected="RING_RESET is not offered")


def pci_queue_reset(device: QemuDevice) -> Iterator[Deviation]:
    """A queue with buffers is reset: it is left alone, and starts anew, here with another size.

    C: virtio_queue_reset(), hw/virtio/virtio.c; virtio_pci_common_write(), hw/virtio/virtio-pci.c, QEMU 7.2
    """
    queue = live(device, Feature.RING_RESET)
    if not device.registers.reset_queue(RX):
        yield deviation("2.6.1.1.1-2", "queue_reset does not read 0 and queue_enable 0 after the reset")
        return
    before = bytes(device.memory.at(*device.memory.room)[:0x10000])
    device.registers.notify(RX)
    device.inject(frame())
    device.settle()
    if bytes(device.memory.at(*device.memory.room)[:0x10000]) != before or device.interrupts():
        yield deviation("2.6.1.1.1-1", "memory changes, or an interrupt comes, after a queue was reset")
    queue = Queue(device, RX, size=2)
    for expected in range(1, 6):
        queue.post((4096, WRITE))
        device.registers.notify(RX)
        device.inject(frame())
        device.settle()
        if queue.used != expected or not device.interrupts():
            yield deviation("2.6.1.2.1-1", f"used.idx {queue.used}", expected=f"{expected}, and an interrupt")
            return


def reset(device: QemuDevice) -> Iterator[Deviation]:
    """After a device reset with an interrupt pending: all registers at rest, and nothing moves."""
    queue = live(device)
    device.qemu.inject(frame())
    while not queue.used:
        device.qemu.read32(STATUS)
    device.registers.status(0)
    device.qemu.write32(QUEUE_SEL, RX)
    status, isr, ready = (device.qemu.read32(r) for r in (STATUS, ISR, QUEUE_READY))
    if status:
        yield deviation("2.4.1-1", f"Status {status:#x}")
    if isr or ready:
        yield deviation("4.2.2.1-3", f"InterruptStatus {isr:#x}, QueueReady {ready}")
    queue.post((4096, WRITE))
    device.registers.notify(RX)
    device.inject(frame())
    device.settle()
    if queue.used != 1 or device.interrupts():
        yield deviation("2.4.1-2", f"used.idx {queue.used}", expected="used.idx 1, as before the reset")


def before_driver_ok(device: QemuDevice) -> Iterator[Deviation]:
    """The receive queue and the control queue are set up and kicked without DRIVER_OK.

    C: virtio_net_handle_ctrl() does not look at the status, hw/net/virtio-net.c, QEMU 7.2
    """
    device.reset()
    device.negotiate(frozenset({Feature.VERSION_1, Feature.NET_CTRL_VQ}))
    receive, control = Queue(device, RX), Queue(device, CONTROL)
    receive.post((4096, WRITE))
    control.post((2, NEXT), (1, NEXT), (1, WRITE))
    device.inject(frame())
    for queue in (receive, control):
        device.registers.notify(queue.number)
        device.settle()
        interrupts = device.interrupts()
        if queue.used or interrupts:
            name = "control" if queue is control else "receive"
            seen = f"used.idx of the {name} queue {queue.used}, {interrupts} interrupts, no DRIVER_OK"
            yield deviation("2.1.2-1", seen, expected="used.idx 0, no interrupt",
                            summary=f"before DRIVER_OK it takes buffers of the {name} queue, and notifies")  # fmt: skip


def needs_reset(device: QemuDevice) -> Iterator[Deviation]:
    """A buffer that cannot be used (no bytes): if the device asks for a reset, it says so by a configuration change."""
    live(device, length=0)
    device.inject(frame())
    device.settle()
    if device.qemu.status & NEEDS_RESET and not device.qemu.config_changes:
        yield deviation("2.1.2-3", "DEVICE_NEEDS_RESET without a configuration change notification")


def features(device: QemuDevice) -> Iterator[Deviation]:
    """What is offered, by default and with single features switched off: VERSION_1, and prerequisites."""
    for options in ((), ("ctrl_vq=off",), ("mq=on",), ("rss=on",), ("mq=on", "ctrl_vq=off")):
        other = QemuDevice(device=options)
        try:
            offered = other.offered()
        finally:
            other.close()
        name = " ".join(options) or "defaults"
        if Feature.VERSION_1 not in offered:
            yield deviation("6.2-1", f"not offered with {name}")
        lacking = sorted(f for f, needed in PREREQUISITES.items() if f in offered and needed not in offered)
        if lacking:
            bits = ", ".join(f"{f} (needs {PREREQUISITES[f]})" for f in lacking)
            yield deviation("2.2.2-1", f"with {name} these bits are offered: {bits}",
                            expected="no bit without the one that it needs")  # fmt: skip


def mtu(device: QemuDevice) -> Iterator[Deviation]:
    """MTU is negotiated: a larger frame is not delivered.

    C: virtio_net_receive_rcu() does not compare, hw/net/virtio-net.c, QEMU 7.2
    """
    other = QemuDevice(device=("host_mtu=1500",))
    try:
        queue = live(other, Feature.NET_MTU)
        other.inject(frame(1514))
        other.settle()
        if queue.used != 1:
            yield deviation("5.1.4.1-5", "a frame of 1514 bytes is not delivered", expected="it is")
        queue.post((4096, WRITE), at=1)
        other.registers.notify(RX)
        other.inject(frame(2000))
        other.settle()
        if queue.used == 2:
            length = queue.used_length(1) - HEADER_BYTES
            yield deviation("5.1.4.1-5", f"a frame of {length} bytes is delivered with an MTU of 1500",
                            expected="no frame of more than 1514 bytes")  # fmt: skip
    finally:
        other.close()


def short_buffer(device: QemuDevice) -> Iterator[Deviation]:
    """Without mergeable buffers, a buffer shorter than the header, which only a SHOULD of the driver speaks against.

    C: iov_from_buf_full() asserts that the offset lies inside, util/iov.c; virtio_net_receive_rcu(), QEMU 7.2
    """
    other = QemuDevice()
    try:
        live(other, length=8)
        other.inject(frame())
        other.settle()
    except Crashed as end:
        yield deviation("crash", str(end), expected="QEMU drops the frame, or asks for a reset",
                        summary="a receive buffer shorter than the header ends it")  # fmt: skip
    finally:
        other.close()


def readable_first(device: QemuDevice) -> Iterator[Deviation]:
    """A receive buffer begins with a part that the device may only read: nothing is written there."""
    device.reset()
    device.negotiate(frozenset({Feature.VERSION_1}))
    queue = Queue(device, RX)
    before = b"\xa5" * 64
    device.memory.at(queue.page(0), 64)[:] = before
    queue.post((64, NEXT), (2048, WRITE))
    device.registers.status(READY | DRIVER_OK)
    device.registers.notify(RX)
    device.inject(frame())
    device.settle()
    if (now := bytes(device.memory.at(queue.page(0), 64))) != before:
        yield deviation("2.7.5.1-1", f"the part that it may only read begins with {now[:8].hex(' ')}",
                        expected=before[:8].hex(" "))  # fmt: skip


def empty_frame(device: QemuDevice) -> Iterator[Deviation]:
    """A frame of no bytes comes from the network, then a usual one.

    C: virtio_net_receive_rcu() returns the size, 0, which qemu_net_queue_send() takes for "not now", QEMU 7.2
    """
    other = QemuDevice()
    try:
        queue = live(other)
        other.inject(b"")
        other.inject(frame())
        other.registers.notify(RX)
        other.settle()
        if not queue.used:
            yield deviation("no_lost_kick", "a frame of 60 bytes waits with 4096 bytes posted",
                            summary="after an empty frame nothing is received any more")  # fmt: skip
    finally:
        other.close()


def model(device: QemuDevice) -> Iterator[Deviation]:
    """QEMU's own events during drawn scenarios are followed along the steps of `spec/qemu`."""
    for mergeable, event_idx, size in ((False, False, 4), (False, True, 16), (True, False, 16), (True, True, 4)):
        chosen = setup(size, mergeable=mergeable, event_idx=event_idx)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "trace"
            traced = QemuDevice(path)
            try:
                for seed in range(4):
                    drawn = random_operations(DEVICE, Random(seed), 100)
                    device_run(traced, Scenario("qemu", chosen, drawn), judged=False).run()
            finally:
                traced.close()
            finding = validate(path, mergeable, event_idx).finding
        if finding is not None:
            yield deviation("model", f"{finding.event}, event {finding.event.line} of {chosen.name}; {finding.why}",
                            expected=" or ".join(finding.allowed))  # fmt: skip


CHECKS: Final[Mapping[str, Callable[[QemuDevice], Iterator[Deviation]]]] = {
    "interrupt-status": interrupt_status,
    "queue-ready": queue_ready,
    "queue-reset": queue_reset,
    "reset": reset,
    "before-driver-ok": before_driver_ok,
    "needs-reset": needs_reset,
    "needs-reset-on-continue": registers.needs_reset_on_continue,
    "features": features,
    "features-again": registers.features_again,
    "extra-without-control": registers.extra_without_control,
    "configuration": registers.configuration,
    "address": registers.address,
    "mtu": mtu,
    "mtu-range": registers.mtu_range,
    "filters": filters,
    "readable-first": readable_first,
    "short-buffer": short_buffer,
    "empty-frame": empty_frame,
    "model": model,
}
PCI_CHECKS: Final[Mapping[str, Callable[[QemuDevice], Iterator[Deviation]]]] = {
    "pci-queue-reset": pci_queue_reset,
    "pci-common": registers.pci_common,
    "needs-reset-on-continue": registers.needs_reset_on_continue,
    "features-again": registers.features_again,
    "before-driver-ok": before_driver_ok,
    "needs-reset": needs_reset,
    "filters": filters,
}
"""Over virtio-pci: what is not about the registers of virtio-mmio."""
