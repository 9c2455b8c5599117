"""Packed rings of 2, 3 and 4 and deeper store buffers, in every kind that fits; what does not last on a ring of 2.

Rings of 2 and 3 keep the number of each buffer as far as memory goes; those that say `symmetry`
have free buffers without one (docs/symmetry.md).  What has more than forty million states is left to the night
(`vrx prove --tier night`).  All is asked of the code with the barrier that QEMU 7.2 lacks; beside it stands the code
as it is, which loses an interrupt at every size.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from vrx.models.claims import Claim, Tier, cover, fails, lasting, tag
from vrx.models.deciding.engine import cpus
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.mended import mended
from vrx.models.systems.system import System
from vrx.proofs.museum.packed import packed, remembers_across_the_end
from vrx.proofs.packed import ENDS, EVERY, flips_too_early, holding, ring
from vrx.proofs.running import main_for
from vrx.proofs.symmetry import RESTS_ON
from vrx.spec.layouts.packed.properties import wrap_counters_coherent
from vrx.spec.liveness import LIVENESS
from vrx.spec.properties import no_lost_interrupt
from vrx.spec.questions import meaningful

SIZES: dict[System, Tier] = {
    ring(2, True, "sc", "smp", "same"): "full",
    ring(2, True, "sc", "smp", "other"): "night",
    ring(2, True, "tso", "smp", "same"): "night",
    ring(2, True, "tso", "smp", "other"): "night",
    ring(2, True, "tso", "up", "same"): "night",
    ring(3, False, "sc", "smp", "same"): "full",
    ring(3, False, "sc", "smp", "other"): "full",
    ring(3, False, "tso", "smp", "same"): "full",
    ring(3, False, "tso", "smp", "other"): "night",
    ring(3, False, "tso", "up", "same"): "night",
}
"""Rings of 2 and 3 in which each buffer has its number, beside those of `proofs.packed`: the tier that decides them."""
LARGEST = packed(size=3, event_idx=True, memory="tso")
"""The largest search that came to its end: 1,493,077,228 states, depth 462.  No claim, as it wants 17 GiB; `--largest`
searches it again."""
NAMELESS: dict[System, Tier] = {
    **{packed(size=2, memory="tso", guest=guest, irq=irq, symmetry=True): "full" for guest, irq in ENDS},
    **{packed(size=3, memory=memory, symmetry=True): "full" for memory in ("sc", "tso")},
    packed(size=4, irq="other", symmetry=True): "full",
    **{packed(size=4, memory="tso", guest=guest, irq=irq, symmetry=True): "full" for guest, irq in ENDS},
    **{packed(size=3, event_idx=True, irq=irq, symmetry=True): "night" for irq in ("same", "other")},
}
"""Rings whose free buffers have none.  Of 2 and 3 both are claimed, and have the same verdicts."""
DEEP = [ring(1, event, "tso", guest, irq, buffer_depth=3) for event in (False, True) for guest, irq in ENDS]
"""Store buffers of 3 on a ring of 1, in every kind."""
LAPS = [
    packed(size=3, mergeable=True, max_packet=3, memory="tso"),
    packed(size=2, mergeable=True, event_idx=True, max_packet=2),
]
"""Batches as long as the ring, beside those of `proofs.packed`."""
LIVELY = [
    packed(size=2, max_packet=1),
    packed(size=2, max_packet=1, memory="tso"),
    packed(size=2, max_packet=1, event_idx=True, symmetry=True),
]
"""Rings of 2, of which is asked what does not last for ever."""


def as_it_is(system: System, tier: Tier) -> Iterator[Claim]:
    """Beside a system under TSO: the code as it is loses an interrupt there."""
    if system.cfg.memory == "tso":
        yield fails(f"packed-as-it-is-{tag(system)}", system, no_lost_interrupt,
                    "virtio_packed_should_notify() has no barrier", tier=tier)  # fmt: skip


CLAIMS: list[Claim] = [
    *(c for s, tier in SIZES.items() for c in (*holding(s, tier), *as_it_is(s, tier))),
    *(c for s, tier in NAMELESS.items() for c in (*holding(s, tier, (*EVERY, *RESTS_ON[1:])), *as_it_is(s, tier))),
    *(c for s in DEEP for c in (*holding(s, "full"), *as_it_is(s, "full"))),
    *(c for s in LAPS for c in holding(s, "full")),
    *(c for s in LIVELY for c in lasting(mended(s), *LIVENESS, tier="full")),
    *(
        cover(f"packed-{side}-index-wraps-{tag(s)}", mended(s), f"{side} index wraps", tier="full")
        for s in (packed(size=3), packed(size=4, symmetry=True, memory="tso"))
        for side in ("driver", "device")
    ),
    *(
        fails(f"packed-flips-too-early-ring{size}", packed(size=size).replace("virtqueue_add_packed__head_flags",
              flips_too_early), wrap_counters_coherent, "the flags are not of the lap that both sides count")
        for size in (2, 3)
    ),
    fails("packed-signal-across-the-end-ring2", packed(size=2, event_idx=True, mergeable=True).replace(
          "end_of_ring", remembers_across_the_end), no_lost_interrupt, "a batch as long as the ring between two "
          "decisions looks as if nothing had been used"),
]  # fmt: skip


def search_largest() -> int:
    """Search the largest system with all the memory that there is, and say what came of it."""
    system = mended(LARGEST)
    found = explore_native(system, meaningful(system.cfg, EVERY), threads=cpus(), few=False)
    came = f"violated: {', '.join(sorted(found.violations))}" if found.violations else "all questions hold"
    end = "all states" if found.complete else found.reason
    print(f"{system.name}: {found.states:,} states at depth {found.depth}, {end}; {came}", flush=True)
    return 0 if found.complete and not found.violations else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--largest"]:
        sys.exit(search_largest())
    main_for(CLAIMS)
