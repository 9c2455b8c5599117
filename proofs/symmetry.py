"""Rings of 4, and one of 8: a free buffer has no number of its own there (docs/symmetry.md).

With numbers a ring of 4 has about 24 times as many states, one for each order of its
buffers.  That the switch changes no verdict is claimed where both complete: rings of 2 are asked
here without and in `proofs.every_system` and `proofs.caller` with numbers; faults are
refuted here both ways, by runs of one length (`tests/proofs/test_symmetry.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vrx.models.claims import Claim, Safety, about, claims_of, cover, covers, fails, tag
from vrx.models.systems.mended import mended
from vrx.models.systems.system import System, rx
from vrx.proofs.kinds import DISTINCT
from vrx.proofs.museum.device import parks_without_looking, unpop_keeps_inuse
from vrx.proofs.museum.driver import completes_without_looking
from vrx.proofs.museum.packed import keeps_what_is_left, packed
from vrx.proofs.running import main_for
from vrx.spec.accounts import ACCOUNTS
from vrx.spec.layouts.packed.properties import PACKED
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.layouts.split.contexts import SplitSoftirq
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.memory import over
from vrx.spec.properties import (
    SPINE,
    free_list_intact,
    in_order,
    inuse_exact,
    no_lost_interrupt,
    no_lost_kick,
    no_packet_vanishes,
    one_fate,
)
from vrx.spec.property import Property
from vrx.spec.questions import meaningful
from vrx.spec.symmetry import free_numbers_stand_nowhere_else

RESTS_ON = (free_list_intact, free_numbers_stand_nowhere_else)
"""What makes the answers of these systems those of the systems with numbers."""


def nameless(size: int, **options: Any) -> System:
    """A receive system whose free buffers have no numbers of their own; indices as narrow as the ring allows."""
    return rx(size=size, symmetry=True, **options)


def with_numbers(system: System) -> System:
    """The same system in which every buffer keeps its number."""
    return system.under(replace(system.cfg, symmetry=False))


RING2 = nameless(2)
RING4 = nameless(4)
RINGS = (
    *(nameless(2, memory=memory, guest=guest, irq=irq) for memory, guest, irq in DISTINCT),
    *(RING4, nameless(4, irq="other"), nameless(4, mergeable=True), nameless(4, memory="tso", max_packet=1)),
    *(nameless(2, caller="any"), nameless(8, max_packet=1, notify=False)),
)
PACKED_RING2, PACKED_RING4 = (packed(size=size, symmetry=True) for size in (2, 4))
PACKED_RINGS = (
    *(packed(size=2, symmetry=True, event_idx=event, max_packet=1) for event in (False, True)),
    *(PACKED_RING4, packed(size=2, symmetry=True, caller="any")),
)
"""Packed rings, asked with the barrier that QEMU lacks (`proofs.packed`); any caller with the mend of the flush."""
WATCHED = nameless(2, watch=True)
"""Packets that can be told apart."""


def stays_free(s: SplitState, me: SplitSoftirq) -> None:
    """The buffer that is offered stays on the free list, as if it could be offered again at once."""
    over(s, me, "desc")
    me.seg = 0


FAULTS: tuple[tuple[str, str, Callable[..., Any], Property], ...] = (
    ("park-no-recheck", "virtio_queue_split_poll", parks_without_looking, no_lost_kick),
    ("complete-without-poll", "virtqueue_poll", completes_without_looking, no_lost_interrupt),
    ("unpop-inuse", "virtqueue_unpop", unpop_keeps_inuse, inuse_exact),
)
"""Bugs of the museum: the step that is exchanged, its function, what is refuted."""


def with_and_without(system: System) -> list[Claim]:
    """The faults on a ring, with numbers and without: the names of the two claims differ in a word."""
    return [
        Safety(f"{fault}-{tag(one)}", one.replace(step, run), asked, "refuted", tier="full", note="with numbers and "
               "without, by runs of one length")
        for fault, step, run, asked in FAULTS
        for one in (system, with_numbers(system))
    ]  # fmt: skip


def asked_of(system: System) -> tuple[Property, ...]:
    """The questions of every ring, and what the switch rests on."""
    return (*SPINE, *meaningful(system.cfg, ACCOUNTS), *RESTS_ON)


def mended_packed(system: System) -> System:
    """The system of which the claims about a packed ring are."""
    if system.cfg.general:
        system = system.replace("moves_on", keeps_what_is_left, called="what is left moves on")
    return mended(system)


def takes_no_id(s: PackedState, head: int) -> None:
    """The id that is offered stays on the free list, as if it could be offered again at once."""


CLAIMS: list[Claim] = [
    *(claim for one in RINGS for claim in claims_of(one, *meaningful(one.cfg, asked_of(one)), tier="full")),
    *(
        about(f"{q.name}-{tag(one)}", mended_packed(one), q, "proved", tier="full")
        for one in PACKED_RINGS
        for q in meaningful(one.cfg, (*asked_of(one), *PACKED))
    ),
    *claims_of(WATCHED, in_order, one_fate, no_packet_vanishes, *RESTS_ON, tier="full"),
    *covers(RING4, "driver index wraps", "refill"),
    *with_and_without(RING2),
    *(claim for claim in with_and_without(RING4) if claim.system and claim.system.cfg.symmetry),
    Safety(f"offered-stays-free-{tag(RING4)}", RING4.replace("take_off_free_list", stays_free),
           free_numbers_stand_nowhere_else, "refuted", note="a buffer that is offered has a number that matters"),
    *(
        cover(f"{side}-index-wraps-{tag(PACKED_RING4)}", mended(PACKED_RING4), f"{side} index wraps")
        for side in ("driver", "device")
    ),
    fails(f"offered-stays-free-{tag(PACKED_RING4)}", PACKED_RING4.replace("take_off_free_list", takes_no_id),
          free_numbers_stand_nowhere_else, "an id that is offered has a number that matters"),
    *(
        fails(f"unpop-inuse-{tag(one)}", one.replace("virtqueue_unpop", unpop_keeps_inuse), inuse_exact, "with numbers "
              "and without, by runs of one length")
        for one in (PACKED_RING2, with_numbers(PACKED_RING2))
    ),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
