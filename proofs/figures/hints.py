"""What searches for `proofs/hints.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-other with event_triggered anything with not kept": (15_949_639, 411, "cd4df70778044f7c"),
    "ring1-event-sc-smp-other-idx2-maxpacket1 with event_triggered anything with not kept": (1_188_967, 0, "c6ed8eb2eecebc35"),
    "ring1-event-sc-smp-same with event_triggered anything with not kept": (6_737_746, 381, "727ab134376ec82f"),
    "ring1-event-sc-smp-same-idx2-maxpacket1 with event_triggered anything with not kept": (574_007, 0, "b2e9f085ab724858"),
    "ring1-event-tso-smp-other with event_triggered anything with not kept": (23_670_777, 484, "d2ac25330291f352"),
    "ring1-event-tso-smp-other with napi_schedule_prep := leaves_no_missed": (13_662_159, 484, "505a3ebbfc7f7afc"),
    "ring1-event-tso-smp-same with event_triggered anything with not kept": (9_795_718, 451, "dfc20f59b0b7a2ab"),
    "ring1-event-tso-smp-same-idx2-maxpacket1 with event_triggered anything with not kept": (877_082, 0, "e063f06978114f0c"),
    "ring1-event-tso-up-same with event_triggered anything with not kept": (18_649_450, 471, "158eeabb6ac90507"),
    "ring1-flags-sc-smp-other with napi_schedule_prep := leaves_no_missed": (263_061, 265, "8a62e834091784c4"),
    "ring1-flags-sc-smp-same with napi_schedule_prep := leaves_no_missed": (148_757, 249, "1e5f664947413164"),
    "ring1-flags-tso-smp-any-idx2 with napi_schedule_prep := leaves_no_missed": (9_862_240, 298, "cc08b747a9785157"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "missed-is-not-sufficient-ring1-event-sc-smp-other": (50, "44705749a8fff7d7"),
    "missed-is-not-sufficient-ring1-flags-sc-smp-other": (31, "9c5096877b8a0746"),
    "missed_is_honoured": (35, "b308f85a56863fe8"),
    "missed_is_honoured_in_vain": (35, "9c5096877b8a0746"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
