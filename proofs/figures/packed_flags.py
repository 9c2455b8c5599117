"""What searches for `proofs/packed_flags.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring1-flags-sc-smp-any with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with avail first, the driver": (9_592_692, 224, "6134c955eac08146"),
    "packed-ring1-flags-sc-smp-any with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with used first, the driver": (10_526_962, 224, "f59f947e8a27d65e"),
    "packed-ring1-flags-sc-smp-other with a barrier in virtio_packed_should_notify() with AVAIL alone": (105_758, 177, "3cace3a383be2374"),
    "packed-ring1-flags-sc-smp-other with a barrier in virtio_packed_should_notify() with USED alone": (105_758, 177, "e97eb281703e0379"),
    "packed-ring1-flags-sc-smp-other with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (149_607, 189, "c5ebd110873f14aa"),
    "packed-ring1-flags-sc-smp-other with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (142_421, 189, "daa39604a4d25f2e"),
    "packed-ring1-flags-sc-smp-other with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with avail first, the driver": (174_554, 189, "3284830994dda19c"),
    "packed-ring1-flags-sc-smp-other with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with used first, the driver": (179_732, 189, "2224c91e4b2d3cff"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with AVAIL alone": (59_200, 148, "4e45c9b4276560b7"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with USED alone": (59_200, 148, "75fc972080616ce3"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (83_127, 163, "cf4d1f16b4475c49"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (80_553, 163, "dca69821459d90a4"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with avail first, the driver": (88_314, 158, "e1b17c7ba046aeff"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with used first, the driver": (96_392, 158, "7f8390d9dfc43d83"),
    "packed-ring1-flags-sc-smp-same with main.half: 0..1 with stores AVAIL first": (59_660, 153, "31ea407d914337de"),
    "packed-ring1-flags-sc-smp-same with softirq.half: 0..1 with stores USED first": (60_757, 153, "a8269ad33fe57694"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with AVAIL alone": (150_100, 187, "480336bb6c54c54c"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with USED alone": (150_100, 187, "9e6040ccad176944"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (198_096, 202, "2790760b4052ae37"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (194_548, 202, "f762baeeb60d5614"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with avail first, the driver": (232_373, 199, "b4aa9cf19734ae9e"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with used first, the driver": (244_783, 199, "a9bf6368fdb6ba61"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with AVAIL alone": (762_382, 197, "4ee229971708b09b"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with USED alone": (762_382, 197, "05cc188bd153243e"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (1_103_356, 225, "d9d90b7319b0c2c3"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (1_047_358, 225, "4072ac8da463a8d0"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with avail first, the driver": (1_124_529, 209, "c7924bf30dd78897"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with softirq.half: 0..3 with hardirq.half: 0..3 with used first, the driver": (1_256_313, 209, "626835869587b4c5"),
    "packed-ring2-flags-sc-smp-same-mergeable with main.half: 0..1 with stores AVAIL first": (777_419, 206, "2ba5349cebb5088f"),
    "packed-ring2-flags-sc-smp-same-mergeable with softirq.half: 0..1 with stores USED first": (810_310, 206, "a6956b00a9aebdcd"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "packed-device-by-used": (7, "699ba29a948cfc8e"),
    "packed-driver-by-avail": (16, "d22d8073f2cb608a"),
    "packed-driver-stores-avail-first": (31, "88804d0dc92743fa"),
    "packed-driver-stores-used-first": (4, "a8269ad33fe57694"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
