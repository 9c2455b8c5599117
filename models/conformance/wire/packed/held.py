"""What one side of a packed ring has published and the other has not taken: it stays as it was read.

The device writes its used descriptors over slots of any buffers (VIRTIO 1.4, 2.8.21.3), and of such a slot only the
address is left as it was: so of a descriptor that is available only the address is read again, and tables as a whole.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.layout import DESC_BYTES
from vrx.models.conformance.wire.packed.ring import PackedRing
from vrx.models.conformance.wire.protocol import Breach


class _Held(NamedTuple):
    """A buffer that is out: positions with their addresses, and its indirect table."""

    addresses: tuple[tuple[int, int], ...]
    table: tuple[memoryview, bytes] | None


class HeldAvailable:
    """Addresses and tables of buffers that are available and not used.  Spec: VIRTIO 1.4, 3.3.1."""

    def __init__(self, ring: PackedRing, memory: Memory) -> None:
        self._ring, self._memory = ring, memory
        self._out: dict[int, _Held] = {}

    def keep(self, chain: Chain) -> None:
        """A buffer was read."""
        rows = [(at, self._ring.desc[at % self._ring.size]) for at in chain.used]
        table = None
        if chain.indirect:
            view = self._memory.at(rows[-1][1].addr, rows[-1][1].len)
            table = view, bytes(view)
        self._out[chain.head] = _Held(tuple((at, row.addr) for at, row in rows), table)

    def let_go(self, id: int) -> None:
        """The device has used it."""
        self._out.pop(id, None)

    def changed(self, kept: int) -> Breach | None:
        """The first of it that is another than it was.  kept: positions before that may be written over whole."""
        for id, held in self._out.items():
            for at, addr in held.addresses:
                slot = at % self._ring.size
                if at >= kept and (now := self._ring.desc[slot].addr) != addr:
                    return _another(id, f"the address in slot {slot}", f"{now:#x}", f"{addr:#x}")
            if held.table is not None and (whole := bytes(held.table[0])) != held.table[1]:
                at = next(i for i, (a, b) in enumerate(zip(whole, held.table[1], strict=True)) if a != b)
                number, byte = divmod(at, DESC_BYTES)
                place = f"byte {byte} of descriptor {number} of its table"
                return _another(id, place, f"{whole[at]:#04x}", f"{held.table[1][at]:#04x}")
        return None


def _another(id: int, place: str, now: str, before: str) -> Breach:
    summary = "the descriptors of a buffer that is out change"
    return Breach("3.3.1-1", f"ID {id}: {place} is now {now}", before, summary)


class HeldUsed:
    """The used descriptors that the driver has not taken.  Spec: VIRTIO 1.4, 2.8.1."""

    def __init__(self, ring: PackedRing) -> None:
        self._ring = ring
        self._slots: deque[tuple[int, tuple[int, int, int]]] = deque()

    def keep(self, slot: int) -> None:
        """The used descriptor in this slot was read."""
        self._slots.append((slot, self._now(slot)))

    def _now(self, slot: int) -> tuple[int, int, int]:
        row = self._ring.desc[slot]
        return row.id, row.len, row.flags

    def let_go(self) -> None:
        """The driver has taken the oldest."""
        if self._slots:
            self._slots.popleft()

    def changed(self) -> Breach | None:
        """The first of them that is another than it was."""
        for slot, before in self._slots:
            if (now := self._now(slot)) != before:
                said = "ID {}, len {}, flags {:#x}".format
                summary = "a used descriptor changes that is published and not taken"
                return Breach("P-2.8.1-5", f"slot {slot} is now {said(*now)}", said(*before), summary)
        return None
