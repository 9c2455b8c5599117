"""What do the buffers of a packed ring hold?  Headers, contents and lengths, for each kind of buffer, as `proofs.data`.

Lists in the ring are as long as it, and lie over its end, on rings of sizes that are no power of two, too; the same in
tables.  Systems with notifications are asked with the barrier that QEMU 7.2 lacks (`proofs.museum.packed`).  QEMU gives
a list back by one descriptor (`proofs.museum.packed_data`), so in lists every packet fits, or the mend is in place.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, Tier, about, cover, fails, lasting, tag
from vrx.models.systems.mended import mended
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.packed_data import ODD, OVER, TOO_LARGE, big, mergeable, merging, small, unpopping_all
from vrx.proofs.packed import EVERY
from vrx.proofs.packed_flags import IS_USED, by_one
from vrx.proofs.running import main_for
from vrx.spec.accounts import taken_is_accounted_for
from vrx.spec.giving_up import drops_nothing_without_a_reason
from vrx.spec.layouts.packed.memory import USED, used_mark
from vrx.spec.layouts.packed.properties import packed_slots_contiguous
from vrx.spec.liveness import READING
from vrx.spec.properties import CONTENTS, Property, one_fate, ring_not_broken, used_entries_exact
from vrx.spec.questions import meaningful

PROPERTIES: tuple[Property, ...] = (
    *(q for q in EVERY if q not in CONTENTS),
    *(*CONTENTS, drops_nothing_without_a_reason),
)
"""Of each system those that have a meaning there."""


def tables(**options: Any) -> System:
    """Two descriptors a buffer in a table of its own; a packet of 2 does not fit."""
    return big(indirect=True, **{"max_packet": 2, **options})


def notified(**options: Any) -> System:
    """Kicks, interrupts and NAPI together with data; QEMU with its barrier."""
    return mended(rx(ring="packed", data=True, **options))


PAGES = small(size=5, segments=3, hdr_room=2, buffer_len=4, max_packet=5)
"""Lists of three on a ring of five, the last descriptor of further pages: the next list begins where this one ends."""
FREE = (
    *(small(size=size) for size in (1, 2, 3)),
    *(mergeable(size=2), OVER, mergeable(size=3, max_packet=5)),
    *(big(), ODD, big(size=4), big(size=5), big(size=3, segments=3, max_packet=3), PAGES),
    *(tables(), tables(size=3, max_packet=1)),
)
"""Each side may look at any time: small buffers, packets of two and of three buffers (a batch as long as the ring),
lists as long as the ring or over its end, tables."""
FREE_TSO = (
    *(small(memory="tso"), small(size=3, memory="tso")),
    *(mergeable(memory="tso"), mergeable(size=3, memory="tso"), mergeable(size=3, max_packet=5, memory="tso")),
    *(big(memory="tso"), big(size=3, memory="tso"), big(size=4, memory="tso"), tables(memory="tso")),
)
MERGING = merging()
"""A packet of two lists takes the whole ring; behind one of a single list it lies over the end."""
MERGING_OVER = merging(size=5)
"""Each list comes to lie over the end, as the first or as the second of a packet."""
LISTS = (
    *(MERGING, MERGING_OVER, merging(memory="tso"), merging(size=5, memory="tso")),
    *(merging(buffer_len=3, max_packet=5), merging(size=6, max_packet=5), merging(size=2, indirect=True)),
)
"""Lists that merge, two and three of them in a packet; the same in tables."""
NOTIFIED = (
    *(notified(), notified(size=2)),
    *(notified(size=2, mergeable=True, max_packet=3), notified(size=2, segments=2, max_packet=1)),
    *(notified(size=3, segments=2, max_packet=1), notified(segments=2, indirect=True)),
    *(notified(size=2, segments=2, indirect=True, max_packet=1),
      notified(size=4, mergeable=True, segments=2)),
)
"""Rings of 1 and 2, and lists on 3; on 4 lists that merge."""
NOTIFIED_EVENT = (
    *(notified(max_packet=1, event_idx=True), notified(size=2, segments=2, max_packet=1, event_idx=True)),
    notified(segments=2, indirect=True, event_idx=True, max_packet=1),
)
NOTIFIED_TSO = (
    *(notified(memory="tso"), notified(memory="tso", segments=2, indirect=True)),
    notified(size=2, segments=2, max_packet=1, memory="tso"),
)
FEW = mergeable(size=3, max_packet=5, max_elements=2)
"""A packet may need more elements than an element list has (VIRTQUEUE_MAX_SIZE): then QEMU gives up."""
MENDED = unpopping_all(TOO_LARGE)
"""Packets that do not fit a list, and a device that gives all of it back."""
QUICK = (mergeable(size=2), ODD)
ALL = (*FREE, *FREE_TSO, *LISTS, *NOTIFIED, *NOTIFIED_EVENT, *NOTIFIED_TSO)


def held(system: System, tier: Tier) -> list[Claim]:
    """The claims that the properties hold in a system, as far as they have a meaning there."""
    return [
        about(f"{q.name}-{tag(system)}", system, q, "proved", tier=tier) for q in meaningful(system.cfg, PROPERTIES)
    ]


CLAIMS: list[Claim] = [
    *(claim for system in ALL for claim in held(system, "quick" if system in QUICK else "full")),
    *(about(f"{q.name}-packed-too-large-mended", MENDED, q, "proved", tier="full")
      for q in meaningful(MENDED.cfg, PROPERTIES)),
    # QEMU 7.2 as it is: what becomes of the ring after a packet that does not fit a list (docs/deviations.md).
    *(fails(f"packed-unpop-{q.name}", TOO_LARGE, q, "virtqueue_unpop() goes back by one descriptor of two", tier="full")
      for q in (used_entries_exact, one_fate, taken_is_accounted_for, packed_slots_contiguous)),
    fails("packed-lists-driver-by-used", ODD.replace(IS_USED, by_one(USED, used_mark), called="USED alone"),
          used_entries_exact, "what was a list's second descriptor has USED as in the lap before", tier="full"),
    fails("packed-more-elements-than-fit", FEW, ring_not_broken, "a packet needs more elements than QEMU's list has",
          tier="full"),
    *(claim for system in (mergeable(), MERGING) for claim in lasting(system, *READING, tier="full")),
    cover(f"device_parks-{tag(mergeable())}", mergeable(), "the device parks", tier="full"),
    *(cover(f"several-lists-{tag(system)}", system, "a flush of several lists", tier="full")
      for system in (MERGING, MERGING_OVER)),
    *(cover(f"several-lists-over-the-end-{tag(system)}", system, "a flush of several lists over the end", tier="full")
      for system in (MERGING, MERGING_OVER)),
    cover(f"device-index-wraps-{tag(ODD)}", ODD, "device index wraps", tier="full"),
    cover(f"driver-index-wraps-{tag(ODD)}", ODD, "driver index wraps", tier="full"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
