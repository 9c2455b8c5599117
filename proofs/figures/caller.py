"""What searches for `proofs/caller.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-callerany": (65_949_951, 530, "037bc51d8a4b1101"),
    "ring1-event-sc-smp-same-idx2-callerany": (5_704_887, 262, "b6f390129f8ee3df"),
    "ring1-event-sc-smp-same-idx2-callerany with virtqueue_split_pop__empty := sleeps_when_empty": (5_704_887, 262, "992ca71ed95fd9da"),
    "ring1-event-tso-smp-same-idx2-callerany": (11_382_007, 316, "d4862326fc62b156"),
    "ring1-event-tso-up-same-idx2-callerany": (15_990_875, 323, "05cf03b6f90fe708"),
    "ring1-flags-sc-smp-other-callerany": (1_192_958, 222, "29dbe62094e0fcd2"),
    "ring1-flags-sc-smp-same-callerany": (625_918, 212, "04fada36ce3ba8bc"),
    "ring1-flags-tso-smp-other-callerany": (6_972_380, 280, "ea09197bd9ad54d6"),
    "ring1-flags-tso-smp-same-callerany": (3_347_922, 257, "f979431be61d5fda"),
    "ring1-flags-tso-up-same-callerany": (4_378_352, 261, "34b90a30d781ad46"),
    "ring2-flags-sc-smp-same-callerany-positions": (11_927_547, 194, "ce6eb3448e7df2f0"),
    "ring2-flags-tso-up-same-callerany-positions": (97_713_411, 243, "f0547f7e91cc8c69"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "caller-that-completes-another": (17, "9e2c5c218ff0276c"),
    "caller-that-does-not-look-again": (29, "6e2dcc793e9c16a2"),
    "caller-that-notifies-nobody": (32, "222dee2829b80073"),
    "caller-that-sleeps-when-empty-tso": (63, "f806dfa6272469d0"),
    "caller_completes_out_of_order-ring2-flags-sc-smp-same-callerany-positions": (14, "ce6eb3448e7df2f0"),
    "caller_flushes_a_part-ring2-flags-sc-smp-same-callerany-positions": (17, "ce6eb3448e7df2f0"),
    "caller_holds_several-ring2-flags-sc-smp-same-callerany-positions": (13, "ce6eb3448e7df2f0"),
    "caller_is_woken-ring1-flags-sc-smp-same-callerany": (13, "04fada36ce3ba8bc"),
    "caller_pops_while_it_waits-ring1-flags-sc-smp-same-callerany": (6, "04fada36ce3ba8bc"),
    "caller_waits-ring1-flags-sc-smp-same-callerany": (5, "04fada36ce3ba8bc"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
