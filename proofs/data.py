"""What do the buffers hold?  Headers, contents and lengths, for each kind of buffer.

The systems have no notifications: each side may look at any time, which allows
more than any protocol of kicks and interrupts does (docs/trust.md).  Lengths are
counted in units: a header of 1, buffers and pages of 2, packets of 1 to 3.
"""

from __future__ import annotations

import sys

from models.claims import Claim, claims_of, cover, tag
from models.system import System, rx
from spec.properties import DATA, descriptors_conserved, inuse_exact, ring_not_broken, single_owner

PROPERTIES = (single_owner, descriptors_conserved, inuse_exact, ring_not_broken, *DATA)


def small(**options: object) -> System:
    """One descriptor a buffer; a packet of 2 does not fit."""
    return rx(data=True, notify=False, idx_bits=2, **{"size": 2, **options})


def mergeable(**options: object) -> System:
    """One descriptor a buffer, packets over two of them, the second half filled or filled."""
    return small(mergeable=True, **{"max_packet": 3, **options})


def big(**options: object) -> System:
    """Two descriptors a buffer, header and data; in a table, or in the ring, where one buffer fills a ring of 2."""
    return small(segments=2, **options)


KINDS = (small, mergeable, big)
RING2 = (
    *(kind() for kind in KINDS),
    big(indirect=True),
    *(kind(memory="tso") for kind in KINDS),
    big(indirect=True, memory="tso"),
)

CLAIMS: list[Claim] = [
    *(claim for system in RING2 for claim in claims_of(system, *PROPERTIES)),
    cover(f"device_parks-{tag(mergeable())}", mergeable(), "the device parks"),
    cover(f"packet_is_dropped-{tag(small())}", small(), "a packet is dropped"),
]

if __name__ == "__main__":
    from models.cli import main_for

    sys.exit(main_for(CLAIMS))
