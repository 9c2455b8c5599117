"""What searches for `proofs/packed_data.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring1-flags-sc-smp-same-data-no-notify": (2_617, 86, "2ff9cb540f0c645e"),
    "packed-ring2-flags-sc-smp-same-data-no-notify": (50_217, 203, "2619389e96e65682"),
    "packed-ring2-flags-sc-smp-same-data-segments2-indirect-no-notify": (102_185, 299, "d3deaf34ccfaf1b2"),
    "packed-ring2-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (1_018, 104, "389d08a5578cd07b"),
    "packed-ring2-flags-sc-smp-same-mergeable-maxpacket3-data-no-notify": (47_209, 206, "15502cec0cfad123"),
    "packed-ring2-flags-tso-smp-same-data-no-notify": (231_905, 271, "ba3292c9d306a7b7"),
    "packed-ring2-flags-tso-smp-same-mergeable-maxpacket3-data-no-notify": (120_281, 275, "790e9cffe475382a"),
    "packed-ring3-flags-sc-smp-same-data-no-notify": (576_449, 350, "5914e0b0030bb57f"),
    "packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-indirect-no-notify": (265_617, 501, "b81ac6353f07e7b2"),
    "packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (2_226, 153, "de39f7b5763797e4"),
    "packed-ring3-flags-sc-smp-same-maxpacket3-data-segments3-no-notify": (5_152, 127, "d8dbe510f70e15e6"),
    "packed-ring3-flags-sc-smp-same-mergeable-maxpacket3-data-no-notify": (785_797, 356, "c99ea38a0add1c2a"),
    "packed-ring3-flags-sc-smp-same-mergeable-maxpacket5-data-no-notify": (1_352_669, 343, "7fe0ccbaf3ac54ab"),
    "packed-ring4-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (18_055, 245, "06670301d00e3b98"),
    "packed-ring5-flags-sc-smp-same-idx4-maxpacket1-data-segments2-no-notify": (25_621, 281, "063374c2e35ac057"),
    "packed-ring5-flags-sc-smp-same-idx4-maxpacket5-data-segments3-hdrroom2-bufferlen4-no-notify": (65_756, 479, "59a768d652ad6bf3"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-index-wraps-packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (56, "de39f7b5763797e4"),
    "device_parks-packed-ring2-flags-sc-smp-same-mergeable-maxpacket3-data-no-notify": (4, "15502cec0cfad123"),
    "driver-index-wraps-packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (67, "de39f7b5763797e4"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
