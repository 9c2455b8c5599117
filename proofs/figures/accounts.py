"""What searches for `proofs/accounts.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring2-flags-sc-smp-same-maxpacket1 with virtqueue_add_split__idx := publishes_one_behind": (166_337, 284, "8c0c1a0366dc3ff5"),
    "ring2-flags-sc-smp-same-mergeable": (2_129_108, 261, "7e1746ba95b73aa4"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_parks-ring2-flags-sc-smp-same-mergeable": (7, "7e1746ba95b73aa4"),
    "everything_added_is_published-can-fail": (27, "8c0c1a0366dc3ff5"),
    "nothing_offered_is_passed_over-can-fail": (32, "ee3fa88143d8682a"),
    "packet_is_dropped-ring2-flags-sc-smp-same": (12, "2549c9f7b5538398"),
    "taken_is_accounted_for-can-fail": (23, "be317d4d22ef360e"),
    "waits_only_for_buffers-can-fail": (15, "1759809f15b91647"),
    "works_on_a_packet-can-fail": (11, "93cc1b6dd8d2c7c5"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
