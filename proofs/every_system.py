"""Every safety property on every combination that must be searched to the end.

Rings of 1: with and without the event index, SC and TSO, SMP and UP guest, the
interrupt on the polling CPU and on another; each again with an index one bit
wider.  (A UP guest has one CPU, so its interrupt is never on another; under SC
the guest makes no difference: where the C is the same, one search decides both.)  Rings of 2
and one of 4 as far as they fit; `TOO_LARGE` lists what does not.  Order and fate
of packets are asked by ring position (`positions`) everywhere, and on rings of 1
also of a watched packet, with indices of 2 bits and again of 3.
"""

from __future__ import annotations

import sys

from vrx.models.claims import Claim, claims_of
from vrx.models.deciding.engine import cpus
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.system import System, rx
from vrx.proofs.kinds import KINDS
from vrx.proofs.running import main_for
from vrx.spec.accounts import ACCOUNTS
from vrx.spec.properties import SPINE, in_order, no_packet_vanishes, one_fate


def ring1(idx_bits: int, **options: bool) -> list[System]:
    """Every combination on a ring of 1."""
    return [
        rx(event_idx=event, memory=memory, guest=guest, irq=irq, idx_bits=idx_bits, **options)
        for event in (False, True)
        for memory, guest, irq in KINDS
    ]


PLACES = (("smp", "same"), ("smp", "other"), ("up", "same"))

RING2 = (
    *(rx(size=2, irq=irq, positions=True) for irq in ("same", "other")),
    *(rx(size=2, memory="tso", guest=guest, irq=irq, positions=True) for guest, irq in PLACES),
    *(rx(size=2, event_idx=True, irq=irq, positions=True) for irq in ("same", "other")),
    *(rx(size=2, event_idx=True, memory="tso", guest=guest, irq=irq, positions=True) for guest, irq in PLACES),
)
"""Rings of 2."""
RING4 = rx(size=4, idx_bits=4, max_packet=1, positions=True)
"""One ring of 4, with packets that fit."""
HANDOVER = tuple(
    rx(irq="any", positions=True, **options)
    for options in (
        {"idx_bits": 3},
        {"idx_bits": 4},
        {"memory": "tso", "idx_bits": 2},
        {"memory": "tso", "idx_bits": 3},
        {"event_idx": True, "idx_bits": 2},
        {"event_idx": True, "memory": "tso", "idx_bits": 2},
        {"size": 2},
    )
)
"""Two CPUs, each of which may take the interrupt and then polls: the NAPI is handed over."""

TOO_LARGE = {
    rx(irq="any", event_idx=True, positions=True): "374,173,598 states at depth 261 in 16 GiB",
    rx(size=2, event_idx=True, memory="tso", guest="up", watch=True): "1,695,909,460 states at depth 335 in 17.4 GiB",
}
"""What was tried and did not end within the memory given: how far it came.  `--too-large` tries again."""

FATE = (in_order, one_fate, no_packet_vanishes)
EVERY = (*SPINE, *ACCOUNTS, in_order, one_fate)

CLAIMS: list[Claim] = [
    *(c for bits in (3, 4) for s in ring1(bits, positions=True) for c in claims_of(s, *EVERY, tier="full")),
    *(c for bits in (2, 3) for s in ring1(bits, watch=True) for c in claims_of(s, *FATE, tier="full")),
    *(c for s in (*RING2, RING4, *HANDOVER) for c in claims_of(s, *EVERY, tier="full")),
]



def try_again() -> int:
    """Search what is too large with all the memory that there is, and say how far each comes."""
    for system, before in TOO_LARGE.items():
        found = explore_native(system, EVERY, threads=cpus(), few=False)
        came = "all states" if found.complete else found.reason
        print(f"{system.name}: {found.states:,} states at depth {found.depth}, {came} (before: {before})", flush=True)
    return 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--too-large"]:
        sys.exit(try_again())
    main_for(CLAIMS)
