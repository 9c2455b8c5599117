"""Does everything end?  Fair cycles and rests: a packet that waits for ever, a side that runs for ever.

The fairness assumed is printed with each verdict.  One claim is refuted by the
code as it is: without mergeable buffers a packet larger than everything posted
can park the device for good (docs/trust.md).
"""

from __future__ import annotations

from vrx.models.claims import Claim, Tier, fails, lasting
from vrx.models.systems.system import System, rx
from vrx.proofs.kinds import DISTINCT
from vrx.proofs.museum.driver import completes_without_looking
from vrx.proofs.running import main_for
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import more_work
from vrx.spec.linux.state import Softirq
from vrx.spec.liveness import LIVENESS, every_used_entry_is_taken, no_packet_blocks_the_queue, no_spin

FITTING = tuple(
    rx(event_idx=event, memory=memory, guest=guest, irq=irq, idx_bits=2, max_packet=1)
    for event in (False, True)
    for memory, guest, irq in DISTINCT
    if (memory, irq) != ("tso", "other")
)
"""Rings of 1 and packets that fit."""
QUICK = tuple(
    system
    for system in FITTING
    if not system.cfg.event_idx and (system.cfg.memory == "sc" or system.cfg.guest == "up")
)
"""Of these the quick tier decides one of each kind: both places of an interrupt, both memory models."""
OVERSIZE = (rx(), rx(event_idx=True, idx_bits=2), rx(size=2))
"""Packets that do not fit come as well."""
OTHERS = tuple(claim for claim in LIVENESS if claim != no_packet_blocks_the_queue)


def tier_of(system: System) -> Tier:
    """The smallest of the systems to which packets come that do not fit is decided in both tiers."""
    return "quick" if system == OVERSIZE[0] else "full"


def finds_work_always(s: SplitState, me: Softirq) -> None:
    """virtqueue_poll() says that there is work, whatever the used index is."""
    me.opaque = 0
    more_work(s, me, True)


CLAIMS: list[Claim] = [
    *(
        claim
        for system in FITTING
        for claim in lasting(system, *LIVENESS, tier="quick" if system in QUICK else "full")
    ),
    *lasting(rx(size=2, max_packet=1), *LIVENESS, tier="full"),
    *lasting(rx(size=2, mergeable=True), *LIVENESS, tier="full"),
    *lasting(rx(stops=True, max_packet=1), *LIVENESS),
    *(
        claim
        for system in OVERSIZE
        for claim in (
            *lasting(system, no_packet_blocks_the_queue, expected="refuted", tier=tier_of(system)),
            *lasting(system, *OTHERS, tier=tier_of(system)),
        )
    ),
    fails(
        "used-entry-is-left",
        FITTING[0].replace("virtqueue_poll", completes_without_looking),
        every_used_entry_is_taken,
        "an entry that came just before callbacks were on has no interrupt, and nobody looks",
    ),
    fails(
        "driver-that-always-finds-work",
        FITTING[0].replace("virtqueue_poll", finds_work_always),
        no_spin("driver"),
        "it schedules itself again and takes nothing, for ever",
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
