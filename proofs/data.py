"""What do the buffers hold?  Headers, contents and lengths, for each kind of buffer.

Most systems have no notifications ("free wake-ups"): each side may look at any
time, which allows more than any protocol of kicks and interrupts does
(docs/trust.md).  `NOTIFIED...` have them all the same.  Lengths are counted in
units: a header of 1, buffers and pages of 2, packets of 1 to 3.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, claims_of, cover, lasting, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.data import big, mergeable, small
from vrx.proofs.running import main_for
from vrx.spec.accounts import ACCOUNTS
from vrx.spec.giving_up import drops_nothing_without_a_reason
from vrx.spec.liveness import READING
from vrx.spec.properties import (
    CONTENTS,
    descriptors_conserved,
    inuse_exact,
    ring_not_broken,
    single_owner,
)
from vrx.spec.questions import meaningful

PROPERTIES = (
    *(single_owner, descriptors_conserved, inuse_exact, ring_not_broken, *ACCOUNTS, *CONTENTS),
    drops_nothing_without_a_reason,
)
"""Of each system those that have a meaning there: one where each side may look at any time has no rest, for example."""

RING2 = tuple(
    kind(memory=memory, **indirect)
    for memory in ("sc", "tso")
    for kind, indirect in ((small, {}), (mergeable, {}), (big, {}), (big, {"indirect": True}))
)
"""Rings of 2: each kind of buffer, under SC and TSO.  A chain of 2 fills the ring, unless it lies in a table."""
CHAINS4 = big(size=4, idx_bits=3)
"""Two chains on a ring of 4."""
PAGES = small(size=4, idx_bits=3, segments=3, hdr_room=2, buffer_len=4, max_packet=7)
"""A chain of three, the last of further pages: a packet goes on in one, and what is left of the ring holds no other."""
RING4 = mergeable(size=4, idx_bits=3, max_packet=5)
"""A ring of 4, packets of up to three buffers, the last of them half filled or filled."""
NOTIFIED1 = (rx(data=True), rx(data=True, segments=2, indirect=True))
NOTIFIED2 = (
    rx(data=True, size=2),
    rx(data=True, size=2, mergeable=True, max_packet=3),
    rx(data=True, size=2, segments=2),
    rx(data=True, size=2, segments=2, indirect=True),
)
NOTIFIED_TSO = (rx(data=True, memory="tso"), rx(data=True, memory="tso", segments=2, indirect=True))
"""Kicks, interrupts and NAPI together with data: rings of 1 and 2 under SC, of 1 under TSO."""
ALL = (*RING2, CHAINS4, PAGES, RING4, *NOTIFIED1, *NOTIFIED2, *NOTIFIED_TSO)
QUICK = (*(s for s in RING2 if s.cfg.memory == "sc" or s.cfg.mergeable), CHAINS4, PAGES, NOTIFIED1[1])
"""What the quick tier decides: each kind of buffer, one of them under TSO, and one with kicks and interrupts."""


def held(system: System, **options: Any) -> list[Claim]:
    """The claims that the properties hold in a system, as far as they have a meaning there."""
    return claims_of(system, *meaningful(system.cfg, PROPERTIES), **options)


CLAIMS: list[Claim] = [
    *(claim for system in QUICK for claim in held(system)),
    *(claim for system in ALL if system not in QUICK for claim in held(system, tier="full")),
    *lasting(mergeable(), *READING),
    *lasting(mergeable(memory="tso"), *READING, tier="full"),
    cover(f"device_parks-{tag(mergeable())}", mergeable(), "the device parks"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
