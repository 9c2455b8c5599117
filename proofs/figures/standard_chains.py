"""What searches for `proofs/standard_chains.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring2-flags-sc-smp-same-idx2-data-segments2-indirect-no-notify with virtqueue_add_desc_split__flags := table_with_write": (134_265, 320, "fcdbbd173d4a67a5"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "breach-chain-without-an-end": (14, "ff9d735bfae8a3b4"),
    "breach-table-and-next": (20, "195ac4e535e9bad3"),
    "breach-table-in-a-table": (20, "644ddd54b901c39c"),
    "breach-table-not-negotiated": (14, "887715f744619bad"),
    "breach-table-without-an-end": (20, "c5e9d1bb49f9bf60"),
    "breach-writable-before-readable": (14, "463bcb64d38c5359"),
    "chains_follow_the_standard-can-fail": (14, "ff9d735bfae8a3b4"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
