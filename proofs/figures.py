"""What searches measured, written by `python -m models.results --pin`.  A difference is an error."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int]] = {
    "ring1-event-sc-smp-same": (6_873_064, 388),
    "ring1-event-sc-smp-same-idx4": (46_634_464, 724),
    "ring1-event-tso-smp-same": (9_932_345, 470),
    "ring1-event-tso-up-same": (15_559_612, 489),
    "ring1-flags-sc-smp-other": (498_224, 307),
    "ring1-flags-sc-smp-other-data": (8_412_472, 491),
    "ring1-flags-sc-smp-same": (279_392, 281),
    "ring1-flags-sc-smp-same-data": (4_690_368, 442),
    "ring1-flags-sc-smp-same-stops": (437_668, 281),
    "ring2-event-sc-smp-same": (61_158_260, 352),
    "ring2-event-sc-smp-same-mergeable": (56_789_554, 328),
    "ring2-flags-sc-smp-other": (3_464_192, 282),
    "ring2-flags-sc-smp-same": (2_059_952, 277),
}
"""System -> its reachable states, and the depth of the search."""

STEPS: dict[str, int] = {
    "cached-used-event:faulty": 344,
    "complete-no-barrier:faulty": 60,
    "complete-without-poll:faulty": 31,
    "device_index_wraps-ring1-flags-sc-smp-same": 169,
    "device_is_woken-ring1-flags-sc-smp-other": 15,
    "device_is_woken-ring1-flags-sc-smp-same": 15,
    "device_parks-ring1-flags-sc-smp-other": 7,
    "device_parks-ring1-flags-sc-smp-same": 7,
    "driver_index_wraps-ring1-flags-sc-smp-same": 178,
    "drop-without-unpop:faulty": 12,
    "event-test-equality:faulty": 41,
    "free-before-used:faulty": 16,
    "kick-no-barrier:faulty": 57,
    "kick-test-equality:faulty": 30,
    "missed_is_set-ring1-flags-sc-smp-other": 19,
    "missed_is_set-ring1-flags-sc-smp-same": 19,
    "not_ready-ring1-flags-sc-smp-same-stops": 11,
    "notify-no-barrier:faulty": 60,
    "packet_is_dropped-ring1-flags-sc-smp-same": 12,
    "park-no-barrier:faulty": 57,
    "park-no-recheck:faulty": 44,
    "park-recheck-sufficiency:faulty": 68,
    "poll_finds_work-ring1-flags-sc-smp-other": 30,
    "poll_finds_work-ring1-flags-sc-smp-same": 30,
    "recheck_finds_work-ring1-flags-sc-smp-other": 11,
    "recheck_finds_work-ring1-flags-sc-smp-same": 11,
    "skip-event-when-triggered:faulty": 61,
    "unpop-keeps-inuse:faulty": 12,
    "used-index-before-entry:faulty": 23,
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover."""
