"""What searches for `proofs/data.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-same-data": (1_723_526, 431, "1080a4bbdd1c0fbf"),
    "ring1-flags-sc-smp-same-data-segments2-indirect": (2_116_544, 565, "8082c7b4821aa040"),
    "ring1-flags-tso-smp-same-data": (4_869_239, 586, "680d9cbb97d06a9d"),
    "ring1-flags-tso-smp-same-data-segments2-indirect": (6_269_109, 808, "1fb1466d985e9bd6"),
    "ring2-flags-sc-smp-same-data": (23_164_218, 449, "40a4f8446adafdd6"),
    "ring2-flags-sc-smp-same-data-segments2": (1_925_478, 497, "555275a58fca846c"),
    "ring2-flags-sc-smp-same-data-segments2-indirect": (32_745_050, 607, "87d24b62f99064cd"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify": (79_169, 220, "cd75b5949e688b15"),
    "ring2-flags-sc-smp-same-idx2-data-segments2-indirect-no-notify": (134_265, 320, "0e813b9f38200a14"),
    "ring2-flags-sc-smp-same-idx2-data-segments2-no-notify": (6_329, 172, "a7b1f879750f2cc0"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify": (73_353, 231, "91257435fd76a922"),
    "ring2-flags-sc-smp-same-mergeable-maxpacket3-data": (27_512_415, 457, "a6e6a04abe3b3911"),
    "ring2-flags-tso-smp-same-idx2-data-no-notify": (402_097, 318, "3f4a3588e20da02c"),
    "ring2-flags-tso-smp-same-idx2-data-segments2-indirect-no-notify": (793_441, 484, "3ef5cfb9f4f78765"),
    "ring2-flags-tso-smp-same-idx2-data-segments2-no-notify": (16_145, 254, "9c9712717a75ddd3"),
    "ring2-flags-tso-smp-same-idx2-mergeable-maxpacket3-data-no-notify": (208_577, 321, "28103de8bdcb36a6"),
    "ring4-flags-sc-smp-same-data-segments2-no-notify": (212_593, 399, "9dc9c1ad2c3bbcf9"),
    "ring4-flags-sc-smp-same-maxpacket7-data-segments3-hdrroom2-bufferlen4-no-notify": (174_361, 396, "e3b92c14fc2461ce"),
    "ring4-flags-sc-smp-same-mergeable-maxpacket5-data-no-notify": (106_396_985, 593, "4b678609d8e88b1a"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_parks-ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify": (4, "91257435fd76a922"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
