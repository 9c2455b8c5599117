"""What searches for `proofs/giving_up.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1-watch": (2_109_050, 237, "165ba9225de02995"),
    "ring1-flags-sc-smp-same-idx2": (140_360, 193, "85257ecc0b90de98"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-watch": (254_191, 206, "887ebfc6e1b2060b"),
    "ring1-flags-sc-smp-same-idx2-maxpacket9-data-segments3-indirect-hdrroom2-bufferlen4-no-notify": (106_761, 261, "a4c952f75c167f6a"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-watch": (524_603, 265, "a9477a30b10c5c6c"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-drops-before-it-looks": (2, "03c82a787f034014"),
    "driver-drops-what-is-right": (53, "bd691b68eb762813"),
    "gives_up-after-a-piece": (36, "7b970c5770a98ccb"),
    "gives_up-where-buffers-merge": (33, "1727775098379b7e"),
    "never-empty-drops": (5, "94399b73a237748c"),
    "packet_is_given_up-ring1-flags-sc-smp-same-idx2": (12, "85257ecc0b90de98"),
    "packet_is_given_up-ring1-flags-sc-smp-same-idx2-maxpacket9-data-segments3-indirect-hdrroom2-bufferlen4-no-notify": (38, "a4c952f75c167f6a"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
