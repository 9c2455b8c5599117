"""The target `spec-device`: the model of QEMU's virtio-net receive path as a device.

The model moves no bytes and has buffers of one size: what a packet's buffers
hold, and the length of a used entry, are put there here, when the model writes
the entry.  A packet that waits is the model's; those behind it wait in front.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from models.conformance.chains import Chain, read_chain, write_prefix
from models.conformance.memory import SharedFile
from models.conformance.protocol import Setup, Unsupported, setup
from models.conformance.targets.spec_model import (
    DEVICE_WRITES,
    UNIT,
    Runner,
    WireMemory,
    nothing,
    system_of,
    with_fault,
)
from models.conformance.wire import HEADER_BYTES, NetHeader, QueueAddresses, SplitRing, UsedElement
from spec.qemu.state import Q

LONGEST = 65535


class SpecDevice:
    """A `DeviceUnderTest`.  It does nothing between the calls, and with `steps` a part of what it has to do.

    fault: the name of an exhibit of the museum, whose faulty steps it runs instead
    """

    can = frozenset({"stop", "plain", "steps"})

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self._file = SharedFile(16 << 20)
        self.memory = self._file.memory()
        self.run: Runner | None = None
        self._backlog: deque[bytes] = deque()

    def version(self) -> str:
        return "the steps of spec/qemu (QEMU 7.2)"

    def setups(self) -> Sequence[Setup]:
        return [
            setup(size, event_idx=event_idx, mergeable=mergeable)
            for size in (2, 1, 4, 16, 256)
            for mergeable in (False, True)
            for event_idx in (False, True)
        ]

    def start(self, setup: Setup, queue: QueueAddresses) -> None:
        self.setup = setup
        self._backlog.clear()
        most = min(setup.size, -(-(LONGEST + HEADER_BYTES) // UNIT)) if setup.mergeable else 2
        run = self.run = Runner(with_fault(system_of(setup, most), self._fault))
        self.ring = SplitRing(self.memory, queue)
        s = self.state = run.state
        s.mem = WireMemory(self.ring, DEVICE_WRITES, nothing, self._put_used)
        s.vq.avail_idx_shadow = -1  # nobody's: only properties look at it
        self.main = s.main
        self._packet: bytes | None = None
        self._written = 0
        self._interrupts = 0

    def _needs(self, frame: bytes) -> int:
        """How many buffers a frame takes; where they do not merge, 2 is one that does not fit."""
        length = len(frame) + HEADER_BYTES
        if self.setup.mergeable:
            return -(-length // UNIT)
        return 1 if length <= 1526 else 2

    def _put_used(self, slot: int, head: int) -> None:
        """virtqueue_fill() writes an entry: what its buffer holds was written before."""
        chain: Chain = read_chain(self.ring, self.memory, head, False)
        assert self._packet is not None
        whole = NetHeader(num_buffers=self._needs(self._packet)).encode() + self._packet
        part = whole[self._written : self._written + chain.capacity]
        write_prefix(self.memory, chain, part)
        self._written += len(part)
        self.ring.set_used(slot, UsedElement(head, len(part)))

    def kick(self) -> None:
        self.state.lines.kick = True

    def inject(self, frame: bytes) -> None:
        self._backlog.append(frame)

    def interrupts(self) -> int:
        count, self._interrupts = self._interrupts, 0
        return count

    def _arrive(self) -> bool:
        """The next frame reaches the device, if that can take it and has no other one."""
        s = self.state
        if s.net.queued or self.main.pc != Q.IDLE or not self._backlog:
            return False
        needs = self._needs(self._backlog[0])
        most = s.cfg.max_packet
        if needs > most:
            return False
        assert self.run is not None
        taken = self.run.take(self.main, self.run.by_name["qemu_net_queue_send"], size=needs - 1, watch=0)
        if taken:
            self._packet, self._written = self._backlog.popleft(), 0
        return taken

    def step(self) -> bool:
        """One step of the main loop, or the arrival of a frame; False if there is nothing to do."""
        assert self.run is not None
        if not self.state.net.running:
            return False
        did = self.run.move(self.main) or self._arrive()
        if self.state.lines.irq:
            self.state.lines.irq = False
            self._interrupts += 1
        return did

    def steps(self, n: int) -> None:
        """Up to n steps: the harness goes on while the device is in the middle of something."""
        for _ in range(n):
            if not self.step():
                return

    def settle(self) -> None:
        for _ in range(1_000_000):
            if not self.step():
                return
        raise RuntimeError("the model does not come to rest")

    def broken(self) -> bool:
        return bool(self.state.dev.broken)

    def reset(self) -> None:
        self._backlog.clear()

    def reset_queue(self) -> None:
        raise Unsupported("not modelled")

    def stop(self) -> None:
        """Between two rounds of the main loop."""
        while self.main.pc != Q.IDLE:
            self.step()
        assert self.run is not None
        if "vm_stop" in self.run.by_name and self.state.cfg.stops:
            self.run.take(self.main, self.run.by_name["vm_stop"])

    def go_on(self) -> None:
        assert self.run is not None
        if not self.state.net.running:
            self.run.take(self.main, self.run.by_name["vm_continue"])

    def reached(self) -> frozenset[str]:
        """The edges of the model's control graph that were taken."""
        return frozenset(" ".join(edge) for edge in self.run.taken) if self.run else frozenset()

    def close(self) -> None:
        self._file.close()
