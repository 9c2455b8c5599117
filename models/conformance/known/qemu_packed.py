"""QEMU's virtio-net, as the device of a packed ring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.ingredients import frame_larger_than_a_list
from vrx.models.conformance.known.known import QEMU, Known
from vrx.models.conformance.protocol import setup

QEMU_PACKED_KNOWN: Final[Sequence[Known]] = (
    Known(
        "qemu-packed-write-flag",
        ("qemu", "qemu-pci", "spec-device"),
        "P-2.8.3-1",
        "a used descriptor says that nothing was written",
        "virtqueue_packed_fill_desc() sets AVAIL and USED in a used descriptor and never WRITE, whatever len says",
        QEMU,
        setup(2, packed=True),
        (("refill", 1), ("inject", 60), ("settle",)),
        only="packed",
    ),
    Known(
        "qemu-packed-empty-table",
        ("qemu", "qemu-pci"),
        "crash",
        "ended with SIGABRT: ../../softmmu/physmem.c:3332: address_space_cache_init: Assertion `len > 0' failed.",
        "virtqueue_packed_pop() and virtqueue_packed_get_avail_bytes() refuse a table of odd length and not one of "
        "none, which the functions of the split ring do",
        QEMU,
        setup(2, packed=True, indirect=True),
        (("lie", 7, 5), ("kick",), ("inject", 60), ("settle",)),
        hostile=True,
        avoid=(("lie", 1, 7),),
        only="packed",
    ),
    Known(
        "qemu-packed-unpop",
        ("qemu", "qemu-pci", "spec-device"),
        "used_entries_exact",
        "a packet is not what came from the network",
        "virtqueue_unpop() goes back one slot, however many the element has: after a packet that does not fit a list "
        "the next one is written to what is left of the list",
        QEMU,
        setup(3, packed=True),
        (("post", 0, 0, [64, 1462], 0), ("publish", 0), ("notify",), ("inject", 2048), ("settle",), ("inject", 60),
         ("settle",)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-slot",
        ("qemu", "qemu-pci", "spec-device"),
        "2.8.15-4",
        "packed: it does not change a descriptor after it has changed USED",
        "the same as qemu-packed-unpop, seen later: a used descriptor is written where no buffer begins",
        QEMU,
        setup(16, packed=True),
        (("post", 0, 0, [64], 0), ("post", 0, 0, [64], 0), ("publish", 0), ("inject", 4085), ("inject", 0), ("settle",),
         ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-stalls",
        ("qemu", "qemu-pci", "spec-device"),
        "no_lost_kick",
        "a packet that the posted buffers can hold is delivered",
        "the same as qemu-packed-unpop, seen later: where the device looks is no slot at which a buffer begins",
        QEMU,
        setup(5, packed=True),
        (("post", 0, 0, [12], 0), ("inject", 4096), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-order",
        ("qemu", "qemu-pci", "spec-device"),
        "in_order",
        "a packet comes before an earlier one, or in its place",
        "the same as qemu-packed-unpop, seen later: where the device looks is no slot at which a buffer begins",
        QEMU,
        setup(16, packed=True, event_idx=True),
        (("post", 0, 0, [12], 0), ("inject", 1524), ("inject", 0), ("inject", 0), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-twice",
        ("qemu", "qemu-pci", "spec-device"),
        "used_entries_exact",
        "a packet that was not sent, or twice",
        "the same as qemu-packed-unpop, seen later: where the device looks is no slot at which a buffer begins",
        QEMU,
        setup(2, packed=True, indirect=True, event_idx=True),
        (("post", 0, 0, [12, 64], 1), ("publish", 0), ("inject", 100), ("stop",), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
    Known(
        "qemu-packed-unpop-interrupt",
        ("qemu", "qemu-pci", "spec-device"),
        "P-2.8.10-3",
        "packed: who has published is expected to look at the other's event structure",
        "the same as qemu-packed-unpop, seen later: by its count of slots the device has not come to where the driver "
        "asked for an interrupt",
        QEMU,
        setup(3, packed=True, event_idx=True),
        (*(("post", 0, 0, [4096], 0),) * 3, ("publish", 0), *(("inject", 0),) * 3, ("inject", 2048), ("settle",),
         ("take", 64), ("event", 1), ("post", 0, 0, [64], 0), ("refill", 1), ("inject", 0)),
        only="packed",
        when=frame_larger_than_a_list,
    ),
)
