"""What searches for `proofs/packed_laps.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "standard(any driver and any device, packed, size=1, flags, sc, smp, irq=same)": (16_256, 41, "ac13dc0f77bc63fc"),
    "standard(any driver and any device, packed, size=2, flags, sc, smp, irq=same, max_packet=1)": (1_203_208, 78, "be6f2a02fe75afcf"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
