"""What searches for `proofs/exits.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-flags-sc-smp-same-data-stops": (2_251_179, 431, "00b24e598273b48d"),
    "ring2-flags-sc-smp-same-idx2-data-filter-no-notify": (92_625, 224, "f8ebaad17d3e7611"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify with elements without in buffers": (183_729, 220, "4950abcefe8ee283"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify with pieces without length": (173_849, 220, "7352f54fb15b4a58"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify-stops": (120_008, 216, "a13c9e5633a47989"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-maxelements2-no-notify with descriptors shortened": (1_699_189, 279, "c5625d40b441a52b"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "buffer-missing-is-reached": (54, "35886c31cd8a081a"),
    "drop-mergeable-is-reached": (39, "35886c31cd8a081a"),
    "drop-merging-is-reached": (18, "e70d4dae55e39424"),
    "exit-does-not-fit-is-reached": (19, "cd75b5949e688b15"),
    "exit-filtered-is-reached": (14, "f8ebaad17d3e7611"),
    "exit-forgets-inuse": (18, "c0a714c3a24922d8"),
    "exit-no-buffers-is-reached": (4, "cd75b5949e688b15"),
    "exit-no-in-buffers-is-reached": (16, "4950abcefe8ee283"),
    "exit-not-ready-is-reached": (4, "a13c9e5633a47989"),
    "exit-not-ready-notified-is-reached": (9, "00b24e598273b48d"),
    "exit-nothing-popped-first-is-reached": (16, "7352f54fb15b4a58"),
    "exit-nothing-popped-later-is-reached": (46, "c5625d40b441a52b"),
    "exit-too-many-elements-is-reached": (38, "c5625d40b441a52b"),
    "length-error-mergeable-is-reached": (38, "35886c31cd8a081a"),
    "length-error-merging-is-reached": (16, "e70d4dae55e39424"),
    "length-error-small-is-reached": (34, "1503c9e81e8eae2d"),
    "short-packet-is-reached": (34, "1503c9e81e8eae2d"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
