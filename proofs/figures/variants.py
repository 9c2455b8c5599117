"""What searches for `proofs/variants.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same with virtio_split_should_notify := interrupts_on_first_only": (6_871_721, 388, "982b0a62738e2bb7"),
    "ring1-event-sc-smp-same with virtio_split_should_notify := interrupts_on_last_only": (6_871_721, 388, "6664208e07431d95"),
    "ring2-event-sc-smp-same-mergeable with virtio_queue_split_poll := asks_enough_now with virtio_queue_set_notification__load := enables_at_once": (57_116_607, 338, "469a94fce9076f4e"),
    "ring2-event-sc-smp-same-mergeable-maxpacket1": (35_002_950, 388, "396f8a333f347993"),
    "ring2-event-sc-smp-same-mergeable-maxpacket1 with virtio_queue_split_poll := asks_enough_now": (35_002_950, 388, "b254e4d0229d985a"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-that-publishes-in-twos": (35, "d9926f2a183b5b42"),
    "device_holds_nothing-can-fail": (35, "d9926f2a183b5b42"),
    "enable-cb-outside-napi-loses-the-interrupt": (107, "a389a341004fde3c"),
    "in_order-can-fail": (40, "b2ac9dd4a3171552"),
    "in_order-can-fail-watched": (33, "32cd6bcc126e5ea5"),
    "interrupt-if-event-is-the-last": (42, "bb11a836f78fec98"),
    "kick-if-event-is-the-first": (44, "1df9bdf058c412a9"),
    "kick-if-event-is-the-last": (30, "eacef96e149a6bf4"),
    "no_packet_vanishes-can-fail-watched": (31, "dde5de3bc0816894"),
    "one_fate-can-fail": (40, "beac2e8afe9bf0bd"),
    "one_fate-can-fail-watched": (25, "235d6f9ad978b231"),
    "park-recheck-sufficiency-needs-two-more": (70, "e2302a7dbd1d3f62"),
    "rest_is_idle-can-fail": (5, "5b480be85ec418c5"),
    "ring_not_broken-can-fail": (21, "1a31ad062cef70a1"),
    "strands_only_where_it_may-can-fail": (40, "3a48677aa9fee944"),
    "suppression-needs-disable_cb": (14, "8f489bd0a310f9d0"),
    "used_entries_exact-can-fail": (36, "f073c06361405d34"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
