"""The target `spec-device`: the model of QEMU's virtio-net receive path as a device.

One frame at a time waits in the model, as in QEMU's packet queue behind a sender
that stops; those behind it wait in front.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import SharedFile
from vrx.models.conformance.protocol import Hung, Setup, Unsupported, setup
from vrx.models.conformance.targets.model import packed_device, split_device
from vrx.models.conformance.targets.model.halves import DeviceHalf
from vrx.models.conformance.targets.model.runner import MOST_STEPS, Edge, Runner
from vrx.models.conformance.wire.layout import QueueAddresses
from vrx.models.conformance.wire.lies import DRIVER_LIES
from vrx.spec.qemu.state import Q

LARGE = 1514
"""Bytes of the longest frame that one usual buffer holds."""
REFUSALS: Final[Mapping[str, Callable[[Setup], Mapping[int, str]]]] = {
    "split": split_device.refusals,
    "packed": packed_device.refusals,
}
"""What a driver that lies cannot say to it and why not, by the layout."""
HALVES: Final[Mapping[str, Callable[..., DeviceHalf]]] = {
    "split": split_device.SplitHalf,
    "packed": packed_device.PackedHalf,
}


class SpecDevice:
    """A `DeviceUnderTest`.  It does nothing between the calls, and with `steps` a part of what it has to do.

    fault: an exhibit, whose faulty steps it runs instead
    taken: the edges of the model's control graph that it took, how often each
    """

    can = frozenset({"stop", "steps", "shape", "begin"})
    def __init__(self, fault: Exhibit | None = None) -> None:
        self._fault = fault
        self.taken: Counter[Edge] = Counter()
        self._file = SharedFile(16 << 20)
        self.memory = self._file.memory()
        self.run: Runner | None = None
        self.refuses: Mapping[int, str] = {}
        self.lies = frozenset(range(DRIVER_LIES))
        self.backlog: deque[bytes] = deque()

    def version(self) -> str:
        return "the steps of spec/qemu (QEMU 7.2)"

    def setups(self) -> Sequence[Setup]:
        return [
            setup(size, packed=packed, event_idx=event_idx, mergeable=mergeable, indirect=indirect)
            for packed, sizes in ((False, (2, 1, 4, 16, 256)), (True, (2, 1, 3, 16, 255)))
            for size in sizes
            for mergeable, indirect in ((False, False), (True, False), (False, True))
            for event_idx in (False, True)
        ]

    def start(self, setup: Setup, queue: QueueAddresses) -> None:
        self.backlog.clear()
        self.half: DeviceHalf = HALVES[setup.layout](self.memory, setup, queue, self._fault, self.taken)
        self.refuses = REFUSALS[setup.layout](setup)
        self.lies = frozenset(range(DRIVER_LIES)) - set(self.refuses)
        self.run, self.state = self.half.run, self.half.state
        self.main = self.state.main
        self._interrupts = 0

    def begin(self, index: int) -> None:
        """As if `index` buffers had gone through the queue, which is empty."""
        self.half.begin(index)

    def shape(self, lengths: Sequence[int]) -> list[int]:
        """Which buffer it takes in the place of one of these lengths."""
        return self.half.shape(lengths)

    # What decides its next steps.

    def situation(self) -> tuple[object, ...]:
        """Equal where it will do the same, whatever is done to it: of lengths only what kind they are, no positions."""
        return self._of_loop(), self._of_device(), self.half.of_ring()

    def _of_loop(self) -> tuple[object, ...]:
        me, waiting = self.main, tuple(len(f) > LARGE for f in self.backlog)
        return int(me.pc), me.held, me.filled, me.size > LARGE, waiting

    def _of_device(self) -> tuple[object, ...]:
        dev, net = self.state.dev, self.state.net
        packet = net.queued > LARGE, net.queued > 0, net.receive_disabled, net.running
        return dev.broken, dev.notification, packet, self.half.of_device()

    # What the surroundings do.

    def kick(self) -> None:
        self.state.lines.kick = True

    def inject(self, frame: bytes) -> None:
        self.backlog.append(frame)

    def interrupts(self) -> int:
        count, self._interrupts = self._interrupts, 0
        return count

    def _arrive(self) -> bool:
        """The next frame reaches the device, if that has no other one."""
        s = self.state
        if s.net.queued or self.main.pc != Q.IDLE or not self.backlog:
            return False
        assert self.run is not None
        size = self.half.arrives(self.backlog.popleft())
        return self.run.take_named(self.main, "qemu_net_queue_send", size=size - 1)

    def step(self) -> bool:
        """One step of the main loop, or the arrival of a frame; False if there is nothing to do."""
        assert self.run is not None
        did = (self.state.net.running and self.run.move(self.main)) or self._arrive()
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
        before, still = (-1, -1), 0
        while still < MOST_STEPS:
            if not self.step():
                return
            now = (len(self.backlog), self.state.dev.used_idx)
            still = still + 1 if now == before else 0
            before = now
        raise Hung("the model does not come to rest")

    def broken(self) -> bool:
        return bool(self.state.dev.broken)

    def reset(self) -> None:
        self.backlog.clear()

    def reset_queue(self) -> None:
        raise Unsupported("not modelled")

    def stop(self) -> None:
        """Between two rounds of the main loop."""
        while self.main.pc != Q.IDLE:
            self.step()
        assert self.run is not None
        self.run.take_named(self.main, "vm_stop")
        while self.main.pc != Q.IDLE:  # the packet that waited is offered once more
            self.run.move(self.main)

    def go_on(self) -> None:
        assert self.run is not None
        if not self.state.net.running:
            self.run.take_named(self.main, "vm_continue")

    def close(self) -> None:
        self._file.close()
