"""Both ways of a split ring, read by whoever watches: heads from the available ring, entries from the used ring."""

from __future__ import annotations

from collections.abc import Sequence

from vrx.models.conformance.memory import Memory, Segment
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.protocol import Breach, UsedBuffer
from vrx.models.conformance.wire.split.chain import read_chain
from vrx.models.conformance.wire.split.held import HeldAvailable, held_used
from vrx.models.conformance.wire.split.ring import SplitRing
from vrx.spec.standard.judge import AskInterrupts, AskKicks, DriverOk


def driver_ok(ring: SplitRing) -> DriverOk:
    """The event of DRIVER_OK, as the ring stands."""
    where = ring.where
    return DriverOk(ring.used_flags, (where.desc, where.driver, where.device))


class AvailableRing:
    """The available ring, as `AvailableBuffers`.  indirect: INDIRECT_DESC is negotiated."""

    def __init__(self, ring: SplitRing, memory: Memory, indirect: bool) -> None:
        self._ring, self._memory, self._indirect = ring, memory, indirect
        self.at = 0
        self._held = HeldAvailable(ring, memory)
        self._stood, self._asked = (0, 0), AskInterrupts()

    def new(self) -> int:
        return self._ring.avail_idx - self.at & 0xFFFF

    def moved(self) -> str:
        return f"avail.idx from {self.at} to {self._ring.avail_idx}"

    def next(self, known: Sequence[Segment] | None = None) -> Chain:
        ring, slot = self._ring, self.at % self._ring.size
        head = ring.avail(slot)
        self.at = self.at + 1 & 0xFFFF
        if known is None:
            chain = read_chain(ring, self._memory, head, self._indirect)
            self._held.keep(slot, chain)
            return chain
        return Chain(head, (head,), tuple(known), sum(s.length for s in known if s.writable), False)

    def again(self, chain: Chain) -> Chain:
        return read_chain(self._ring, self._memory, chain.head, self._indirect)

    def used(self, id: int) -> None:
        self._held.let_go(id)

    def changed(self) -> Breach | None:
        return self._held.changed()

    def skip(self) -> None:
        self.at = self._ring.avail_idx

    def asked(self) -> AskInterrupts:
        """The same object until it changes."""
        stands = self._ring.interrupts_asked()
        if stands != self._stood:
            self._stood, self._asked = stands, AskInterrupts(*stands)
        return self._asked


class UsedRing:
    """The used ring, as `UsedBuffers`."""

    def __init__(self, ring: SplitRing) -> None:
        self._ring = ring
        self.at = 0
        self._held = held_used(ring)
        self._stood, self._asked = (0, 0), AskKicks()

    def new(self) -> int:
        return self._ring.used_idx - self.at & 0xFFFF

    def next(self) -> UsedBuffer:
        slot = self.at % self._ring.size
        head, length = self._ring.used(slot)
        self._held.keep([slot])
        self.at = self.at + 1 & 0xFFFF
        return UsedBuffer(head, length)

    def wrong(self) -> Breach | None:
        """An entry has nothing but an ID and a length."""
        return None

    def taken(self) -> None:
        self._held.let_go()

    def changed(self) -> Breach | None:
        return self._held.changed()

    def asked(self) -> AskKicks:
        """The same object until it changes."""
        stands = self._ring.kicks_asked()
        if stands != self._stood:
            self._stood, self._asked = stands, AskKicks(*stands)
        return self._asked
