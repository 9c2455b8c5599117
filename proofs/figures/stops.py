"""What searches for `proofs/stops.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-other-idx2-maxpacket1-stops": (1_708_263, 240, "48b7aae65b9b7981"),
    "ring1-event-sc-smp-same-idx2-maxpacket1-stops": (711_530, 222, "8d1a13dc53394d40"),
    "ring1-event-tso-smp-same-idx2-maxpacket1-stops": (1_042_430, 270, "d4350b56a75878dc"),
    "ring1-flags-sc-smp-any-idx2-maxpacket1-stops": (5_269_872, 254, "cacc5be4732554dd"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-stops": (151_604, 219, "7f5740d76cf915f3"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-stops": (93_892, 194, "860d0ac5474d63e3"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-stops with a resume without flush": (106_959, 194, "00a12cebece6e5a2"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-stops with a resume without kick": (86_514, 193, "784152bebca25832"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (462_983, 217, "a4b33657ddc5a65c"),
    "ring1-flags-sc-smp-same-idx2-watch-stops": (944_101, 216, "9099b60cf22ee332"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-stops": (186_989, 245, "2a26a694e9c1543a"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-watch-stops": (919_027, 276, "805a3951b6c1dfca"),
    "ring1-flags-tso-up-same-idx2-maxpacket1-stops": (254_565, 246, "a63bd529fb108c56"),
    "ring2-flags-sc-smp-same-maxpacket1-stops": (1_365_255, 278, "fbe1c1ffeeb17fd0"),
    "ring2-flags-sc-smp-same-maxpacket1-watch-stops": (8_208_346, 312, "77a5bc093852a880"),
    "ring2-flags-sc-smp-same-mergeable-stops": (2_741_108, 262, "6d229c359c41cbc5"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "kick_consumed_at_a_stop-ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (3, "a4b33657ddc5a65c"),
    "packet_came_meanwhile-ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (3, "a4b33657ddc5a65c"),
    "packet_lost_at_a_stop-ring1-flags-sc-smp-same-idx2-maxpacket1-watch-stops": (9, "a4b33657ddc5a65c"),
    "resume-without-flush-and-kick": (25, "f872e2642b903e5e"),
    "stop-that-loses-and-keeps": (18, "a53a1a61f66e45e1"),
    "stop-that-purges-uncounted": (33, "82f073618d23a29a"),
    "stopped_device_leaves_the_ring-can-fail": (9, "e3549fa90f550708"),
    "stopped_machine_has_no_kick-can-fail": (3, "4c728559cb82756b"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
