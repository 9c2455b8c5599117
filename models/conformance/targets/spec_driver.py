"""The target `spec-driver`: the model of Linux's virtqueue functions as a driver's half of a virtqueue."""

from __future__ import annotations

from collections.abc import Sequence

from models.conformance.memory import PAGE, SharedFile
from models.conformance.protocol import Segment, Setup, Taken, Unsupported, setup
from models.conformance.targets.spec_model import DRIVER_WRITES, Runner, WireMemory, nothing, system_of, with_fault
from models.conformance.wire import WRITE, Descriptor, QueueAddresses, SplitRing, place
from spec.linux.state import L

RING_ROOM = 1 << 20


class SpecDriver:
    """A `QueueDriver`: each call runs the steps of the C function of that name, to its end.

    fault: the name of an exhibit of the museum, whose faulty steps it runs instead
    """

    can = frozenset({"prepare", "plain", "begin"})

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self._file = SharedFile(64 << 20)
        self.memory = self._file.memory(reserved=RING_ROOM)
        self._kicks = self._callbacks = 0

    def version(self) -> str:
        return "the steps of spec/linux (Linux 6.1)"

    def setups(self) -> Sequence[Setup]:
        return [setup(size, event_idx=event_idx) for size in (2, 1, 4, 16, 256) for event_idx in (False, True)]

    def start(self, setup: Setup) -> QueueAddresses:
        self.run = Runner(with_fault(system_of(setup, 1), self._fault))
        where, end = place("split", setup.size, PAGE)
        self.memory.regions[0].view[PAGE:end] = bytes(end - PAGE)
        self.ring = SplitRing(self.memory, where)
        s = self.state = self.run.state
        s.mem = WireMemory(self.ring, DRIVER_WRITES, self._put_avail, nothing)
        self.me = s.cpus[0].softirq
        self.irq = s.cpus[0].hardirq
        self.me.pc = L.IDLE
        s.napi.sched = False
        self._tokens: dict[int, int] = {}
        self._segment = Segment(0, 0)
        self._kicks = self._callbacks = 0
        return where

    def begin(self, index: int) -> None:
        """As if `index` buffers had gone through the queue."""
        vq = self.state.vq
        vq.avail_idx_shadow = vq.last_used_idx = index
        ring = self.ring
        ring.avail_idx = ring.used_idx = ring.used_event = ring.avail_event = index

    def _put_avail(self, slot: int, head: int) -> None:
        """virtqueue_add_split() writes the entry: the descriptor was written before."""
        address, length, writable = self._segment
        self.ring.desc[head] = Descriptor(address, length, WRITE if writable else 0, 0)
        self.ring.set_avail(slot, head)

    def post(self, segments: Sequence[Segment], token: int) -> bool:
        if len(segments) != 1:
            raise Unsupported("the model's buffers have one segment")
        s, me = self.state, self.me
        if s.vq.broken or s.vq.num_free == 0:
            return False
        (self._segment,) = segments
        self._tokens[s.vq.free_head] = token
        me.pc = L.ADD_RING
        self.run.until(me, lambda: me.pc in (L.TRY_FILL_RECV, L.KICK_PREPARE))
        me.pc = L.IDLE
        return True

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
        before, slot = s.vq.last_used_idx, s.vq.last_used_idx % s.cfg.size
        me.pc = L.MORE_USED
        head, length = self.ring.used(slot)
        self.run.move(me)
        self.run.until(me, lambda: me.pc in (L.REFILL_TEST, L.MORE_USED))
        me.pc = L.IDLE
        me.received = False
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

    def reached(self) -> frozenset[str]:
        """The edges of the model's control graph that were taken."""
        return frozenset(" ".join(edge) for edge in self.run.taken)

    def close(self) -> None:
        self._file.close()
