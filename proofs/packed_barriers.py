"""The barrier table of the packed ring (docs/barriers.md): the rows of `proofs.barrier_table`, a claim or more a cell.

The table speaks of the code with the barrier that QEMU 7.2 lacks (`proofs.museum.packed`); a row of its own
takes that one out, which leaves the code as it is.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim
from vrx.models.systems.mended import SHOULD_NOTIFY_MB, mended
from vrx.models.systems.system import System
from vrx.proofs.barrier_table import NEVER_EXECUTED, Table
from vrx.proofs.museum.packed import packed
from vrx.proofs.running import main_for
from vrx.spec.layouts.driver import POLL_MB
from vrx.spec.layouts.packed.device import SET_NOTIFICATION_MB
from vrx.spec.layouts.packed.driver import KICK_PREPARE_MB
from vrx.spec.layouts.packed.driver_used import GET_BUF_MB
from vrx.spec.layouts.packed.properties import PACKED
from vrx.spec.properties import (
    SPINE,
    Property,
    interrupts_suppressed_while_polling,
    no_lost_interrupt,
    no_lost_kick,
)
from vrx.spec.suppression import used_event_away_while_polling

NEEDED: dict[tuple[str, str, str, str, bool], tuple[Property, int]] = {}
"""(barrier, memory, guest, irq, event index) -> the property that fails without it, and the steps of the trace."""
for _irq, _guest in (("same", "smp"), ("other", "smp"), ("same", "up")):
    for _event in (False, True):
        NEEDED[SET_NOTIFICATION_MB.name, "tso", _guest, _irq, _event] = (no_lost_kick, 58 if _event else 52)
        NEEDED[KICK_PREPARE_MB.name, "tso", _guest, _irq, _event] = (no_lost_kick, 58 if _event else 52)
        NEEDED[SHOULD_NOTIFY_MB.name, "tso", _guest, _irq, _event] = (no_lost_interrupt, 41 if _event else 37)
NEEDED[POLL_MB.name, "tso", "up", "same", True] = (no_lost_interrupt, 41)
NEEDED[POLL_MB.name, "tso", "up", "same", False] = (no_lost_interrupt, 37)
NEEDED["wake_up_process__lock", "tso", "smp", "other", True] = (no_lost_interrupt, 85)
NEEDED["wake_up_process__lock", "tso", "smp", "other", False] = (no_lost_interrupt, 75)
NEEDED["napi_complete_done__lock", "tso", "smp", "other", True] = (used_event_away_while_polling, 60)
NEEDED["napi_complete_done__lock", "tso", "smp", "other", False] = (interrupts_suppressed_while_polling, 56)

ABOUT = (
    "Of the code with the barrier that QEMU 7.2 lacks in `virtio_packed_should_notify()`. The row",
    f"`{SHOULD_NOTIFY_MB.name}` takes it out: that is the code as it is ([packed.md](packed.md)). The walk over a",
    "list of descriptors is not in this table: a buffer is one descriptor here.",
)
"""What the page says before the packed ring's tables."""


def with_the_barrier(**options: Any) -> System:
    """A packed ring of the code with the barrier that QEMU 7.2 lacks."""
    return mended(packed(**options))


TABLE = Table(
    "packed",
    with_the_barrier,
    packed().barriers,
    NEEDED,
    {GET_BUF_MB.name: NEVER_EXECUTED},
    (*SPINE, *PACKED),
    prefix="packed-barrier",
    absent=(SHOULD_NOTIFY_MB,),
    as_it_is=packed,
)

CLAIMS: list[Claim] = TABLE.claims()

if __name__ == "__main__":
    main_for(CLAIMS)
