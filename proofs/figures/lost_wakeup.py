"""What searches for `proofs/lost_wakeup.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-other": (498_224, 307, "2a62f2a37619eda1"),
    "ring1-flags-sc-smp-same": (279_392, 281, "2cd63d81490fdfd2"),
    "ring2-flags-sc-smp-other": (3_464_192, 282, "58e58a76113743a1"),
    "ring2-flags-sc-smp-same": (2_059_952, 277, "08c1b73f52c1d8ae"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_is_woken-ring1-flags-sc-smp-other": (15, "2a62f2a37619eda1"),
    "device_is_woken-ring1-flags-sc-smp-same": (15, "2cd63d81490fdfd2"),
    "device_parks-ring1-flags-sc-smp-other": (7, "2a62f2a37619eda1"),
    "device_parks-ring1-flags-sc-smp-same": (7, "2cd63d81490fdfd2"),
    "missed_is_set-ring1-flags-sc-smp-other": (19, "2a62f2a37619eda1"),
    "missed_is_set-ring1-flags-sc-smp-same": (19, "2cd63d81490fdfd2"),
    "poll_finds_work-ring1-flags-sc-smp-other": (30, "2a62f2a37619eda1"),
    "poll_finds_work-ring1-flags-sc-smp-same": (30, "2cd63d81490fdfd2"),
    "recheck_finds_work-ring1-flags-sc-smp-other": (11, "2a62f2a37619eda1"),
    "recheck_finds_work-ring1-flags-sc-smp-same": (11, "2cd63d81490fdfd2"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
