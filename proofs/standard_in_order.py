"""VIRTIO_F_IN_ORDER between the standard's device and driver, on both layouts: what it asks of each of them.

A device is done with buffers in any order and returns them in that of the offers, several by one used entry if it
likes.  QEMU 7.2 and Linux 6.1 do not know the feature; how newer versions of QEMU search for a completed buffer is a
variant of the standard's device here.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, claims_of, cover, fails, tag
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import System
from vrx.proofs.museum.peer import IN_ORDER_RING, finds_all_but_the_end
from vrx.proofs.running import main_for
from vrx.proofs.standard import ANY
from vrx.spec.layouts.packed.memory import loc as packed
from vrx.spec.layouts.split.memory import loc as split
from vrx.spec.memory import Cell, load
from vrx.spec.properties import Property, single_owner
from vrx.spec.ring import idx_add, slot
from vrx.spec.rx import FREE, USED, give
from vrx.spec.standard.properties import batches_come_back_whole, completed_comes_back
from vrx.spec.steps import require

HOLDS: tuple[Property, ...] = (*ANY, completed_comes_back, batches_come_back_whole)


def ordered(size: int = 1, **options: Any) -> System:
    """The standard's sides with IN_ORDER.  Packets of one buffer on a ring of 2."""
    more: dict[str, Any] = {} if size == 1 else {"max_packet": 1}
    return peers(peer="any", in_order=True, size=size, **more, **options)


def takes_one(s: Any, me: Any, entry: Cell) -> None:
    """The driver takes back the buffer that a used entry names, and no other."""
    require(me.last_used_idx != me.seen)
    head = load(s, me, entry)
    give(s, head, USED, FREE)
    me.has[head] = True
    me.order[slot(s.cfg, me.last_used_idx)] = 0
    me.last_used_idx = idx_add(s.cfg, me.last_used_idx, 1)


def takes_one_split(s: Any, me: Any) -> None:
    """On a split ring."""
    takes_one(s, me, split.used_id[slot(s.cfg, me.last_used_idx)])


def takes_one_packed(s: Any, me: Any) -> None:
    """On a packed ring."""
    takes_one(s, me, packed.desc_id[slot(s.cfg, me.last_used_idx)])


SPLIT, PACKED = ordered(2), ordered(2, ring="packed")
SYSTEMS = (
    ordered(ring="packed"), ordered(ring="packed", event_idx=True), ordered(ring="packed", memory="tso"), PACKED,
    ordered(idx_bits=2), SPLIT,
)  # fmt: skip

CLAIMS: list[Claim] = [
    *(c for s in SYSTEMS for c in claims_of(s, *HOLDS, tier="full")),
    *(cover(f"one_entry_for_a_batch-{tag(s)}", s, "one entry for a batch", tier="full") for s in (SPLIT, PACKED)),
    *(
        fails(f"in-order-driver-takes-one-{name}", system.replace("driver_receives", takes), question,
              "the used entry stands for two buffers, and the driver takes back one")
        for name, system, takes, question in (
            ("split", SPLIT, takes_one_split, single_owner),
            ("packed", PACKED, takes_one_packed, batches_come_back_whole),
        )
    ),
    fails("in-order-full-ring-published-mend",
          IN_ORDER_RING.replace("fills", finds_all_but_the_end, called="as in QEMU 6fcf5ebafad6"),
          completed_comes_back, "where the ring is full the distance modulo its size is 0, and nothing is looked at"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
