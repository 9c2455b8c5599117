"""A small queue of QEMU's device, set up by hand: what the checks of the device as a whole are made with."""

from __future__ import annotations

from vrx.models.conformance.protocol import Feature
from vrx.models.conformance.targets.qemu.device import ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, RX, QemuDevice
from vrx.models.conformance.wire.layout import NEXT, WRITE, place
from vrx.models.conformance.wire.split.by_hand import HandWritten

READY = ACKNOWLEDGE | DRIVER | FEATURES_OK
CONTROL = 2  # the control queue, without multiqueue
Command = tuple[int, int, bytes]
"""Class, command, and what follows.  VIRTIO 1.4: 5.1.9.5 (Control Virtqueue)."""


class Queue:
    """A small queue with a page for each of its buffers."""

    def __init__(self, device: QemuDevice, number: int, size: int = 4) -> None:
        begin = device.memory.room[0] + number * 0x10000
        self.memory, self.number = device.memory, number
        self.where, end = place("split", size, begin)
        self.memory.at(begin, end - begin)[:] = bytes(end - begin)
        self._written = HandWritten(self.memory, self.where)
        self.data = begin + 0x1000
        device.set_up(number, self.where)

    def post(self, *segments: tuple[int, int], at: int = 0) -> None:
        """A chain (length, flags) of segments, each in a page of its own, from descriptor `at` on."""
        rows = [(self.page(i), length, flags) for i, (length, flags) in enumerate(segments, at)]
        self._written.post(rows, at)

    @property
    def used(self) -> int:
        """used.idx: how many buffers the device has used, up to 65535."""
        return self._written.used

    def used_length(self, slot: int) -> int:
        """The length in a used entry, in bytes."""
        return self._written.used_length(slot)

    def page(self, i: int) -> int:
        return self.data + 0x1000 * i


def live(device: QemuDevice, *features: Feature, length: int = 4096) -> Queue:
    """A device with DRIVER_OK and one buffer posted to its receive queue."""
    device.reset()
    device.negotiate(frozenset({Feature.VERSION_1, *features}))
    queue = Queue(device, RX)
    queue.post((length, WRITE))
    device.registers.status(READY | DRIVER_OK)
    device.registers.notify(RX)
    device.settle()
    device.interrupts()
    return queue


def frame(length: int = 60, to: bytes = b"\xff" * 6, kind: bytes = b"\x88\xb5") -> bytes:
    return (to + b"\x52\x54\0\0\0\x01" + kind).ljust(length, b"f")


def order(device: QemuDevice, control: Queue, command: Command) -> int:
    """Give a command to the control queue; its answer, 0 for OK."""
    kind, number, more = command
    memory = device.memory
    memory.at(control.page(0), 2)[:] = bytes([kind, number])
    memory.at(control.page(1), len(more))[:] = more
    memory.at(control.page(2), 1)[:] = b"\xaa"
    control.post((2, NEXT), (len(more), NEXT), (1, WRITE))
    device.registers.notify(CONTROL)
    device.settle()
    return memory.at(control.page(2), 1)[0]
