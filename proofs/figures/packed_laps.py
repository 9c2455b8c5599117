"""What searches for `proofs/packed_laps.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "standard(Linux and any device, packed, size=1, event_idx, sc, smp, irq=same) with ghost.sent: 0..4 with device_interrupts := counts_what_is_owed with virtqueue_enable_cb_prepare := asks_and_counts_anew with ghost.sent: 0..4 with device_interrupts := counts_what_is_owed with virtqueue_enable_cb_prepare := asks_and_counts_anew": (4_382_124, 219, "5061d705bdc05c81"),
    "standard(Linux and any device, packed, size=1, event_idx, sc, smp, irq=same) with ghost.sent: 0..4 with device_interrupts := counts_what_is_owed with virtqueue_enable_cb_prepare := asks_and_counts_anew with virtqueue_disable_cb_packed := refuses_in_any_case with ghost.sent: 0..4 with device_interrupts := counts_what_is_owed with virtqueue_enable_cb_prepare := asks_and_counts_anew with virtqueue_disable_cb_packed := refuses_in_any_case": (2_084_226, 150, "60940b0878b79122"),
    "standard(any driver and any device, packed, size=2, flags, sc, smp, irq=same, max_packet=1)": (1_203_208, 78, "be6f2a02fe75afcf"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "no_more_than_a_lap_ahead-can-fail": (3, "a3d78f732e29153d"),
    "packed-an-old-position-is-met-again": (74, "5061d705bdc05c81"),
    "packed-two-laps-without-a-look-event": (19, "26e24df65d908fd3"),
    "packed-two-laps-without-a-look-flags": (19, "71de6fa317e62fea"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
