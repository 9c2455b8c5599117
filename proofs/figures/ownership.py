"""What searches for `proofs/ownership.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-same-stops": (357_593, 282, "4e910d3366c2419f"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_index_wraps-ring1-flags-sc-smp-same": (169, "c202cab63321ea5a"),
    "driver_index_wraps-ring1-flags-sc-smp-same": (178, "c202cab63321ea5a"),
    "not_ready-ring1-flags-sc-smp-same-stops": (9, "4e910d3366c2419f"),
    "packet_is_dropped-ring1-flags-sc-smp-same": (12, "c202cab63321ea5a"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
