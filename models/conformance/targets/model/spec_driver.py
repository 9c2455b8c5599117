"""The target `spec-driver`: the model of Linux's virtqueue functions as a driver's half of a virtqueue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import SharedFile
from vrx.models.conformance.protocol import Segment, Setup, Taken, Unsupported, setup
from vrx.models.conformance.targets.model.halves import DriverHalf
from vrx.models.conformance.targets.model.packed_driver import PackedHalf
from vrx.models.conformance.targets.model.runner import Edge
from vrx.models.conformance.targets.model.split_driver import SplitHalf
from vrx.models.conformance.wire.layout import QueueAddresses
from vrx.models.conformance.wire.lies import DEVICE_LIES
from vrx.spec.linux.state import L

RING_ROOM: Final = 4 << 20
HALVES: Final[Mapping[str, Callable[..., DriverHalf]]] = {"split": SplitHalf, "packed": PackedHalf}


class SpecDriver:
    """A `QueueDriver`: each call runs the steps of the C function of that name, to its end.

    fault: an exhibit, whose faulty steps it runs instead
    taken: the edges of the model's control graph that it took, how often each
    """

    can = frozenset({"prepare", "begin", "writable"})
    lies = frozenset({2, 3})  # heads that it does not have out, and any length
    refuses: Final[Mapping[int, str]] = dict.fromkeys(
        set(range(DEVICE_LIES)) - lies, "in the model a device says of a buffer that it has any length, and no more"
    )

    def __init__(self, fault: Exhibit | None = None) -> None:
        self._fault = fault
        self.taken: Counter[Edge] = Counter()
        self._file = SharedFile(64 << 20)
        self.memory = self._file.memory(reserved=RING_ROOM)
        self._kicks = self._callbacks = 0

    def version(self) -> str:
        return "the steps of spec/linux (Linux 6.1)"

    def setups(self) -> Sequence[Setup]:
        return [
            setup(size, packed=packed, event_idx=event_idx, indirect=indirect)
            for packed, sizes in ((False, (2, 1, 4, 16, 256)), (True, (2, 1, 3, 16, 255)))
            for size in sizes
            for indirect in (False, True)
            for event_idx in (False, True)
        ]

    def start(self, setup: Setup) -> QueueAddresses:
        self.half: DriverHalf = HALVES[setup.layout](self.memory, setup, self._fault, self.taken)
        self.run = self.half.run
        s = self.state = self.half.state
        self.me = s.cpus[0].softirq
        self.irq = s.cpus[0].hardirq
        self.me.pc = L.IDLE
        s.napi.sched = False
        self._tokens: dict[int, int] = {}
        self._kicks = self._callbacks = 0
        return self.half.where

    def situation(self) -> tuple[object, ...]:
        """What decides its next steps: equal where it will do the same, whatever is done to it."""
        return self.half.of_queue(), self.half.of_ring()

    # What a network driver calls.

    def begin(self, index: int) -> None:
        """As if `index` buffers had gone through the queue."""
        self.half.begin(index)

    def post(self, segments: Sequence[Segment], token: int) -> bool:
        if not all(s.writable for s in segments):
            raise Unsupported("the model's buffers are written by the device")
        s, me = self.state, self.me
        self.half.posts(segments)
        head = s.vq.free_head
        me.pc = L.TRY_FILL_RECV
        self.run.move(me)
        added: bool = me.pc != L.KICK_PREPARE
        if added:
            self._tokens[head] = token
            self.run.until(me, lambda: me.pc in (L.TRY_FILL_RECV, L.KICK_PREPARE))
        me.pc = L.IDLE
        return added

    def kick(self) -> None:
        self.me.pc = L.IDLE
        self.me.call(L.KICK_PREPARE, then=L.IDLE)
        self._finish()
        if self.state.lines.kick:
            self.state.lines.kick = False
            self._kicks += 1

    def _finish(self) -> None:
        me = self.me
        self.run.until(me, lambda: me.pc == L.IDLE)

    def take(self) -> Taken | None:
        s, me = self.state, self.me
        before, (head, length) = s.vq.last_used_idx, self.half.next_used()
        me.pc = L.MORE_USED
        self.run.move(me)
        self.run.until(me, lambda: not self.half.taking(me.pc))
        me.pc = L.IDLE
        me.received, me.head, me.length = False, 0, 0
        return Taken(self._tokens.pop(head), length) if s.vq.last_used_idx != before else None

    def disable(self) -> None:
        self.me.call(L.DISABLE_CB, then=L.IDLE)
        self._finish()

    def prepare(self) -> int:
        me = self.me
        me.pc = L.ENABLE_CB_PREPARE
        self.run.until(me, lambda: me.pc == L.NAPI_COMPLETE_DONE)
        me.pc = L.IDLE
        return int(me.opaque)

    def poll(self, mark: int) -> bool:
        me = self.me
        me.opaque = mark
        me.pc = L.VIRTQUEUE_POLL
        self.run.until(me, lambda: me.pc != L.VIRTQUEUE_POLL)
        found: bool = me.pc == L.NAPI_SCHEDULE_PREP
        me.pc = me.ret0 = L.IDLE
        return found

    def enable(self) -> bool:
        return not self.poll(self.prepare())

    def enable_delayed(self) -> bool:
        raise Unsupported("not modelled")

    def interrupt(self) -> None:
        irq = self.irq
        irq.pc = L.VRING_INTERRUPT
        self.run.until(irq, lambda: irq.pc in (L.IDLE, L.SKB_RECV_DONE))
        self._callbacks += irq.pc == L.SKB_RECV_DONE
        irq.pc = L.IDLE

    def called_back(self) -> int:
        count, self._callbacks = self._callbacks, 0
        return count

    def kicks(self) -> int:
        count, self._kicks = self._kicks, 0
        return count

    def delivered(self) -> None:
        """A queue delivers nothing: `take` says what came back."""

    def detach(self) -> int | None:
        return self._tokens.popitem()[1] if self._tokens else None

    def settle(self) -> None:
        """Each call has run to its end."""

    def broken(self) -> bool:
        return bool(self.state.vq.broken)

    def reset(self) -> None:
        """The next start begins anew."""

    def reset_queue(self) -> None:
        raise Unsupported("not modelled")

    def stop(self) -> None:
        raise Unsupported("not modelled")

    def go_on(self) -> None:
        raise Unsupported("not modelled")

    def close(self) -> None:
        self._file.close()
