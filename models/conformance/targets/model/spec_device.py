"""The target `spec-device`: the model of QEMU's virtio-net receive path as a device.

One frame at a time waits in the model, as in QEMU's packet queue behind a sender
that stops; those behind it wait in front.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import SharedFile
from vrx.models.conformance.protocol import Hung, Setup, Unsupported, setup
from vrx.models.conformance.targets.model.runner import MOST_STEPS, Edge, Runner, WireMemory, model_of, near
from vrx.models.conformance.wire.header import NetHeader
from vrx.models.conformance.wire.layout import DESC_BYTES, INDIRECT, QueueAddresses
from vrx.models.conformance.wire.split import driver_lies as lies
from vrx.models.conformance.wire.split.ring import Descriptor, DescriptorTable, SplitRing, UsedElement
from vrx.spec.layouts.split.contexts import SplitQ
from vrx.spec.layouts.split.memory import loc
from vrx.spec.qemu.state import Q
from vrx.spec.words import Array

MODELLED = frozenset(
    {
        lies.NEXT_OUT_OF_RANGE, lies.LOOP, lies.NO_LENGTH, lies.OUTSIDE, lies.AROUND_THE_TOP, lies.TABLE_ODD,
        lies.TABLE_EMPTY, lies.TABLE_OUTSIDE, lies.TABLE_LOOP, lies.READABLE_LAST, lies.NOTHING_WRITABLE,
    }
)  # fmt: skip
"""What a driver that lies may do to the model: it takes heads and indices for what a driver may write."""
OLD_HEADER = 10
"""Bytes that receive_header() writes: those of a header without num_buffers."""
LARGE = 1514
"""Bytes of the longest frame that one usual buffer holds."""
NUM_BUFFERS_AT = 10
"""Where num_buffers lies in a header."""


class SpecDevice:
    """A `DeviceUnderTest`.  It does nothing between the calls, and with `steps` a part of what it has to do.

    fault: an exhibit, whose faulty steps it runs instead
    taken: the edges of the model's control graph that it took, how often each
    """

    can = frozenset({"stop", "steps", "shape", "begin"})
    lies = MODELLED

    def __init__(self, fault: Exhibit | None = None) -> None:
        self._fault = fault
        self.taken: Counter[Edge] = Counter()
        self._file = SharedFile(16 << 20)
        self.memory = self._file.memory()
        self.run: Runner | None = None
        self.backlog: deque[bytes] = deque()

    def version(self) -> str:
        return "the steps of spec/qemu (QEMU 7.2)"

    def setups(self) -> Sequence[Setup]:
        return [
            setup(size, event_idx=event_idx, mergeable=mergeable, indirect=indirect)
            for size in (2, 1, 4, 16, 256)
            for mergeable, indirect in ((False, False), (True, False), (False, True))
            for event_idx in (False, True)
        ]

    def start(self, setup: Setup, queue: QueueAddresses) -> None:
        if setup.mergeable and setup.indirect:
            raise Unsupported("the model has no indirect tables where buffers merge")
        self.setup = setup
        self.backlog.clear()
        segments = 1 if setup.mergeable else max(2, setup.size) if setup.indirect else setup.size
        model = model_of(setup, segments, setup.mergeable, self._fault)
        ring = self.ring = SplitRing(self.memory, queue)
        memory = WireMemory(
            ring,
            avail_ring=ring.avail,
            desc_addr=lambda i: self._address(ring.desc[i]), desc_len=lambda i: self._length(ring.desc[i]),
            desc_flags=lambda i: ring.desc[i].flags, desc_next=lambda i: ring.desc[i].next,
            table_addr=lambda i: self._address(self._row(i)), table_len=lambda i: self._row(i).len,
            table_flags=lambda i: self._row(i).flags, table_next=lambda i: self._row(i).next,
        )  # fmt: skip
        self.run = Runner(model, memory, {
            loc.used_flags: lambda _, value: setattr(ring, "used_flags", value),
            loc.used_idx: lambda _, value: setattr(ring, "used_idx", value),
            loc.avail_event: lambda _, value: setattr(ring, "avail_event", value),
            loc.used_elem: lambda slot, element: ring.set_used(slot, UsedElement(*element)),
            loc.header: lambda at, _: self._write(at, NetHeader().encode()[:OLD_HEADER]),
            loc.num_buffers: lambda at, count: self._write(at + NUM_BUFFERS_AT, count.to_bytes(2, "little")),
            loc.piece: self._put_piece,
        }, self.taken)  # fmt: skip
        s = self.state = self.run.state
        self.main = s.main
        self.main.sg_addr, self.main.sg_len = Array([0] * segments), Array([0] * segments)
        self.main.elems, self.main.lens = Array([0] * setup.size), Array([0] * setup.size)
        s.vq.avail_idx_shadow = -1  # nobody's: only properties look at it
        self._packet = b""
        self._interrupts = 0

    def begin(self, index: int) -> None:
        """As if `index` buffers had gone through the queue, which is empty."""
        dev, ring = self.state.dev, self.ring
        dev.shadow_avail_idx = dev.last_avail_idx = dev.used_idx = dev.signalled_used = index
        dev.signalled_used_valid = True
        ring.avail_idx = ring.used_idx = index

    # The wire, in the model's terms.

    def _address(self, d: Descriptor) -> int:
        return d.addr + 1 if self.memory.holds(d.addr, d.len) else 0

    def _length(self, d: Descriptor) -> int:
        """Of a descriptor in the ring; where the model takes it for a table's, in entries."""
        if d.flags & INDIRECT and self.setup.indirect and self.main.pc in (SplitQ.DESC_READ, SplitQ.POP_DESC):
            return 0 if d.len % DESC_BYTES else d.len // DESC_BYTES
        return d.len

    def _row(self, i: int) -> Descriptor:
        """A descriptor of an indirect table, whose number the model makes of the table's address and its place."""
        address, n = divmod(i, self.state.cfg.segments)
        return DescriptorTable(self.memory.at(address + n * DESC_BYTES, DESC_BYTES))[0]

    def _write(self, at: int, data: bytes) -> None:
        self.memory.at(at, len(data))[:] = data

    def _put_piece(self, at: int, value: Any) -> None:
        """iov_from_buf() copies `count` bytes of the packet; behind the header, where that is in the same piece."""
        _, begin, count = value
        me = self.main
        behind = self.setup.header_bytes if me.held == 1 and me.seg == 0 else 0
        self._write(at + behind, self._packet[begin : begin + count])

    def shape(self, lengths: Sequence[int]) -> list[int]:
        """The header lies in one piece, as Linux posts it; where buffers merge they have one segment."""
        if self.setup.mergeable:
            return [sum(lengths)]
        first, rest = 0, list(lengths)
        while rest and first < self.setup.header_bytes:
            first += rest.pop(0)
        return [first, *rest]

    # What decides its next steps.

    def situation(self) -> tuple[object, ...]:
        """Equal where it will do the same, whatever is done to it: of lengths only what kind they are, no positions."""
        return self._of_loop(), self._of_device(), self._of_ring()

    def _of_loop(self) -> tuple[object, ...]:
        me, waiting = self.main, tuple(len(f) > LARGE for f in self.backlog)
        return int(me.pc), me.held, me.filled, me.size > LARGE, waiting

    def _of_device(self) -> tuple[object, ...]:
        dev, net = self.state.dev, self.state.net
        signalled = dev.signalled_used_valid, self._near(dev.signalled_used, dev.used_idx)
        packet = net.queued > LARGE, net.queued > 0, net.receive_disabled, net.running
        return dev.broken, dev.notification, signalled, packet, self._near(dev.shadow_avail_idx, dev.last_avail_idx)

    def _of_ring(self) -> tuple[object, ...]:
        dev, ring = self.state.dev, self.ring
        wishes = self._near(ring.used_event, dev.used_idx), self._near(ring.avail_event, ring.avail_idx)
        return ring.avail_flags, ring.used_flags, wishes, self._near(ring.avail_idx, dev.last_avail_idx)

    def _near(self, a: int, b: int) -> int:
        return near(a, b, self.setup.size + 1)

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
        self._packet = self.backlog.popleft()
        return self.run.take_named(self.main, "qemu_net_queue_send", size=len(self._packet) - 1)

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
