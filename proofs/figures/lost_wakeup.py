"""What searches for `proofs/lost_wakeup.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-other": (498_224, 307, "b308f85a56863fe8"),
    "ring1-flags-sc-smp-same": (279_392, 281, "c202cab63321ea5a"),
    "ring2-flags-sc-smp-other": (3_464_192, 282, "401f99295881b8ce"),
    "ring2-flags-sc-smp-same": (2_059_952, 277, "2549c9f7b5538398"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device_is_woken-ring1-flags-sc-smp-other": (15, "b308f85a56863fe8"),
    "device_is_woken-ring1-flags-sc-smp-same": (15, "c202cab63321ea5a"),
    "device_parks-ring1-flags-sc-smp-other": (7, "b308f85a56863fe8"),
    "device_parks-ring1-flags-sc-smp-same": (7, "c202cab63321ea5a"),
    "missed_is_set-ring1-flags-sc-smp-other": (19, "b308f85a56863fe8"),
    "missed_is_set-ring1-flags-sc-smp-same": (19, "c202cab63321ea5a"),
    "poll_finds_work-ring1-flags-sc-smp-other": (30, "b308f85a56863fe8"),
    "poll_finds_work-ring1-flags-sc-smp-same": (30, "c202cab63321ea5a"),
    "recheck_finds_work-ring1-flags-sc-smp-other": (11, "b308f85a56863fe8"),
    "recheck_finds_work-ring1-flags-sc-smp-same": (11, "c202cab63321ea5a"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
