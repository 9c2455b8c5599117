"""What searches for `proofs/caller.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-callerany": (65_949_951, 530, "0a06c79c709f931a"),
    "ring1-event-sc-smp-same-idx2-callerany": (5_704_887, 262, "7152005fbd2bb183"),
    "ring1-event-sc-smp-same-idx2-callerany with virtqueue_split_pop__empty := sleeps_when_empty": (5_704_887, 262, "6f000ec15f2a6c75"),
    "ring1-event-tso-smp-same-idx2-callerany": (11_382_007, 316, "eae39f076bbd6119"),
    "ring1-event-tso-up-same-idx2-callerany": (15_990_875, 323, "c56175e35334b855"),
    "ring1-flags-sc-smp-other-callerany": (1_192_958, 222, "23be28b0e5f7f923"),
    "ring1-flags-sc-smp-same-callerany": (625_918, 212, "e8568a335346f2d1"),
    "ring1-flags-tso-smp-other-callerany": (6_972_380, 280, "f772a5f81c171a5d"),
    "ring1-flags-tso-smp-same-callerany": (3_347_922, 257, "e19c5cac83c5a9e4"),
    "ring1-flags-tso-up-same-callerany": (4_378_352, 261, "4389365deaae1adb"),
    "ring2-flags-sc-smp-same-callerany-positions": (11_927_547, 194, "9910e51bcce0c507"),
    "ring2-flags-tso-up-same-callerany-positions": (97_713_411, 243, "b2bff959b45cf7d3"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "caller-that-completes-another": (17, "d75a054ddd1f33fb"),
    "caller-that-does-not-look-again": (29, "bc350f69db5e5c2f"),
    "caller-that-notifies-nobody": (32, "4fc9ca4ee7d5cbdc"),
    "caller-that-sleeps-when-empty-tso": (63, "e08f4de9843b875d"),
    "caller_completes_out_of_order-ring2-flags-sc-smp-same-callerany-positions": (14, "9910e51bcce0c507"),
    "caller_flushes_a_part-ring2-flags-sc-smp-same-callerany-positions": (17, "9910e51bcce0c507"),
    "caller_holds_several-ring2-flags-sc-smp-same-callerany-positions": (13, "9910e51bcce0c507"),
    "caller_is_woken-ring1-flags-sc-smp-same-callerany": (13, "e8568a335346f2d1"),
    "caller_pops_while_it_waits-ring1-flags-sc-smp-same-callerany": (6, "e8568a335346f2d1"),
    "caller_waits-ring1-flags-sc-smp-same-callerany": (5, "e8568a335346f2d1"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
