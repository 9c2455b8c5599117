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

from vrx.models.claims import Claim, Safety, claims_of, covers, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.kinds import DISTINCT
from vrx.proofs.museum.device import parks_without_looking, unpop_keeps_inuse
from vrx.proofs.museum.driver import completes_without_looking
from vrx.proofs.running import main_for
from vrx.spec.accounts import ACCOUNTS
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


CLAIMS: list[Claim] = [
    *(claim for one in RINGS for claim in claims_of(one, *meaningful(one.cfg, asked_of(one)), tier="full")),
    *claims_of(WATCHED, in_order, one_fate, no_packet_vanishes, *RESTS_ON, tier="full"),
    *covers(RING4, "driver index wraps", "refill"),
    *with_and_without(RING2),
    *(claim for claim in with_and_without(RING4) if claim.system and claim.system.cfg.symmetry),
    Safety(f"offered-stays-free-{tag(RING4)}", RING4.replace("take_off_free_list", stays_free),
           free_numbers_stand_nowhere_else, "refuted", note="a buffer that is offered has a number that matters"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
