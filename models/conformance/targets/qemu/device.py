"""QEMU's virtio-net device as a device under test: over virtio-mmio or virtio-pci, no guest.

What it offers is Debian's QEMU with its defaults over a socket backend: the
device has no virtio_net header from its network, so no checksum or segmentation
offload is offered.  The size of a queue is the driver's choice up to 1024.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from vrx.models.conformance.memory import Memory, SharedFile
from vrx.models.conformance.protocol import Feature, Setup, Unsupported, setup
from vrx.models.conformance.targets.qemu.process import Qemu
from vrx.models.conformance.targets.qemu.transport import TRANSPORTS, Transport
from vrx.models.conformance.wire.layout import QueueAddresses, parts

# Status bits.  VIRTIO 1.4: 2.1 (Device Status Field).
ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, NEEDS_RESET = 1, 2, 4, 8, 64

RX = 0  # the receive queue
LOW = 1 << 20  # bytes: below, the firmware lies over guest memory, and what the device writes there is lost
SIZES = (1, 2, 4, 16, 256, 1024)
PACKED_SIZES = (1, 2, 3, 5, 16, 255, 1024)


class QemuDevice:
    """The target.  A QEMU is started at once, and one again after it crashed."""

    def __init__(
        self, trace: Path | None = None, device: Sequence[str] = (), memory: SharedFile | None = None,
        transport: str = "mmio",
    ) -> None:  # fmt: skip
        """Start QEMU.

        trace: a file for QEMU's own events, which `vrx conform --validate` reads
        device: further options of the device
        memory: guest memory that somebody else has made, 16 MiB or more
        transport: mmio or pci
        Raises Missing.
        """
        kind = TRANSPORTS[transport]
        self.can = frozenset({"stop", "reset_queue"} if kind.can_reset_queue else {"stop"})
        self.qemu = Qemu(["packed=on", "mac=52:54:00:12:34:56", *device], trace, memory, kind.attachment)
        try:
            self.registers: Transport = kind(self.qemu)
        except BaseException:
            self.qemu.close()
            raise
        self.memory: Memory = self.qemu.memory.memory(reserved=LOW)
        self._stopped = False
        self._kicked_while_stopped = False
        self._arrived = False  # a frame may be inside QEMU

    def processor_time(self) -> float:
        """Seconds that QEMU has used so far."""
        return self.qemu.processor_time()

    def version(self) -> str:
        """Such as `QEMU 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)`."""
        v = self.qemu.qmp("query-version")
        return "QEMU {major}.{minor}.{micro}".format(**v["qemu"]) + f" ({v['package']})"

    def offered(self) -> frozenset[int]:
        """The feature bits that the device offers."""
        bits = self.registers.offered()
        return frozenset(bit for bit in range(64) if bits >> bit & 1)

    def setups(self) -> Sequence[Setup]:
        """Split or packed, mergeable or not, indirect or not, event index or not, at sizes from 1 to 1024."""
        kinds = product((False, True), repeat=4)
        more = (Feature.RING_RESET,) if self.registers.can_reset_queue else ()
        return [
            setup(size, *more, packed=packed, mergeable=mergeable, indirect=indirect, event_idx=event_idx, big=big)
            for packed, mergeable, indirect, event_idx in kinds
            for size in (PACKED_SIZES if packed else SIZES)
            for big in ((False,) if mergeable or size != 16 else (False, True))
        ]

    def start(self, setup: Setup, queue: QueueAddresses) -> None:
        """Negotiate, set up the receive queue, set DRIVER_OK.  Raises Unsupported."""
        self.reset()
        self.negotiate(setup.features)
        self.set_up(RX, queue)
        self._queue, self._layout = queue, setup.layout
        self.registers.status(ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK)
        self.qemu.settle()
        self.interrupts()

    def negotiate(self, features: frozenset[Feature]) -> None:
        """From reset to FEATURES_OK.  Raises Unsupported."""
        missing = features - self.offered()
        if missing:
            raise Unsupported(f"QEMU does not offer {', '.join(f.name for f in sorted(missing))}")
        self.registers.status(ACKNOWLEDGE)
        self.registers.status(ACKNOWLEDGE | DRIVER)
        self.registers.accept(sum(1 << f for f in features))
        self.registers.status(ACKNOWLEDGE | DRIVER | FEATURES_OK)
        if not self.registers.read_status() & FEATURES_OK:
            raise Unsupported("QEMU does not accept this set of features")

    def set_up(self, number: int, queue: QueueAddresses) -> None:
        """Tell the device where a queue is, and that it is ready."""
        self.registers.set_up(number, queue)

    def kick(self) -> None:
        """The driver's notification.  That of a stopped machine comes when it goes on: its CPUs are stopped, too."""
        if self._stopped:
            self._kicked_while_stopped = True
        else:
            self.registers.notify(RX)

    def inject(self, frame: bytes) -> None:
        """A frame arrives."""
        self._arrived = True
        self.qemu.inject(frame)

    def settle(self) -> None:
        """Raises Crashed, Hung."""
        self.qemu.settle()

    def interrupts(self) -> int:
        """As InterruptStatus shows them: bit 0, looked at and acknowledged at each round of `settle`."""
        count, self.qemu.interrupts = self.qemu.interrupts, 0
        return count

    def broken(self) -> bool:
        """DEVICE_NEEDS_RESET, as it was when `settle` returned."""
        return bool(self.qemu.status & NEEDS_RESET)

    def stop(self) -> None:
        """Stop the machine (QMP)."""
        if not self._stopped:
            self.qemu.qmp("stop")
            self._stopped = True

    def go_on(self) -> None:
        """Let it go on (QMP), and do then what its driver wanted to do meanwhile."""
        if self._stopped:
            self.qemu.qmp("cont")
            self._stopped = False
            if self._kicked_while_stopped:
                self._kicked_while_stopped = False
                self.kick()

    def reset(self) -> None:
        """Device reset.  Frames that QEMU had not delivered are lost: it would keep them for the next driver."""
        self.registers.status(0)
        self.go_on()
        if self._arrived:
            self._purge()
            self._arrived = False
        self.qemu.settle()
        self.interrupts()

    def _purge(self) -> None:
        """Empty QEMU's packet queue: offer the packets to a device whose link is down.

        C: qemu_deliver_packet_iov(), net/net.c, QEMU 7.2: a packet for a link that is down counts as sent
        """
        self.qemu.qmp("set_link", name="n0", up=False)
        somewhere = self.memory.room[0]
        self.set_up(RX, QueueAddresses(1, somewhere, somewhere, somewhere))  # never looked at: no DRIVER_OK
        self.registers.notify(RX)
        self.qemu.settle()
        self.registers.status(0)
        self.qemu.qmp("set_link", name="n0", up=True)

    def reset_queue(self) -> None:
        """Reset of the receive queue, which is then set up again at its place.  Raises Unsupported over virtio-mmio."""
        if not self.registers.reset_queue(RX):
            raise Unsupported("no reset of a queue over this transport")
        queue = self._queue
        for part, at in zip(parts(self._layout, queue.size), (queue.desc, queue.driver, queue.device), strict=True):
            self.memory.at(at, part.length)[:] = bytes(part.length)
        self.set_up(RX, self._queue)
        self.qemu.settle()
        self.interrupts()

    def close(self) -> None:
        """End QEMU."""
        self.qemu.close()
