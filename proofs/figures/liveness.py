"""What searches for `proofs/liveness.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2": (1_143_100, 0, "1819015280612bbb"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "no_packet_blocks_the_queue-ring1-event-sc-smp-same-idx2": (29, "1819015280612bbb"),
    "no_packet_blocks_the_queue-ring1-flags-sc-smp-same": (46, "2cd63d81490fdfd2"),
    "no_packet_blocks_the_queue-ring2-flags-sc-smp-same": (48, "08c1b73f52c1d8ae"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
