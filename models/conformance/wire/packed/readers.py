"""Both ways of a packed ring, read by whoever watches: buffers made available, and used descriptors.

A used descriptor stands for all slots of its buffer, and does not say how many these are:
who reads it has to remember them for each ID, as a driver does (VIRTIO 1.4, 2.8.6).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.buffer import Chain, Malformed
from vrx.models.conformance.wire.layout import NEXT, WRITE
from vrx.models.conformance.wire.packed.chain import read_list
from vrx.models.conformance.wire.packed.held import HeldAvailable, held_used
from vrx.models.conformance.wire.packed.positions import wish, wrap
from vrx.models.conformance.wire.packed.ring import PackedRing
from vrx.models.conformance.wire.protocol import Breach, Terms, UsedBuffer
from vrx.spec.layouts.packed.standard.chain import available, used
from vrx.spec.standard.judge import AskInterrupts, AskKicks, DriverOk

Spans = dict[int, int]
"""How many slots the buffer of an ID takes, of those that the device has or whose used descriptor nobody has read."""


def driver_ok(ring: PackedRing) -> DriverOk:
    """The event of DRIVER_OK, as the ring stands."""
    where = ring.where
    return DriverOk(0, (where.desc, where.driver, where.device))


class AvailableSlots:
    """What a driver makes available, as `AvailableBuffers`.

    spans: of what was read here and is not used yet, as far as whoever shares it takes note of that
    kept: up to this position slots have been overwritten by used descriptors, and say nothing of buffers any more
    recent: IDs that were read, the last ones
    """

    def __init__(self, ring: PackedRing, memory: Memory, terms: Terms, spans: Spans) -> None:
        self._ring, self._memory, self._terms = ring, memory, terms
        self.at = self.kept = 0
        self.spans = spans
        self.recent: deque[int] = deque(maxlen=ring.size)
        self._held = HeldAvailable(ring, memory)
        self._stood, self._asked = (-1, -1), AskInterrupts()

    def new(self) -> int:
        ring, size, at, count = self._ring, self._ring.size, self.at, 0
        while at - self.at <= size and available(ring.desc.flags(at % size), wrap(size, at)):
            at += self._span(at)
            count += 1
        return count

    def _span(self, at: int) -> int:
        """Slots of the buffer there, by its flags NEXT; one more than there are in a list that does not end."""
        ring, size = self._ring, self._ring.size
        for n in range(size):
            if not ring.desc.flags((at + n) % size) & NEXT:
                return n + 1
        return size + 1

    def moved(self) -> str:
        size = self._ring.size
        return f"slots available from slot {self.at % size} on, flags {self._ring.desc.flags(self.at % size):#x}"

    def next(self, known: Sequence[Segment] | None = None) -> Chain:
        at = self.at
        if known is None:
            chain = read_list(self._ring, self._memory, at, self._terms.indirect)
            self._held.keep(chain)
        else:
            span = self._span(at)
            last = self._ring.desc[(at + span - 1) % self._ring.size]
            capacity = sum(s.length for s in known if s.writable)
            chain = Chain(last.id, tuple(range(at, at + span)), tuple(known), capacity, False)
        self.at = at + len(chain.used)
        self.spans[chain.head] = len(chain.used)
        self.recent.append(chain.head)
        return chain

    def again(self, chain: Chain) -> Chain:
        """As it stood, where a used descriptor lies over it: slots of buffers that are out are the device's (A14)."""
        if chain.used[0] < self.kept:
            return chain
        return read_list(self._ring, self._memory, chain.used[0], self._terms.indirect)

    def used(self, id: int) -> None:
        self._held.let_go(id)

    def changed(self) -> Breach | None:
        return self._held.changed(self.kept)

    def skip(self) -> None:
        while self.new():
            try:
                self.next()
            except Malformed:
                self.at += 1

    def asked(self) -> AskInterrupts:
        """The same object until it changes."""
        event = self._ring.driver_event
        stands = event.flags, event.off_wrap
        if stands != self._stood:
            self._stood = stands
            self._asked = AskInterrupts(*wish(*stands, self._ring.size, self._terms.event_idx))
        return self._asked


class UsedSlots:
    """What a device has used, as `UsedBuffers`.

    spans: as of whoever places or reads available buffers; recent: ID and length of what was read, the last ones
    """

    def __init__(self, ring: PackedRing, terms: Terms, spans: Spans) -> None:
        self._ring, self._terms, self.spans = ring, terms, spans
        self.at = 0
        self.recent: deque[UsedBuffer] = deque(maxlen=ring.size)
        self._held = held_used(ring)
        self._stood, self._asked = (-1, -1), AskKicks()
        self._wrong: Breach | None = None

    def new(self) -> int:
        ring, size, at, count = self._ring, self._ring.size, self.at, 0
        while at - self.at < size and used(ring.desc.flags(at % size), wrap(size, at)):
            at += self.spans.get(ring.desc[at % size].id, 1)
            count += 1
        return count

    def unread(self) -> int:
        """How many slots lie behind `at` up to the next one that is not used."""
        at = self.at
        for _ in range(self.new()):
            at += self.spans.get(self._ring.desc[at % self._ring.size].id, 1)
        return at - self.at

    def next(self) -> UsedBuffer:
        slot = self.at % self._ring.size
        _, length, buffer_id, flags = self._ring.desc[slot]
        self._held.keep([slot])
        self.at += self.spans.pop(buffer_id, 1)
        self._wrong = None
        if length and not flags & WRITE:
            seen = f"flags {flags:#x} in the used descriptor of ID {buffer_id}, with a length of {length}"
            self._wrong = Breach("P-2.8.3-1", seen, summary="a used descriptor says that nothing was written")
        self.recent.append(UsedBuffer(buffer_id, length))
        return self.recent[-1]

    def wrong(self) -> Breach | None:
        return self._wrong

    def taken(self) -> None:
        self._held.let_go()

    def changed(self) -> Breach | None:
        return self._held.changed()

    def asked(self) -> AskKicks:
        """The same object until it changes."""
        event = self._ring.device_event
        stands = event.flags, event.off_wrap
        if stands != self._stood:
            self._stood = stands
            self._asked = AskKicks(*wish(*stands, self._ring.size, self._terms.event_idx))
        return self._asked
