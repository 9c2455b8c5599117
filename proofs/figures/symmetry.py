"""What searches for `proofs/symmetry.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring2-flags-sc-smp-same-callerany-symmetry with what is left moves on with a barrier in virtio_packed_should_notify()": (9_093_813, 164, "f0be1e953a120184"),
    "packed-ring2-flags-sc-smp-same-maxpacket1-symmetry with a barrier in virtio_packed_should_notify()": (190_575, 185, "5001afe0c56ea291"),
    "packed-ring4-flags-sc-smp-same-symmetry with a barrier in virtio_packed_should_notify()": (3_722_715, 286, "9acf2f53a3a5a112"),
    "ring2-flags-sc-smp-other-symmetry": (1_734_640, 275, "34d2407eb512eb55"),
    "ring2-flags-sc-smp-same-callerany-symmetry": (11_326_235, 199, "841f2384d80534d8"),
    "ring2-flags-sc-smp-same-symmetry": (1_032_520, 255, "84f354834fd4a6f7"),
    "ring2-flags-sc-smp-same-watch-symmetry": (7_154_170, 286, "b3764cf609752617"),
    "ring2-flags-tso-smp-other-symmetry": (6_122_626, 346, "f064464129afc9a3"),
    "ring2-flags-tso-smp-same-symmetry": (3_356_342, 319, "cbae41790cd63b53"),
    "ring2-flags-tso-up-same-symmetry": (4_349_115, 319, "a74b5af99b9c2566"),
    "ring4-flags-sc-smp-other-idx4-symmetry": (15_691_758, 401, "2b5d284bfa8b8ed5"),
    "ring4-flags-sc-smp-same-idx4-mergeable-symmetry": (10_978_403, 378, "aac31607340e51a4"),
    "ring4-flags-sc-smp-same-idx4-symmetry": (10_167_559, 409, "41dbe294e370322a"),
    "ring4-flags-tso-smp-same-idx4-maxpacket1-symmetry": (15_611_595, 530, "7d88c85ee56509d8"),
    "ring8-flags-sc-smp-same-idx4-maxpacket1-no-notify-symmetry": (109_189, 292, "b88dd1600c242c22"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "complete-without-poll-ring2-flags-sc-smp-same": (34, "c6ab190d84d79bc2"),
    "complete-without-poll-ring2-flags-sc-smp-same-symmetry": (34, "98a6f0bf0340d58c"),
    "complete-without-poll-ring4-flags-sc-smp-same-idx4-symmetry": (40, "ebb7d0ee89ce48d2"),
    "device-index-wraps-packed-ring4-flags-sc-smp-same-symmetry": (56, "9acf2f53a3a5a112"),
    "driver-index-wraps-packed-ring4-flags-sc-smp-same-symmetry": (73, "9acf2f53a3a5a112"),
    "driver-index-wraps-ring4-flags-sc-smp-same-idx4-symmetry": (270, "41dbe294e370322a"),
    "offered-stays-free-packed-ring4-flags-sc-smp-same-symmetry": (4, "0c82d0b2ad4134bf"),
    "offered-stays-free-ring4-flags-sc-smp-same-idx4-symmetry": (3, "7d5357389b97ecfb"),
    "park-no-recheck-ring2-flags-sc-smp-same": (46, "37fa1197ac9fc294"),
    "park-no-recheck-ring2-flags-sc-smp-same-symmetry": (46, "f4bc3da9ae1b1784"),
    "park-no-recheck-ring4-flags-sc-smp-same-idx4-symmetry": (52, "e3f7fd989f34d2db"),
    "refill-ring4-flags-sc-smp-same-idx4-symmetry": (35, "41dbe294e370322a"),
    "unpop-inuse-packed-ring2-flags-sc-smp-same": (12, "55ef5b97b12fc402"),
    "unpop-inuse-packed-ring2-flags-sc-smp-same-symmetry": (12, "b5d973b8b38c66fe"),
    "unpop-inuse-ring2-flags-sc-smp-same": (12, "6555926ec2a20e19"),
    "unpop-inuse-ring2-flags-sc-smp-same-symmetry": (12, "456088258641cdaf"),
    "unpop-inuse-ring4-flags-sc-smp-same-idx4-symmetry": (12, "6429269ad3b378fc"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
