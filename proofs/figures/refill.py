"""What searches for `proofs/refill.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring2-flags-sc-smp-same-mergeable with budgets up to 1": (1_718_980, 261, "0eb469e5a7e67d50"),
    "ring2-flags-sc-smp-same-mergeable-maxpacket1 with budgets up to 2": (1_117_456, 303, "f2c5321c13dc69c1"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "no_stranded_packet-ring2": (47, "b2141a2956916acd"),
    "no_stranded_packet-ring2-packet2-weight2": (47, "b2141a2956916acd"),
    "no_stranded_packet-ring4-packet3-weight4": (62, "4106f1a64dc031cf"),
    "no_stranded_packet-ring4-packet4-weight2": (57, "8ef34bfc683b5d6a"),
    "refill_happens-ring2": (31, "b2141a2956916acd"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
