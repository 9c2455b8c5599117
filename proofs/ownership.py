"""Whose is a buffer?  Ownership and the counts of both sides; what the buffers hold is asked in `proofs.data`."""

from __future__ import annotations

from vrx.models.claims import Claim, claims_of, cover, tag
from vrx.models.systems.system import rx
from vrx.proofs.lost_wakeup import SYSTEMS
from vrx.proofs.running import main_for
from vrx.spec.properties import (
    descriptors_conserved,
    inuse_exact,
    ring_not_broken,
    single_owner,
)

OWNERSHIP = (single_owner, descriptors_conserved, inuse_exact, ring_not_broken)
STOPS = rx(stops=True)

CLAIMS: list[Claim] = [
    *(claim for system in SYSTEMS for claim in claims_of(system, *OWNERSHIP)),
    *claims_of(STOPS, *OWNERSHIP),
    *(
        cover(f"{name}-{tag(system)}", system, mark)
        for system, name, mark in (
            (rx(), "packet_is_dropped", "a packet is dropped"),
            (rx(), "driver_index_wraps", "driver index wraps"),
            (rx(), "device_index_wraps", "device index wraps"),
            (STOPS, "not_ready", "not ready"),
        )
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
