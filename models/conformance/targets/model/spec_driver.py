"""The target `spec-driver`: the model of Linux's virtqueue functions as a driver's half of a virtqueue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.memory import PAGE, SharedFile
from vrx.models.conformance.protocol import Segment, Setup, Taken, Unsupported, setup
from vrx.models.conformance.targets.model.runner import Edge, Runner, WireMemory, model_of, near
from vrx.models.conformance.wire.layout import DESC_BYTES, QueueAddresses, place
from vrx.models.conformance.wire.split.ring import DescriptorTable, SplitRing
from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.memory import loc
from vrx.spec.linux.state import L

RING_ROOM: Final = 4 << 20
TAKING: Final = frozenset(range(SplitL.USED_ID, SplitL.GET_BUF_EVENT_MB + 1))
"""Where virtqueue_get_buf_ctx_split() has not returned yet."""


class SpecDriver:
    """A `QueueDriver`: each call runs the steps of the C function of that name, to its end.

    fault: an exhibit, whose faulty steps it runs instead
    taken: the edges of the model's control graph that it took, how often each
    """

    can = frozenset({"prepare", "begin", "writable"})
    lies = frozenset({2, 3})  # heads that it does not have out, and any length

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
            setup(size, event_idx=event_idx, indirect=indirect)
            for size in (2, 1, 4, 16, 256)
            for indirect in (False, True)
            for event_idx in (False, True)
        ]

    def start(self, setup: Setup) -> QueueAddresses:
        self._setup = setup
        where, end = place("split", setup.size, PAGE)
        self.memory.regions[0].view[PAGE:end] = bytes(end - PAGE)
        ring = self.ring = SplitRing(self.memory, where)
        self._tables_at = -(-end // PAGE) * PAGE  # a table for each descriptor, as long as the ring
        tables = DescriptorTable(self.memory.at(self._tables_at, setup.size**2 * DESC_BYTES))
        desc, row = ring.desc, self._row
        memory = WireMemory(
            ring, used_id=lambda i: ring.used(i).id, used_len=lambda i: ring.used(i).len,
            desc_flags=lambda i: desc[i].flags,
            table_flags=lambda k: tables[row(k)].flags, table_next=lambda k: tables[row(k)].next,
        )  # fmt: skip
        self.run = Runner(model_of(setup, 1, False, self._fault), memory, {
            loc.avail_flags: lambda _, value: setattr(ring, "avail_flags", value),
            loc.avail_idx: lambda _, value: setattr(ring, "avail_idx", value),
            loc.used_event: lambda _, value: setattr(ring, "used_event", value),
            loc.avail_ring: ring.set_avail,
            loc.desc_addr: lambda i, value: desc.set_addr(i, self._address(value)),
            loc.desc_len: lambda i, value: desc.set_len(i, self._length(value)),
            loc.desc_flags: desc.set_flags,
            loc.desc_next: desc.set_next,
            loc.table_addr: lambda k, value: tables.set_addr(row(k), self._address(value)),
            loc.table_len: lambda k, value: tables.set_len(row(k), self._length(value)),
            loc.table_flags: lambda k, value: tables.set_flags(row(k), value),
            loc.table_next: lambda k, value: tables.set_next(row(k), value),
        }, self.taken)  # fmt: skip
        s = self.state = self.run.state
        self.me = s.cpus[0].softirq
        self.irq = s.cpus[0].hardirq
        self.me.pc = L.IDLE
        s.napi.sched = False
        self._tokens: dict[int, int] = {}
        self._segments: Sequence[Segment] = ()
        self._kicks = self._callbacks = 0
        return where

    def situation(self) -> tuple[object, ...]:
        """What decides its next steps: equal where it will do the same, whatever is done to it."""
        return self._of_queue(), self._of_ring()

    def _of_queue(self) -> tuple[object, ...]:
        vq = self.state.vq
        return vq.num_free, vq.num_added, vq.no_interrupt, vq.event_triggered

    def _of_ring(self) -> tuple[object, ...]:
        vq, ring = self.state.vq, self.ring
        wishes = self._near(ring.used_event, ring.used_idx), self._near(ring.avail_event, ring.avail_idx)
        return ring.avail_flags, ring.used_flags, wishes, self._near(ring.used_idx, vq.last_used_idx)

    def _near(self, a: int, b: int) -> int:
        return near(a, b, self._setup.size + 1)

    # The wire, in the model's terms.

    def _row(self, k: int) -> int:
        """Of all tables' entries, the one that the model calls k: its tables have as many as the buffer."""
        head, n = divmod(k, self.state.cfg.segments)
        return int(head * self._setup.size + n)

    @property
    def _names_table(self) -> bool:
        """Is the descriptor that is being written the one that names a table?"""
        return bool(self.state.cfg.indirect) and self.me.seg == self.state.cfg.segments

    def _address(self, value: int) -> int:
        """Of the segment, or of the table, that the model numbers from 1 on."""
        if self._names_table:
            return self._tables_at + (value - 1) * self._setup.size * DESC_BYTES
        return self._segments[(value - 1) % int(self.state.cfg.segments)].address

    def _length(self, value: int) -> int:
        """Of that segment, which is not what the driver of the model would post, or of that table."""
        return value * DESC_BYTES if self._names_table else self._segments[self.me.seg].length

    # What a network driver calls.

    def begin(self, index: int) -> None:
        """As if `index` buffers had gone through the queue."""
        vq = self.state.vq
        vq.avail_idx_shadow = vq.last_used_idx = index
        ring = self.ring
        ring.avail_idx = ring.used_idx = ring.used_event = ring.avail_event = index

    def post(self, segments: Sequence[Segment], token: int) -> bool:
        if not all(s.writable for s in segments):
            raise Unsupported("the model's buffers are written by the device")
        s, me = self.state, self.me
        if len(segments) > s.cfg.size:
            raise Unsupported("the model's buffers are no longer than the ring")
        self.run.become(model_of(self._setup, len(segments), False, self._fault))
        self._segments = segments
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
        before, slot = s.vq.last_used_idx, s.vq.last_used_idx % s.cfg.size
        me.pc = L.MORE_USED
        head, length = self.ring.used(slot)
        self.run.move(me)
        self.run.until(me, lambda: me.pc not in TAKING)
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
