"""What searches for `proofs/liveness.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2": (1_143_100, 0, "f1f960d59f0631fb"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "driver-that-always-finds-work": (24, "03aa5fa78b63937b"),
    "no_packet_blocks_the_queue-ring1-event-sc-smp-same-idx2": (29, "f1f960d59f0631fb"),
    "no_packet_blocks_the_queue-ring1-flags-sc-smp-same": (46, "c202cab63321ea5a"),
    "no_packet_blocks_the_queue-ring2-flags-sc-smp-same": (48, "2549c9f7b5538398"),
    "used-entry-is-left": (31, "57d2eb726d247f12"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
