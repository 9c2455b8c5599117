"""What searches for `proofs/packed_sizes.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring1-event-tso-smp-other-bufferdepth3-positions with a barrier in virtio_packed_should_notify()": (4_202_200, 274, "19ed44b378ac024e"),
    "packed-ring1-event-tso-smp-same-bufferdepth3-positions with a barrier in virtio_packed_should_notify()": (1_286_457, 242, "25ae485b146775fc"),
    "packed-ring1-event-tso-up-same-bufferdepth3-positions with a barrier in virtio_packed_should_notify()": (2_486_914, 247, "7bcd06b70cd2bde3"),
    "packed-ring1-flags-tso-smp-other-bufferdepth3-positions with a barrier in virtio_packed_should_notify()": (370_075, 214, "684be0e6d7334a32"),
    "packed-ring1-flags-tso-smp-same-bufferdepth3-positions with a barrier in virtio_packed_should_notify()": (172_870, 188, "451363f3685c1e89"),
    "packed-ring1-flags-tso-up-same-bufferdepth3-positions with a barrier in virtio_packed_should_notify()": (244_816, 199, "3e29a7ca16d9552a"),
    "packed-ring2-event-sc-smp-same-maxpacket1-symmetry with a barrier in virtio_packed_should_notify()": (4_662_135, 239, "98fb2ba5094056ee"),
    "packed-ring2-event-sc-smp-same-mergeable with a barrier in virtio_packed_should_notify()": (17_217_836, 244, "43de2017ab6f5a22"),
    "packed-ring2-event-sc-smp-same-positions with a barrier in virtio_packed_should_notify()": (20_125_121, 271, "cae05c5166bab02c"),
    "packed-ring2-flags-sc-smp-same-maxpacket1 with a barrier in virtio_packed_should_notify()": (379_067, 0, "ece6ea4fbe76c86f"),
    "packed-ring2-flags-tso-smp-other-symmetry with a barrier in virtio_packed_should_notify()": (2_530_047, 247, "a68b3c06b535c525"),
    "packed-ring2-flags-tso-smp-same-maxpacket1 with a barrier in virtio_packed_should_notify()": (981_622, 0, "10cb9b7484ec4271"),
    "packed-ring2-flags-tso-smp-same-symmetry with a barrier in virtio_packed_should_notify()": (1_446_014, 228, "2786ee838ba8b99a"),
    "packed-ring2-flags-tso-up-same-symmetry with a barrier in virtio_packed_should_notify()": (1_872_209, 249, "9f1a26a3d43691e3"),
    "packed-ring3-flags-sc-smp-other-positions with a barrier in virtio_packed_should_notify()": (12_256_508, 319, "54e824310b3d2af7"),
    "packed-ring3-flags-sc-smp-same-positions with a barrier in virtio_packed_should_notify()": (8_407_862, 325, "b453375e0a59e574"),
    "packed-ring3-flags-sc-smp-same-symmetry with a barrier in virtio_packed_should_notify()": (1_411_262, 231, "41c4640c0e5a6277"),
    "packed-ring3-flags-tso-smp-same-mergeable-maxpacket3 with a barrier in virtio_packed_should_notify()": (30_040_537, 366, "14bb1c3b2fe874b6"),
    "packed-ring3-flags-tso-smp-same-positions with a barrier in virtio_packed_should_notify()": (33_303_611, 410, "557333ba0b78e53d"),
    "packed-ring3-flags-tso-smp-same-symmetry with a barrier in virtio_packed_should_notify()": (5_587_451, 284, "9910d5c97da48724"),
    "packed-ring4-flags-sc-smp-other-symmetry with a barrier in virtio_packed_should_notify()": (5_173_636, 280, "bb4ca3f499411bb7"),
    "packed-ring4-flags-tso-smp-other-symmetry with a barrier in virtio_packed_should_notify()": (23_424_112, 358, "6ca112b3a6d81c09"),
    "packed-ring4-flags-tso-smp-same-symmetry with a barrier in virtio_packed_should_notify()": (16_276_154, 366, "d3a13f39745253aa"),
    "packed-ring4-flags-tso-up-same-symmetry with a barrier in virtio_packed_should_notify()": (19_836_876, 377, "2b84ce51a4481b64"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "packed-as-it-is-packed-ring1-event-tso-smp-other-bufferdepth3-positions": (41, "fc5c397a86bf8969"),
    "packed-as-it-is-packed-ring1-event-tso-smp-same-bufferdepth3-positions": (41, "78bea5a3500d3bd7"),
    "packed-as-it-is-packed-ring1-event-tso-up-same-bufferdepth3-positions": (41, "da4900c8b0176b25"),
    "packed-as-it-is-packed-ring1-flags-tso-smp-other-bufferdepth3-positions": (37, "a3b801125bf390cf"),
    "packed-as-it-is-packed-ring1-flags-tso-smp-same-bufferdepth3-positions": (37, "f04a9bddab7f4640"),
    "packed-as-it-is-packed-ring1-flags-tso-up-same-bufferdepth3-positions": (37, "433e3f1d0845cc19"),
    "packed-as-it-is-packed-ring2-flags-tso-smp-other-symmetry": (42, "51ce98372c15e49f"),
    "packed-as-it-is-packed-ring2-flags-tso-smp-same-symmetry": (42, "1bb238a1b926642d"),
    "packed-as-it-is-packed-ring2-flags-tso-up-same-symmetry": (42, "0072aae8de2a0406"),
    "packed-as-it-is-packed-ring3-flags-tso-smp-same-positions": (47, "89d78e37c93ebe3f"),
    "packed-as-it-is-packed-ring3-flags-tso-smp-same-symmetry": (47, "47dab0ac7fe494b7"),
    "packed-as-it-is-packed-ring4-flags-tso-smp-other-symmetry": (52, "de44ff9a8fc33799"),
    "packed-as-it-is-packed-ring4-flags-tso-smp-same-symmetry": (52, "d7a4553e67e66c08"),
    "packed-as-it-is-packed-ring4-flags-tso-up-same-symmetry": (52, "4aaa3c432a1368cb"),
    "packed-device-index-wraps-packed-ring3-flags-sc-smp-same": (41, "e0b5f3af2c64d252"),
    "packed-device-index-wraps-packed-ring4-flags-tso-smp-same-symmetry": (73, "d3a13f39745253aa"),
    "packed-driver-index-wraps-packed-ring3-flags-sc-smp-same": (57, "e0b5f3af2c64d252"),
    "packed-driver-index-wraps-packed-ring4-flags-tso-smp-same-symmetry": (94, "d3a13f39745253aa"),
    "packed-flips-too-early-ring2": (4, "71519ff7bb0c0a42"),
    "packed-flips-too-early-ring3": (4, "153c22b656f7bf0e"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
