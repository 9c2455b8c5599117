"""What searches for `proofs/standard_chains.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring2-flags-sc-smp-same-idx2-data-segments2-indirect-no-notify with virtqueue_add_desc_split__flags := table_with_write": (134_265, 320, "b1982634615bf10d"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "breach-chain-without-an-end": (14, "22e93a9f9513a248"),
    "breach-table-and-next": (20, "8c7384c7d9dfe8fe"),
    "breach-table-in-a-table": (20, "514bf5a693670999"),
    "breach-table-not-negotiated": (14, "792a2275ed20d92c"),
    "breach-table-without-an-end": (20, "26e1234465da40c4"),
    "breach-writable-before-readable": (14, "86639c1b4e3d854d"),
    "chains_follow_the_standard-can-fail": (14, "22e93a9f9513a248"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
