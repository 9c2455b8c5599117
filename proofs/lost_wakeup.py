"""Does a wake-up ever get lost?  The two questions of the receive path, and what shows that they were asked.

A driver that goes to sleep with a used entry behind it, and a device that parks
with buffers before it, wait for ever.  Both sides therefore publish, then look
again.  The covers show that the second looks matter in the systems searched.
"""

from __future__ import annotations

import sys

from models.claims import Claim, claims_of, cover, tag
from models.system import rx
from spec.properties import no_lost_interrupt, no_lost_kick, rest_is_idle

SYSTEMS = tuple(rx(size=size, irq=irq) for size in (1, 2) for irq in ("same", "other"))

COVERS = (
    "virtqueue_poll finds work",
    "the device's recheck finds work",
    "the device parks",
    "a parked device is woken",
    "MISSED is set",
)

CLAIMS: list[Claim] = [
    *(claim for s in SYSTEMS for claim in claims_of(s, no_lost_interrupt, no_lost_kick, rest_is_idle)),
    *(cover(f"cover-{mark.replace(' ', '-').replace(chr(39), '')}-{tag(s)}", s, mark) for s in SYSTEMS[:2]
      for mark in COVERS),
]

if __name__ == "__main__":
    from models.cli import main_for

    sys.exit(main_for(CLAIMS))
