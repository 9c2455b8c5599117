"""How a driver reaches QEMU's virtio-net device: virtio-mmio, or virtio-pci without MSI-X.

Addresses are guest physical ones.  VIRTIO 1.4: 4.2.2 (MMIO Device Register Layout),
4.1.4.3 (Common configuration structure layout).
"""

from __future__ import annotations

from typing import Final, Protocol

from vrx.models.conformance.protocol import Crashed
from vrx.models.conformance.targets.qemu.process import MMIO, ON_MMIO, Attachment, Qemu
from vrx.models.conformance.wire.layout import QueueAddresses

ECAM, WINDOW = 0xE0000000, 0xC0000000
"""Where the microvm machine has the configuration space of PCI, and where devices may be mapped."""
SLOT = 1


class Transport(Protocol):
    """The registers of one device.  Writes are sent with the next thing that has an answer."""

    can_reset_queue: bool

    def status(self, value: int) -> None:
        """Write the status."""

    def read_status(self) -> int:
        """The status, once all that was written is done."""

    def offered(self) -> int:
        """The feature bits that the device offers."""

    def accept(self, features: int) -> None:
        """Write the driver's feature bits."""

    def set_up(self, number: int, queue: QueueAddresses) -> None:
        """Say where a queue is, and enable it."""

    def notify(self, number: int) -> None:
        """Kick a queue."""

    def reset_queue(self, number: int) -> bool:
        """Reset a queue; is it done?"""


class Mmio:
    """virtio-mmio, version 2."""

    can_reset_queue = False
    attachment = ON_MMIO

    def __init__(self, qemu: Qemu) -> None:
        self.qemu = qemu
        magic, version = qemu.read32(0x00), qemu.read32(0x04)
        if (magic, version) != (0x74726976, 2):
            raise Crashed(f"no virtio-mmio device at {MMIO:#x}: magic {magic:#x}, version {version}")

    def status(self, value: int) -> None:
        self.qemu.write32(0x70, value)

    def read_status(self) -> int:
        return self.qemu.read32(0x70)

    def offered(self) -> int:
        words = []
        for half in (0, 1):
            self.qemu.write32(0x14, half)
            words.append(self.qemu.read32(0x10))
        return words[0] | words[1] << 32

    def accept(self, features: int) -> None:
        for half in (0, 1):
            self.qemu.write32(0x24, half)
            self.qemu.write32(0x20, features >> 32 * half & 0xFFFFFFFF)

    def set_up(self, number: int, queue: QueueAddresses) -> None:
        write = self.qemu.write32
        write(0x30, number)
        write(0x38, queue.size)
        for register, address in ((0x80, queue.desc), (0x90, queue.driver), (0xA0, queue.device)):
            write(register, address & 0xFFFFFFFF)
            write(register + 4, address >> 32)
        write(0x44, 1)

    def notify(self, number: int) -> None:
        self.qemu.write32(0x50, number)

    def reset_queue(self, number: int) -> bool:
        return False


class Pci:
    """virtio-pci, modern only, its interrupt seen in the ISR register, which is read to be cleared.

    ioeventfd=off: a kick is then served before the next command, as over virtio-mmio, and `settle` is exact.
    """

    can_reset_queue = True
    ISR, COMMON = WINDOW + 0x1000, WINDOW
    attachment = Attachment(
        ",pcie=on",
        ("virtio-net-pci", "disable-legacy=on", f"addr={SLOT}", "vectors=0", "ioeventfd=off"),
        (f"readb {ISR:#x}\n", f"readb {COMMON + 0x14:#x}\n"),
        0,
        1,
    )

    def __init__(self, qemu: Qemu) -> None:
        self.qemu = qemu
        config = ECAM + (SLOT << 15)
        if qemu.read("l", config) != 0x10411AF4:
            raise Crashed(f"no virtio-net device at {config:#x}")
        qemu.write("l", config + 0x20, WINDOW)  # the fourth base address, 64 bits
        qemu.write("l", config + 0x24, 0)
        qemu.write("w", config + 4, 6)  # memory, bus master
        found: dict[int, int] = {}
        at = qemu.read("b", config + 0x34)
        while at:
            kind = qemu.read("b", config + at + 3)
            if qemu.read("b", config + at) == 9 and kind not in found:
                found[kind] = WINDOW + qemu.read("l", config + at + 8)
                if kind == 2:
                    self.multiplier = qemu.read("l", config + at + 16)
            at = qemu.read("b", config + at + 1)
        self._notify = found[2]
        if (found[1], found[3]) != (self.COMMON, self.ISR):
            raise Crashed(f"the structures of virtio-pci are elsewhere: {found}")

    def write(self, width: str, offset: int, value: int) -> None:
        """Write a field of the common configuration structure."""
        self.qemu.write(width, self.COMMON + offset, value)

    def read(self, width: str, offset: int) -> int:
        """Read one."""
        return self.qemu.read(width, self.COMMON + offset)

    def status(self, value: int) -> None:
        self.write("b", 0x14, value)

    def read_status(self) -> int:
        return self.read("b", 0x14)

    def offered(self) -> int:
        words = []
        for half in (0, 1):
            self.write("l", 0x00, half)
            words.append(self.read("l", 0x04))
        return words[0] | words[1] << 32

    def accept(self, features: int) -> None:
        for half in (0, 1):
            self.write("l", 0x08, half)
            self.write("l", 0x0C, features >> 32 * half & 0xFFFFFFFF)

    def set_up(self, number: int, queue: QueueAddresses) -> None:
        self.write("w", 0x16, number)
        self.write("w", 0x18, queue.size)
        for register, address in ((0x20, queue.desc), (0x28, queue.driver), (0x30, queue.device)):
            self.write("l", register, address & 0xFFFFFFFF)
            self.write("l", register + 4, address >> 32)
        self.write("w", 0x1C, 1)

    def notify(self, number: int) -> None:
        self.qemu.write("w", self._notify + self.multiplier * number, number)

    def reset_queue(self, number: int) -> bool:
        self.write("w", 0x16, number)
        self.write("w", 0x3A, 1)
        return self.read("w", 0x3A) == 0 and self.read("w", 0x1C) == 0


TRANSPORTS: Final[dict[str, type[Mmio] | type[Pci]]] = {"mmio": Mmio, "pci": Pci}
"""By the name that the target takes."""
