"""What searches for `proofs/packed_data.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring1-event-sc-smp-same-maxpacket1-data with a barrier in virtio_packed_should_notify()": (878_317, 217, "e9082dea294dc6ed"),
    "packed-ring1-event-sc-smp-same-maxpacket1-data-segments2-indirect with a barrier in virtio_packed_should_notify()": (1_110_491, 287, "16d2bc6dd35b5d4a"),
    "packed-ring1-flags-sc-smp-same-data with a barrier in virtio_packed_should_notify()": (335_696, 207, "8e075453abce11bd"),
    "packed-ring1-flags-sc-smp-same-data-no-notify": (2_617, 86, "b8fa7e8e07baceda"),
    "packed-ring1-flags-sc-smp-same-data-segments2-indirect with a barrier in virtio_packed_should_notify()": (449_710, 273, "c47d0256adbdade8"),
    "packed-ring1-flags-tso-smp-same-data with a barrier in virtio_packed_should_notify()": (957_666, 277, "3b214095c77f19f9"),
    "packed-ring1-flags-tso-smp-same-data-segments2-indirect with a barrier in virtio_packed_should_notify()": (1_370_236, 378, "4d46e939d68af4e2"),
    "packed-ring2-event-sc-smp-same-maxpacket1-data-segments2 with a barrier in virtio_packed_should_notify()": (1_008_113, 257, "e318a654d02265e0"),
    "packed-ring2-flags-sc-smp-same-data with a barrier in virtio_packed_should_notify()": (6_643_737, 304, "1b1a4915488646c1"),
    "packed-ring2-flags-sc-smp-same-data-no-notify": (50_217, 203, "202d2309c5d46980"),
    "packed-ring2-flags-sc-smp-same-data-segments2-indirect-no-notify": (102_185, 299, "d3deaf34ccfaf1b2"),
    "packed-ring2-flags-sc-smp-same-maxpacket1-data-segments2 with a barrier in virtio_packed_should_notify()": (133_185, 230, "6bafaaa88ec12262"),
    "packed-ring2-flags-sc-smp-same-maxpacket1-data-segments2-indirect with a barrier in virtio_packed_should_notify()": (3_097_453, 400, "a17ede0c1b405842"),
    "packed-ring2-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (1_018, 104, "389d08a5578cd07b"),
    "packed-ring2-flags-sc-smp-same-maxpacket3-data-segments2-bufferlen3-no-notify-stalememory with unpop of all descriptors": (11_107, 120, "a0cfa6b617265ba2"),
    "packed-ring2-flags-sc-smp-same-mergeable-maxpacket3-data with a barrier in virtio_packed_should_notify()": (7_570_668, 308, "51a1b3de56a6d59d"),
    "packed-ring2-flags-sc-smp-same-mergeable-maxpacket3-data-no-notify": (47_209, 206, "f2d37fb0a6f4073a"),
    "packed-ring2-flags-tso-smp-same-data-no-notify": (231_905, 271, "1a1a7afd9a40360f"),
    "packed-ring2-flags-tso-smp-same-data-segments2-indirect-no-notify": (539_537, 415, "5421f6047c3ff053"),
    "packed-ring2-flags-tso-smp-same-maxpacket1-data-segments2 with a barrier in virtio_packed_should_notify()": (312_546, 317, "2dfea5efe31f64a8"),
    "packed-ring2-flags-tso-smp-same-maxpacket1-data-segments2-no-notify": (2_012, 143, "5e40960b3df60846"),
    "packed-ring2-flags-tso-smp-same-mergeable-maxpacket3-data-no-notify": (120_281, 275, "924bed61785a97d0"),
    "packed-ring3-flags-sc-smp-same-data-no-notify": (576_449, 350, "59194505d272a07e"),
    "packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2 with a barrier in virtio_packed_should_notify()": (244_656, 276, "35ff2c610ae993a2"),
    "packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-indirect-no-notify": (265_617, 501, "b81ac6353f07e7b2"),
    "packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (2_226, 153, "de39f7b5763797e4"),
    "packed-ring3-flags-sc-smp-same-maxpacket3-data-segments3-no-notify": (5_152, 127, "d8dbe510f70e15e6"),
    "packed-ring3-flags-sc-smp-same-mergeable-maxpacket3-data-no-notify": (785_797, 356, "1e01e87826303f17"),
    "packed-ring3-flags-sc-smp-same-mergeable-maxpacket5-data-no-notify": (1_352_669, 343, "0bfb399173e81b67"),
    "packed-ring3-flags-tso-smp-same-data-no-notify": (3_619_565, 478, "5c075d28b66f8a2d"),
    "packed-ring3-flags-tso-smp-same-maxpacket1-data-segments2-no-notify": (4_555, 216, "bf888eb273e1d96d"),
    "packed-ring3-flags-tso-smp-same-mergeable-maxpacket3-data-no-notify": (2_746_321, 479, "cb2d2b75f6d0d9f0"),
    "packed-ring3-flags-tso-smp-same-mergeable-maxpacket5-data-no-notify": (4_356_977, 464, "424249a1761bf781"),
    "packed-ring4-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (18_055, 245, "06670301d00e3b98"),
    "packed-ring4-flags-tso-smp-same-maxpacket1-data-segments2-no-notify": (60_727, 343, "37aa1307a85728a9"),
    "packed-ring5-flags-sc-smp-same-idx4-maxpacket1-data-segments2-no-notify": (25_621, 281, "063374c2e35ac057"),
    "packed-ring5-flags-sc-smp-same-idx4-maxpacket5-data-segments3-hdrroom2-bufferlen4-no-notify": (65_756, 479, "59a768d652ad6bf3"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "device-index-wraps-packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (56, "de39f7b5763797e4"),
    "device_parks-packed-ring2-flags-sc-smp-same-mergeable-maxpacket3-data-no-notify": (4, "f2d37fb0a6f4073a"),
    "driver-index-wraps-packed-ring3-flags-sc-smp-same-maxpacket1-data-segments2-no-notify": (67, "de39f7b5763797e4"),
    "packed-lists-driver-by-used": (72, "99d54339db1f24dc"),
    "packed-more-elements-than-fit": (38, "86a1afd7b563387f"),
    "packed-unpop-one_fate": (44, "a5d251d9c4a9aa01"),
    "packed-unpop-packed_slots_contiguous": (42, "a5d251d9c4a9aa01"),
    "packed-unpop-taken_is_accounted_for": (24, "a5d251d9c4a9aa01"),
    "packed-unpop-used_entries_exact": (44, "a5d251d9c4a9aa01"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
