"""What searches for `proofs/hints.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-other with event_triggered anything with not kept": (15_949_639, 411, "66c5444b7e387c67"),
    "ring1-event-sc-smp-other-idx2-maxpacket1 with event_triggered anything with not kept": (1_188_967, 0, "9dc048a51f0fedc9"),
    "ring1-event-sc-smp-same with event_triggered anything with not kept": (6_737_746, 381, "32d6b92e30bdc009"),
    "ring1-event-sc-smp-same-idx2-maxpacket1 with event_triggered anything with not kept": (574_007, 0, "9bff2701f99e80b8"),
    "ring1-event-tso-smp-other with event_triggered anything with not kept": (23_670_777, 484, "cbd72dd9c78d8f1a"),
    "ring1-event-tso-smp-other with napi_schedule_prep := leaves_no_missed": (13_662_159, 484, "95ab5a95d3a212c9"),
    "ring1-event-tso-smp-same with event_triggered anything with not kept": (9_795_718, 451, "53d7d25ee1195110"),
    "ring1-event-tso-smp-same-idx2-maxpacket1 with event_triggered anything with not kept": (877_082, 0, "9394861471e9ebb3"),
    "ring1-event-tso-up-same with event_triggered anything with not kept": (18_649_450, 471, "6093ae0e0381d48e"),
    "ring1-flags-sc-smp-other with napi_schedule_prep := leaves_no_missed": (263_061, 265, "f408e3f7f009d03c"),
    "ring1-flags-sc-smp-same with napi_schedule_prep := leaves_no_missed": (148_757, 249, "1b238c8e2aee9303"),
    "ring1-flags-tso-smp-any-idx2 with napi_schedule_prep := leaves_no_missed": (9_862_240, 298, "60e7b4046055d759"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "missed-is-not-sufficient-ring1-event-sc-smp-other": (50, "cb350c864472382f"),
    "missed-is-not-sufficient-ring1-flags-sc-smp-other": (31, "3162b9fb7599d25d"),
    "missed_is_honoured": (35, "2a62f2a37619eda1"),
    "missed_is_honoured_in_vain": (35, "3162b9fb7599d25d"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
