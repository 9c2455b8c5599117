"""What searches for `proofs/data.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-same-data": (1_723_526, 431, "5248c01f788be78e"),
    "ring1-flags-sc-smp-same-data-segments2-indirect": (2_116_544, 565, "16957ff637fbe350"),
    "ring1-flags-tso-smp-same-data": (4_869_239, 586, "6756b6238eaa18d9"),
    "ring1-flags-tso-smp-same-data-segments2-indirect": (6_269_109, 808, "15b7eb8cc7e27c4e"),
    "ring2-flags-sc-smp-same-data": (23_164_218, 449, "82b25736a85af837"),
    "ring2-flags-sc-smp-same-data-segments2": (1_925_478, 497, "0b8cf47737232ec3"),
    "ring2-flags-sc-smp-same-data-segments2-indirect": (32_745_050, 607, "7e5f55ced36066c2"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify": (79_169, 220, "7ee0237ab2489093"),
    "ring2-flags-sc-smp-same-idx2-data-segments2-indirect-no-notify": (134_265, 320, "87ea69f8f6df271c"),
    "ring2-flags-sc-smp-same-idx2-data-segments2-no-notify": (6_329, 172, "2a1a69a239af9c1a"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify": (73_353, 231, "a7e5fec9b1ecc505"),
    "ring2-flags-sc-smp-same-mergeable-maxpacket3-data": (27_512_415, 457, "c57d4813fbce38f3"),
    "ring2-flags-tso-smp-same-idx2-data-no-notify": (402_097, 318, "9cc47b106474d832"),
    "ring2-flags-tso-smp-same-idx2-data-segments2-indirect-no-notify": (793_441, 484, "edf76a141e423be5"),
    "ring2-flags-tso-smp-same-idx2-data-segments2-no-notify": (16_145, 254, "195b188f9818c4af"),
    "ring2-flags-tso-smp-same-idx2-mergeable-maxpacket3-data-no-notify": (208_577, 321, "5d74b6fe46a2121b"),
    "ring4-flags-sc-smp-same-data-segments2-no-notify": (212_593, 399, "95303fb74f983220"),
    "ring4-flags-sc-smp-same-maxpacket7-data-segments3-hdrroom2-bufferlen4-no-notify": (174_361, 396, "d425200e8063a4cf"),
    "ring4-flags-sc-smp-same-mergeable-maxpacket5-data-no-notify": (106_396_985, 593, "9204480fe604edd5"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_parks-ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify": (4, "a7e5fec9b1ecc505"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
