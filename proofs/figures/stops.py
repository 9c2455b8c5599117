"""What searches for `proofs/stops.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-other-idx2-maxpacket1-stops": (1_708_263, 240, "a9780261a12c8d11"),
    "ring1-event-sc-smp-same-idx2-maxpacket1-stops": (711_530, 222, "fc6f3be5de66317a"),
    "ring1-event-tso-smp-same-idx2-maxpacket1-stops": (1_042_430, 270, "66fa3ab0c78ac52f"),
    "ring1-flags-sc-smp-any-idx2-maxpacket1-stops": (5_269_872, 254, "e365dd57d2543b72"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-stops": (151_604, 219, "2fbfd1e48a7612ba"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-stops": (93_892, 194, "8221c58eef2f0afa"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-stops with a resume without flush": (106_959, 194, "95e1aa21cf619c0f"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-stops with a resume without kick": (86_514, 193, "6917ce5d3ed17543"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (462_983, 217, "d295e2ddc069466e"),
    "ring1-flags-sc-smp-same-idx2-watch-stops": (944_101, 216, "7b267775676b186d"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-stops": (186_989, 245, "06faa34bc80d3e2b"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-watch-stops": (919_027, 276, "7f89e927d1610ecb"),
    "ring1-flags-tso-up-same-idx2-maxpacket1-stops": (254_565, 246, "30127f91941ea6ad"),
    "ring2-flags-sc-smp-same-maxpacket1-stops": (1_365_255, 278, "0f2f302dce789f9f"),
    "ring2-flags-sc-smp-same-maxpacket1-watch-stops": (8_208_346, 312, "09811e47bd9305cd"),
    "ring2-flags-sc-smp-same-mergeable-stops": (2_741_108, 262, "310a27fc25b64006"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "kick_consumed_at_a_stop-ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (3, "d295e2ddc069466e"),
    "packet_came_meanwhile-ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (3, "d295e2ddc069466e"),
    "packet_lost_at_a_stop-ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (9, "d295e2ddc069466e"),
    "resume-without-flush-and-kick": (25, "04b92120e2799064"),
    "stop-that-loses-and-keeps": (18, "27b5b0441e5c4f17"),
    "stop-that-purges-uncounted": (33, "a74923b69268b0e4"),
    "stopped_device_leaves_the_ring-can-fail": (9, "5738ee196a1afe66"),
    "stopped_machine_has_no_kick-can-fail": (3, "f95f4d3b41eabd33"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
