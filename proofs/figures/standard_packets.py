"""What searches for `proofs/standard_packets.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "breach-buffer-not-full": (41, "3ba5dba0e464fd38"),
    "breach-longer-than-the-buffer": (24, "42d27f24253271d3"),
    "breach-packet-in-parts": (24, "2e2f39cd3ea54668"),
    "breach-packet-in-parts-numbered": (40, "38d2b01932b2d561"),
    "breach-without-a-header": (24, "5dedc6de8b7911cb"),
    "deviation-num-buffers-unwritten": (20, "7ee0237ab2489093"),
    "deviation-num-buffers-unwritten-in-chains": (25, "2a1a69a239af9c1a"),
    "packets_follow_the_standard-can-fail": (41, "3ba5dba0e464fd38"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
