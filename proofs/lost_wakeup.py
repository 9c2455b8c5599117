"""Does a wake-up ever get lost?  The two questions of the receive path, and what shows that they were asked.

A driver that goes to sleep with a used entry behind it, and a device that parks
with buffers before it, wait for ever.  Both sides therefore publish, then look
again.  The covers show that the second looks matter in the systems searched.
"""

from __future__ import annotations

from vrx.models.claims import Claim, claims_of, cover, tag
from vrx.models.systems.system import rx
from vrx.proofs.running import main_for
from vrx.spec.properties import REFILL, no_lost_interrupt, no_lost_kick, rest_is_idle

SYSTEMS = tuple(rx(size=size, irq=irq) for size in (1, 2) for irq in ("same", "other"))

QUESTIONS = (no_lost_interrupt, no_lost_kick, rest_is_idle, *REFILL)

COVERS = {
    "poll_finds_work": "virtqueue_poll finds work",
    "recheck_finds_work": "the device's recheck finds work",
    "device_parks": "the device parks",
    "device_is_woken": "a parked device is woken",
    "missed_is_set": "MISSED is set",
}
"""What must be reached: a name, and the mark."""

CLAIMS: list[Claim] = [
    *(claim for system in SYSTEMS for claim in claims_of(system, *QUESTIONS)),
    *(cover(f"{name}-{tag(system)}", system, mark) for system in SYSTEMS[:2] for name, mark in COVERS.items()),
]

if __name__ == "__main__":
    main_for(CLAIMS)
