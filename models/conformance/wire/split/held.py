"""What one side of a split ring has published and the other has not taken."""

from __future__ import annotations

from collections import deque

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.held import HeldBuffers, HeldEntries, Looks
from vrx.models.conformance.wire.protocol import Breach
from vrx.models.conformance.wire.split.ring import SplitRing, UsedElement


class HeldAvailable:
    """The descriptors, tables and entries of buffers that are available and not used.  Spec: VIRTIO 1.4, 3.3.1.

    An entry is read by then at the latest when a buffer is used that was made available behind it: devices read
    entries in order, so from then on its slot may be another's.
    """

    def __init__(self, ring: SplitRing, memory: Memory) -> None:
        self._ring = ring
        looks = Looks(lambda i: ring.desc[i], lambda i: f"descriptor {i}", str)
        self._buffers = HeldBuffers(memory, looks, "head")
        self._heads = HeldEntries(
            Looks(ring.avail, lambda slot: f"entry {slot} of the available ring", str),
            "3.3.1-1", "the available entry of a buffer that is out changes",
        )  # fmt: skip
        self._order: deque[int] = deque()
        self._stood = b""

    def keep(self, slot: int, chain: Chain) -> None:
        """A buffer was read, at this slot of the available ring."""
        last = self._ring.desc[chain.used[-1]]
        self._buffers.keep(chain, last.addr, last.len)
        self._heads.keep([slot])
        self._order.append(chain.head)
        self._stood = b""

    def let_go(self, id: int) -> None:
        """The device has used it."""
        if self._buffers.let_go(id) and id in self._order:
            entries = self._order.index(id) + 1
            for _ in range(entries):
                self._order.popleft()
            self._heads.let_go(entries)

    def changed(self) -> Breach | None:
        """The first of it that is another than it was."""
        found = None
        stands = self._ring.published_by_driver()
        if stands != self._stood:
            found = self._heads.changed() or self._buffers.entry_changed()
            if found is None:
                self._stood = stands
        return found or self._buffers.table_changed()


def held_used(ring: SplitRing) -> HeldEntries[UsedElement]:
    """The entries of the used ring that the driver has not taken.  Spec: VIRTIO 1.4, 2.7.8.2."""
    return HeldEntries(
        Looks(ring.used, lambda slot: f"entry {slot} of the used ring", lambda e: f"id {e.id}, len {e.len}"),
        "2.7.8.2-1", "a used entry changes that is published and not taken",
    )  # fmt: skip
