"""What one side of a packed ring has published and the other has not taken.

The device writes its used descriptors over slots of any buffers (VIRTIO 1.4, 2.8.21.3), and of such a slot only the
address is left as it was: so of a descriptor that is available only the address is read again, and tables as a whole.
"""

from __future__ import annotations

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.buffer import Chain
from vrx.models.conformance.wire.held import HeldBuffers, HeldEntries, Looks
from vrx.models.conformance.wire.packed.ring import PackedRing
from vrx.models.conformance.wire.protocol import Breach

Used = tuple[int, int, int]
"""ID, length and flags of a used descriptor."""


class HeldAvailable:
    """Addresses and tables of buffers that are available and not used.  Spec: VIRTIO 1.4, 3.3.1."""

    def __init__(self, ring: PackedRing, memory: Memory) -> None:
        self._ring = ring
        looks = Looks(
            lambda at: ring.desc[at % ring.size].addr, lambda at: f"the address in slot {at % ring.size}", hex
        )
        self._buffers = HeldBuffers(memory, looks, "ID")

    def keep(self, chain: Chain) -> None:
        """A buffer was read."""
        last = self._ring.desc[chain.used[-1] % self._ring.size]
        self._buffers.keep(chain, last.addr, last.len)

    def let_go(self, id: int) -> None:
        """The device has used it."""
        self._buffers.let_go(id)

    def changed(self, kept: int) -> Breach | None:
        """The first of it that is another than it was.  kept: positions before that may be written over whole."""
        return self._buffers.entry_changed(since=kept) or self._buffers.table_changed()


def held_used(ring: PackedRing) -> HeldEntries[Used]:
    """The used descriptors that the driver has not taken.  Spec: VIRTIO 1.4, 2.8.1."""

    def now(slot: int) -> Used:
        row = ring.desc[slot]
        return row.id, row.len, row.flags

    return HeldEntries(
        Looks(now, lambda slot: f"slot {slot}", lambda said: "ID {}, len {}, flags {:#x}".format(*said)),
        "P-2.8.1-5", "a used descriptor changes that is published and not taken",
    )  # fmt: skip
