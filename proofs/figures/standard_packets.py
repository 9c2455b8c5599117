"""What searches for `proofs/standard_packets.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "breach-buffer-not-full": (41, "20ef0c4904b980e0"),
    "breach-longer-than-the-buffer": (24, "5ba31a33e83fef82"),
    "breach-packet-in-parts": (24, "81ace1d9cf19a14a"),
    "breach-packet-in-parts-numbered": (40, "f8b73027b95895ff"),
    "breach-without-a-header": (24, "1fa8b01b34dc2948"),
    "deviation-num-buffers-unwritten": (20, "cd75b5949e688b15"),
    "deviation-num-buffers-unwritten-in-chains": (25, "a7b1f879750f2cc0"),
    "packets_follow_the_standard-can-fail": (41, "20ef0c4904b980e0"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
