"""Real against real: Linux's virtio_ring.c as the driver, QEMU as the device, in one memory.

QEMU's guest memory is the file in which virtio_ring.c allocates: both work on the
same ring, and only notifications are handed from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.conformance.protocol import Setup, setup
from vrx.models.conformance.targets.linux_vring.target import LinuxVring
from vrx.models.conformance.targets.qemu.device import LOW, QemuDevice
from vrx.models.conformance.wire.layout import QueueAddresses


class LinuxQemu:
    """Both targets.  Memory below LOW is not used: QEMU's firmware lies over a part of it."""

    def __init__(self) -> None:
        self.driver = LinuxVring(begin=LOW)
        self.memory = self.driver.memory
        self.device = QemuDevice(memory=self.driver.file)
        self.can = self.device.can

    def version(self) -> str:
        """Of both."""
        return f"{self.driver.version()} with {self.device.version()}"

    def setups(self) -> Sequence[Setup]:
        """What both take: either layout, mergeable or not, indirect or not, event index or not, at three sizes."""
        return [
            setup(size, packed=packed, event_idx=event_idx, indirect=indirect, mergeable=mergeable)
            for packed, sizes in ((False, (4, 1, 64)), (True, (3, 1, 50)))
            for size in sizes
            for mergeable in (False, True)
            for indirect in (False, True)
            for event_idx in (False, True)
        ]

    def start(self, setup: Setup) -> QueueAddresses:
        """A fresh queue, and a fresh device on it."""
        self.device.reset()
        where = self.driver.start(setup)
        self.device.start(setup, where)
        return where

    def processor_time(self) -> float:
        """Seconds that QEMU has used."""
        return self.device.processor_time()

    def close(self) -> None:
        """End both."""
        self.device.close()
        self.driver.close()
