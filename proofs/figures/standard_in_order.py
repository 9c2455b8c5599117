"""What searches for `proofs/standard_in_order.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "standard(any driver and any device, packed, size=1, event_idx, sc, smp, irq=same, in_order)": (536_400, 50, "375907832b1ec3c0"),
    "standard(any driver and any device, packed, size=1, flags, sc, smp, irq=same, in_order)": (17_280, 45, "cde6c142b4b9ce4b"),
    "standard(any driver and any device, packed, size=1, flags, tso, smp, irq=same, in_order)": (680_768, 64, "3d1325ff206d9df1"),
    "standard(any driver and any device, packed, size=2, flags, sc, smp, irq=same, max_packet=1, in_order)": (1_851_912, 73, "ce0ae124430d0001"),
    "standard(any driver and any device, size=1, flags, sc, smp, irq=same, idx_bits=2, in_order)": (146_944, 80, "7f30716bd9719034"),
    "standard(any driver and any device, size=2, flags, sc, smp, irq=same, max_packet=1, in_order)": (12_343_312, 113, "a236da259e01c8c3"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "in-order-driver-takes-one-packed": (20, "cff0db671c60b59a"),
    "in-order-driver-takes-one-split": (13, "a356074b1bef92d6"),
    "in-order-full-ring-published-mend": (11, "f522e51862d47b42"),
    "one_entry_for_a_batch-packed-ring2-flags-sc-smp-same-maxpacket1-peerany-inorder": (11, "ce0ae124430d0001"),
    "one_entry_for_a_batch-ring2-flags-sc-smp-same-maxpacket1-peerany-inorder": (9, "a236da259e01c8c3"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
