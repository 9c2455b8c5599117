"""What one side of a queue has published and the other has not taken: it stays as it was read.

Whoever watches reads it once, when it is published; the other side may read it at any moment after that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.layout import DESC_BYTES
from vrx.models.conformance.wire.protocol import Breach

T = TypeVar("T")


@dataclass(frozen=True)
class Looks(Generic[T]):
    """How a layout looks at one of its entries, by its number; how a finding names it, and says what stands there."""

    now: Callable[[int], T]
    place: Callable[[int], str]
    say: Callable[[T], str]


class _Held(NamedTuple, Generic[T]):
    """A buffer that is out: the entries that describe it, and its indirect table."""

    entries: tuple[tuple[int, T], ...]
    table: tuple[memoryview, bytes] | None


class HeldBuffers(Generic[T]):
    """Descriptors and tables of buffers that are available and not used.  Spec: VIRTIO 1.4, 3.3.1.

    called: what the layout calls that by which a buffer is known
    """

    def __init__(self, memory: Memory, looks: Looks[T], called: str) -> None:
        self._memory, self._looks, self._called = memory, looks, called
        self._out: dict[int, _Held[T]] = {}

    def keep(self, chain: Chain, table_at: int, table_bytes: int) -> None:
        """A buffer was read.  table_at, table_bytes: what its last descriptor says, which names the table if any."""
        table = None
        if chain.indirect:
            view = self._memory.at(table_at, table_bytes)
            table = view, bytes(view)
        self._out[chain.head] = _Held(tuple((n, self._looks.now(n)) for n in chain.used), table)

    def let_go(self, id: int) -> bool:
        """The device has used it.  False if it was not kept."""
        return self._out.pop(id, None) is not None

    def entry_changed(self, since: int = 0) -> Breach | None:
        """The first entry that is another than it was, of those from a number on."""
        for id, held in self._out.items():
            for n, before in held.entries:
                if n >= since and (now := self._looks.now(n)) != before:
                    return self._another(id, self._looks.place(n), self._looks.say(now), self._looks.say(before))
        return None

    def table_changed(self) -> Breach | None:
        """The first byte of a table that is another than it was."""
        for id, held in self._out.items():
            if held.table is not None and (whole := bytes(held.table[0])) != held.table[1]:
                at = next(i for i, (a, b) in enumerate(zip(whole, held.table[1], strict=True)) if a != b)
                number, byte = divmod(at, DESC_BYTES)
                place = f"byte {byte} of descriptor {number} of its table"
                return self._another(id, place, f"{whole[at]:#04x}", f"{held.table[1][at]:#04x}")
        return None

    def _another(self, id: int, place: str, now: str, before: str) -> Breach:
        summary = "the descriptors of a buffer that is out change"
        return Breach("3.3.1-1", f"{self._called} {id}: {place} is now {now}", before, summary)


class HeldEntries(Generic[T]):
    """What stands in slots of a ring and was not taken, the oldest first.

    clause, summary: of the finding, where it changes
    """

    def __init__(self, looks: Looks[T], clause: str, summary: str) -> None:
        self._looks, self._clause, self._summary = looks, clause, summary
        self._entries: deque[tuple[int, T]] = deque()

    def keep(self, slots: Iterable[int]) -> None:
        """These were read."""
        self._entries.extend((slot, self._looks.now(slot)) for slot in slots)

    def let_go(self, count: int = 1) -> None:
        """The oldest ones are taken."""
        for _ in range(min(count, len(self._entries))):
            self._entries.popleft()

    def changed(self) -> Breach | None:
        """The first of them that is another than it was."""
        for slot, before in self._entries:
            if (now := self._looks.now(slot)) != before:
                seen = f"{self._looks.place(slot)} is now {self._looks.say(now)}"
                return Breach(self._clause, seen, self._looks.say(before), self._summary)
        return None
