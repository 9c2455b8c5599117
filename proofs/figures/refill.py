"""What searches for `proofs/refill.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-same-idx2-maxpacket1-data-segments2-indirect": (381_677, 364, "d7fd163ce4aed2b4"),
    "ring2-flags-sc-smp-same-mergeable with budgets up to 1": (1_718_980, 261, "c012e4743c49fdb3"),
    "ring2-flags-sc-smp-same-mergeable-maxpacket1 with budgets up to 2": (1_117_456, 303, "0c8ac53837d69dda"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "fills_the_ring-adds-one": (5, "64f6a49c022b29e3"),
    "no_stranded_packet-ring2": (47, "7e1746ba95b73aa4"),
    "no_stranded_packet-ring2-packet2-weight2": (47, "7e1746ba95b73aa4"),
    "no_stranded_packet-ring4-packet3-weight4": (62, "69380b4dcda23ebf"),
    "no_stranded_packet-ring4-packet4-weight2": (57, "bb4b63bdb3b4504a"),
    "refill_happens-ring2": (31, "7e1746ba95b73aa4"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
