"""What searches for `proofs/exits.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-same-data-stops": (2_251_179, 431, "ff359fbcd5674548"),
    "ring2-flags-sc-smp-same-idx2-data-filter-no-notify": (92_625, 224, "a49ab29a48d7028a"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify with elements without in buffers": (183_729, 220, "1ad4b5f1e779f20d"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify with pieces without length": (173_849, 220, "8ceab02b5ac02f29"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify-stops": (120_008, 216, "09e6d502407ee65a"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-maxelements2-no-notify with descriptors shortened": (1_699_189, 279, "13ae5ea52aff2869"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify with descriptors shortened": (1_701_349, 279, "98ab4c2de9b6cd0c"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "buffer-missing-is-reached": (54, "d56cc068049398a7"),
    "drop-mergeable-is-reached": (39, "d56cc068049398a7"),
    "exit-does-not-fit-is-reached": (19, "7ee0237ab2489093"),
    "exit-filtered-is-reached": (14, "a49ab29a48d7028a"),
    "exit-forgets-inuse": (18, "5e019da44a365ef8"),
    "exit-no-buffers-is-reached": (4, "7ee0237ab2489093"),
    "exit-no-in-buffers-is-reached": (16, "1ad4b5f1e779f20d"),
    "exit-not-ready-is-reached": (4, "09e6d502407ee65a"),
    "exit-not-ready-notified-is-reached": (9, "ff359fbcd5674548"),
    "exit-nothing-popped-first-is-reached": (16, "8ceab02b5ac02f29"),
    "exit-nothing-popped-later-is-reached": (39, "98ab4c2de9b6cd0c"),
    "exit-too-many-elements-is-reached": (38, "13ae5ea52aff2869"),
    "length-error-mergeable-is-reached": (38, "d56cc068049398a7"),
    "length-error-small-is-reached": (34, "21d7ff9f0d19c43f"),
    "short-packet-is-reached": (34, "21d7ff9f0d19c43f"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
