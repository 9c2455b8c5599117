"""What searches for `proofs/refinement.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "standard(Linux and QEMU, size=1, flags, sc, smp, irq=same, idx_bits=2, max_packet=1, watched)": (72_165, 193, "a4a1e36a9348c4cf"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
