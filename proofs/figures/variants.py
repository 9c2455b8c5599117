"""What searches for `proofs/variants.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same with virtio_split_should_notify := interrupts_on_first_only": (6_871_721, 388, "b2bddaec9a427da9"),
    "ring1-event-sc-smp-same with virtio_split_should_notify := interrupts_on_last_only": (6_871_721, 388, "cd49b8282bd43d7b"),
    "ring2-event-sc-smp-same-mergeable with virtio_queue_split_poll := asks_enough_now with virtio_queue_set_notification__load := enables_at_once": (57_116_607, 338, "4f75383026c3b5ba"),
    "ring2-event-sc-smp-same-mergeable-maxpacket1": (35_002_950, 388, "d3431c7622c38552"),
    "ring2-event-sc-smp-same-mergeable-maxpacket1 with virtio_queue_split_poll := asks_enough_now": (35_002_950, 388, "d0663e28ce2847de"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-that-publishes-in-twos": (35, "4d9545820baef3c1"),
    "device_holds_nothing-can-fail": (35, "4d9545820baef3c1"),
    "enable-cb-outside-napi-loses-the-interrupt": (107, "e5959d250e652800"),
    "in_order-can-fail": (40, "663159db7dbec51b"),
    "in_order-can-fail-watched": (33, "d7cb3117bbde5651"),
    "interrupt-if-event-is-the-last": (42, "c88e004b7159282a"),
    "kick-if-event-is-the-first": (44, "366cb72ba2faba74"),
    "kick-if-event-is-the-last": (30, "dc9c3dfb0e83e7a3"),
    "no_packet_vanishes-can-fail-watched": (31, "d5ead717e6867854"),
    "one_fate-can-fail": (40, "cb340247465f4055"),
    "one_fate-can-fail-watched": (25, "a0432214dcbf6f82"),
    "park-recheck-sufficiency-needs-two-more": (70, "97941ec396afe838"),
    "rest_is_idle-can-fail": (5, "ea432cebc6c07361"),
    "ring_not_broken-can-fail": (21, "58036ef0dcd6fe92"),
    "strands_only_where_it_may-can-fail": (40, "fa7f550bcbb348fd"),
    "suppression-needs-disable_cb": (14, "54d703eab23dc4fe"),
    "used_entries_exact-can-fail": (36, "3b117120373c50a2"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
