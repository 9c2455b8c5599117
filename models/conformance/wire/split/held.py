"""What one side of a split ring has published and the other has not taken: it stays as it was read.

Whoever watches reads an entry once, when it is published; the other side may read it at any moment after that.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.layout import DESC_BYTES
from vrx.models.conformance.wire.protocol import Breach
from vrx.models.conformance.wire.split.ring import Descriptor, SplitRing, UsedElement


class _Held(NamedTuple):
    """A buffer that is out: which one in the order of publication, its descriptors, and its indirect table."""

    number: int
    rows: tuple[tuple[int, Descriptor], ...]
    table: tuple[memoryview, bytes] | None


class HeldAvailable:
    """The descriptors, tables and entries of buffers that are available and not used.  Spec: VIRTIO 1.4, 3.3.1.

    An entry is read by then at the latest when a buffer is used that was made available behind it: devices read
    entries in order, so from then on its slot may be another's.
    """

    def __init__(self, ring: SplitRing, memory: Memory) -> None:
        self._ring, self._memory = ring, memory
        self._out: dict[int, _Held] = {}
        self._slots: deque[tuple[int, int, int]] = deque()
        self._count = 0
        self._stood = b""

    def keep(self, slot: int, chain: Chain) -> None:
        """A buffer was read, at this slot of the available ring."""
        rows = tuple((i, self._ring.desc[i]) for i in chain.used)
        table = None
        if chain.indirect:
            view = self._memory.at(rows[-1][1].addr, rows[-1][1].len)
            table = view, bytes(view)
        self._out[chain.head] = _Held(self._count, rows, table)
        self._slots.append((self._count, slot, chain.head))
        self._count += 1
        self._stood = b""

    def let_go(self, id: int) -> None:
        """The device has used it."""
        held = self._out.pop(id, None)
        if held is None:
            return
        while self._slots and self._slots[0][0] <= held.number:
            self._slots.popleft()

    def changed(self) -> Breach | None:
        """The first of it that is another than it was."""
        stands = self._ring.published_by_driver()
        if stands != self._stood:
            for _, slot, head in self._slots:
                if (now := self._ring.avail(slot)) != head:
                    summary = "the available entry of a buffer that is out changes"
                    return Breach("3.3.1-1", f"entry {slot} of the available ring is now {now}", str(head), summary)
            for head, held in self._out.items():
                for i, row in held.rows:
                    if (is_now := self._ring.desc[i]) != row:
                        return _another(head, f"descriptor {i}", str(is_now), str(row))
            self._stood = stands
        for head, held in self._out.items():
            if held.table is not None and (whole := bytes(held.table[0])) != held.table[1]:
                at = next(i for i, (a, b) in enumerate(zip(whole, held.table[1], strict=True)) if a != b)
                number, byte = divmod(at, DESC_BYTES)
                place = f"byte {byte} of descriptor {number} of its table"
                return _another(head, place, f"{whole[at]:#04x}", f"{held.table[1][at]:#04x}")
        return None


def _another(head: int, place: str, now: str, before: str) -> Breach:
    summary = "the descriptors of a buffer that is out change"
    return Breach("3.3.1-1", f"head {head}: {place} is now {now}", before, summary)


class HeldUsed:
    """The entries of the used ring that the driver has not taken.  Spec: VIRTIO 1.4, 2.7.8.2."""

    def __init__(self, ring: SplitRing) -> None:
        self._ring = ring
        self._entries: deque[tuple[int, UsedElement]] = deque()

    def keep(self, slot: int, entry: UsedElement) -> None:
        """An entry was read, at this slot."""
        self._entries.append((slot, entry))

    def let_go(self) -> None:
        """The driver has taken the oldest."""
        if self._entries:
            self._entries.popleft()

    def changed(self) -> Breach | None:
        """The first of them that is another than it was."""
        for slot, entry in self._entries:
            if (now := self._ring.used(slot)) != entry:
                seen = f"entry {slot} of the used ring is now id {now.id}, len {now.len}"
                expected = f"id {entry.id}, len {entry.len}"
                return Breach("2.7.8.2-1", seen, expected, "a used entry changes that is published and not taken")
        return None
