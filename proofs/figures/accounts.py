"""What searches for `proofs/accounts.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring2-flags-sc-smp-same-maxpacket1 with virtqueue_add_split__idx := publishes_one_behind": (166_337, 284, "1a2739ab4853f6ee"),
    "ring2-flags-sc-smp-same-mergeable": (2_129_108, 261, "b2141a2956916acd"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_parks-ring2-flags-sc-smp-same-mergeable": (7, "b2141a2956916acd"),
    "everything_added_is_published-can-fail": (27, "1a2739ab4853f6ee"),
    "nothing_offered_is_passed_over-can-fail": (32, "7574ea8031fa1b20"),
    "packet_is_dropped-ring2-flags-sc-smp-same": (12, "08c1b73f52c1d8ae"),
    "taken_is_accounted_for-can-fail": (23, "321496e1ab32d2cd"),
    "waits_only_for_buffers-can-fail": (15, "527cf695d8862083"),
    "works_on_a_packet-can-fail": (11, "9300321db8fff5f0"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
