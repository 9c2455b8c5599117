"""Whose is a buffer?  Ownership, the counts of both sides, and, where data is modelled, what the buffers hold."""

from __future__ import annotations

import sys

from models.claims import Claim, claims_of, cover, tag
from models.system import rx
from spec.properties import (
    DATA,
    descriptors_conserved,
    inuse_exact,
    ring_not_broken,
    single_owner,
)

OWNERSHIP = (single_owner, descriptors_conserved, inuse_exact, ring_not_broken)
SYSTEMS = tuple(rx(size=size, irq=irq) for size in (1, 2) for irq in ("same", "other"))
WITH_DATA = rx(data=True)
STOPS = rx(stops=True)

CLAIMS: list[Claim] = [
    *(claim for s in SYSTEMS for claim in claims_of(s, *OWNERSHIP)),
    *claims_of(WITH_DATA, *OWNERSHIP, *DATA),
    *claims_of(rx(data=True, irq="other"), *OWNERSHIP, *DATA),
    *claims_of(rx(data=True, size=2), *OWNERSHIP, *DATA, tier="full"),
    *claims_of(STOPS, *OWNERSHIP),
    *(
        cover(f"cover-{mark.replace(' ', '-')}-{tag(s)}", s, mark)
        for s, mark in (
            (SYSTEMS[0], "a packet is dropped"),
            (SYSTEMS[0], "driver index wraps"),
            (SYSTEMS[0], "device index wraps"),
            (STOPS, "not ready"),
        )
    ),
]

if __name__ == "__main__":
    from models.cli import main_for

    sys.exit(main_for(CLAIMS))
