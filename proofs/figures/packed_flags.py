"""What searches for `proofs/packed_flags.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with AVAIL alone": (59_200, 148, "4e45c9b4276560b7"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with USED alone": (59_200, 148, "75fc972080616ce3"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (83_127, 163, "cf4d1f16b4475c49"),
    "packed-ring1-flags-sc-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (80_553, 163, "dca69821459d90a4"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with AVAIL alone": (150_100, 187, "480336bb6c54c54c"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with USED alone": (150_100, 187, "9e6040ccad176944"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (198_096, 202, "2790760b4052ae37"),
    "packed-ring1-flags-tso-smp-same with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (194_548, 202, "f762baeeb60d5614"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with AVAIL alone": (762_382, 197, "4ee229971708b09b"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with USED alone": (762_382, 197, "05cc188bd153243e"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with main.half: 0..3 with avail first": (1_103_356, 225, "d9d90b7319b0c2c3"),
    "packed-ring2-flags-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify() with main.half: 0..3 with used first": (1_047_358, 225, "4072ac8da463a8d0"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "packed-device-by-used": (7, "699ba29a948cfc8e"),
    "packed-driver-by-avail": (16, "d22d8073f2cb608a"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
