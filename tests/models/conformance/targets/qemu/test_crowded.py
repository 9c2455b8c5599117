"""What the model of QEMU beside a driver that lies leads to in QEMU: a list around a packed ring ends it.

`proofs.packed_hostile` finds that QEMU pops a list of the whole ring while it has a descriptor in hand
(`liar-packed-merging-ring2-crowded`).  Each packet that is put into two such elements brings used_idx too far by one.
"""

from __future__ import annotations

import pytest

from tests.needs import need
from vrx.models.conformance.buffers import Room
from vrx.models.conformance.harness.fence import Fence
from vrx.models.conformance.protocol import Crashed, setup
from vrx.models.conformance.targets.qemu.target import QemuTarget
from vrx.models.conformance.wire.layout import NEXT, WRITE
from vrx.models.conformance.wire.packed.positions import available_mark
from vrx.models.conformance.wire.packed.ring import PackedDescriptor, PackedRing

FRAME = bytes(120)
"""More than the first element has room for, less than the second one has."""


@pytest.mark.parametrize(("size", "packets"), [(2, 3), (4, 7)])
def test_a_list_around_the_ring_ends_qemu(size: int, packets: int) -> None:
    need("qemu")
    target = QemuTarget()
    try:
        asked = setup(size, packed=True, mergeable=True)
        fence = Fence(asked.layout, size, target.memory)
        room = Room(target.memory, fence.end)
        target.start(asked, fence.where)
        ring = PackedRing(target.memory, fence.where)
        short, long = room.extent(32), room.extent(2048)
        assert short is not None and long is not None

        def offers(at: int, *rows: PackedDescriptor) -> None:
            for k in reversed(range(len(rows))):
                flags = rows[k].flags | available_mark(size, at + k)
                ring.desc[(at + k) % size] = rows[k]._replace(flags=flags)
            target.kick()
            target.inject(FRAME)
            target.settle()

        one = PackedDescriptor(short.address, 32, 0, WRITE)
        around = PackedDescriptor(long.address, 2048, 1, WRITE | NEXT)  # the last of them goes on in the first element
        offers(0, around._replace(flags=WRITE))
        at = 1
        for _ in range(packets - 1):
            offers(at, one, *[around] * (size - 1))
            at += size + 1
        with pytest.raises(Crashed, match=r"SIGABRT.*address_space_write_cached"):
            offers(at, one, *[around] * (size - 1))
    finally:
        target.close()
