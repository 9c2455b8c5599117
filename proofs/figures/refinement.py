"""What searches for `proofs/refinement.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "standard(Linux and QEMU, packed, size=1, event_idx, sc, smp, irq=same, max_packet=1, watched)": (226_883, 165, "168e2a286a7a9304"),
    "standard(Linux and QEMU, packed, size=1, flags, sc, smp, irq=same, max_packet=1, watched)": (28_934, 148, "047d3dd5a114f1f4"),
    "standard(Linux and QEMU, size=1, event_idx, sc, smp, irq=same, idx_bits=2, max_packet=1, watched)": (626_442, 220, "18a622ccb6c14a2b"),
    "standard(Linux and QEMU, size=1, flags, sc, smp, irq=same, idx_bits=2, max_packet=1, watched)": (72_165, 193, "a4a1e36a9348c4cf"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "flags_follow_the_feature-can-fail": (6, "c342f9825bf4170d"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
