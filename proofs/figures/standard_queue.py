"""What searches for `proofs/standard_queue.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "standard(size=1, event_idx)": (1_572_864, 119, "35fb74db3ec93238"),
    "standard(size=1, flags, idx_bits=2)": (12_288, 62, "d77a165f7b443a77"),
    "standard(size=1, flags, idx_bits=2, lengths)": (51_200, 62, "388e3672d567d810"),
    "standard(size=1, flags, idx_bits=2, lengths, frame=2) with begins := begins_frames with begins := begins_frames": (47_104, 62, "b97035a3d326e857"),
    "standard(size=2, event_idx)": (10_485_760, 109, "5c34aad4ed2121cd"),
    "standard(size=2, flags)": (655_360, 108, "d75882deac1514a5"),
    "standard(size=2, flags, in_order)": (671_744, 108, "df6d50a1a7c1d11c"),
    "standard(size=2, flags, mergeable)": (1_081_344, 100, "52e74155f18f7b2e"),
    "standard(size=2, flags, mergeable, lengths)": (18_984_960, 101, "6d99e031c5ed5a0e"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "a_batch_is_offered-ring2-flags-sc-smp-same": (3, "d75882deac1514a5"),
    "a_batch_is_returned-ring2-flags-sc-smp-same": (10, "d75882deac1514a5"),
    "a_kick_is_owed-ring1-event-sc-smp-same": (3, "35fb74db3ec93238"),
    "a_kick_is_owed-ring2-flags-sc-smp-same": (3, "d75882deac1514a5"),
    "a_packet_of_several_buffers-ring2-flags-sc-smp-same-mergeable": (1, "52e74155f18f7b2e"),
    "against_2.7.10.1-3-ring2-flags-sc-smp-same": (2, "d75882deac1514a5"),
    "against_2.7.10.1-7-ring1-event-sc-smp-same": (1, "35fb74db3ec93238"),
    "against_2.7.7.2-2-ring2-flags-sc-smp-same": (2, "d75882deac1514a5"),
    "against_2.7.7.2-6-ring1-event-sc-smp-same": (1, "35fb74db3ec93238"),
    "an_interrupt_is_owed-ring1-event-sc-smp-same": (7, "35fb74db3ec93238"),
    "an_interrupt_is_owed-ring2-flags-sc-smp-same": (7, "d75882deac1514a5"),
    "comes_back_in_order-can-fail": (7, "6682cdc216022d46"),
    "frames_fit-can-fail": (5, "f851271030f4eee1"),
    "lengths_fit-can-fail": (5, "4d21ecf234257889"),
    "no_interrupt_is_owed-ring1-event-sc-smp-same": (8, "35fb74db3ec93238"),
    "no_interrupt_is_owed-ring2-flags-sc-smp-same": (8, "d75882deac1514a5"),
    "no_kick_is_owed-ring1-event-sc-smp-same": (4, "35fb74db3ec93238"),
    "no_kick_is_owed-ring2-flags-sc-smp-same": (4, "d75882deac1514a5"),
    "owners_and_indices_agree-can-fail": (2, "890682e9fe8305a9"),
    "whole_packets_only-can-fail": (6, "0ac6c183701b065e"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
