"""What the night decides: systems of more states than the full tier has time for.

    vrx prove large --jobs 1

One search at a time, for the first wants most of 20 GiB.  `WATCHED` has more than 10 ** 9 states: a packet that may
be any one, among all before and after it, on a ring of two, with the event index, store buffers, and indices of 3 bits,
which are the fewest that such a ring can have.
"""

from __future__ import annotations

from vrx.models.claims import Claim, claims_of, covers, fails, tag
from vrx.models.systems.system import rx
from vrx.proofs.running import main_for
from vrx.spec.properties import SPINE, in_order, no_lost_interrupt, no_packet_vanishes, one_fate

WATCHED = rx(size=2, event_idx=True, memory="tso", guest="up", watch=True)
MARKS = ("virtqueue_poll finds work", "the device's recheck finds work", "driver index wraps")
UNORDERED = WATCHED.without("virtqueue_poll__mb")

CLAIMS: list[Claim] = [
    *claims_of(WATCHED, *SPINE, in_order, one_fate, no_packet_vanishes, tier="night"),
    *covers(WATCHED, *MARKS, tier="night"),
    fails(
        f"no_lost_interrupt-{tag(UNORDERED)}",
        UNORDERED,
        no_lost_interrupt,
        "the driver looks before others see that it asks for interrupts",
        tier="night",
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
