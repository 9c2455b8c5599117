"""What searches for `proofs/delayed.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "packed-ring1-event-sc-smp-same-maxpacket1-enablecbdelayed": (325_609, 182, "984d17b98141055f"),
    "packed-ring1-event-sc-smp-same-maxpacket1-enablecbdelayed with asked_for := asks_for_the_last": (325_882, 182, "0618edac97004f4d"),
    "packed-ring1-event-tso-smp-same-maxpacket1-enablecbdelayed with a barrier in virtio_packed_should_notify()": (587_961, 222, "3090a08162eb3182"),
    "packed-ring1-flags-sc-smp-same-maxpacket1-enablecbdelayed": (30_306, 146, "6c7e71de35449775"),
    "packed-ring1-flags-tso-smp-same-maxpacket1-enablecbdelayed with a barrier in virtio_packed_should_notify()": (54_858, 176, "a217192e2b3ce83d"),
    "packed-ring1-flags-tso-up-same-maxpacket1-enablecbdelayed with a barrier in virtio_packed_should_notify()": (56_173, 176, "3f36ca415756d9a1"),
    "packed-ring2-event-sc-smp-same-maxpacket1-enablecbdelayed": (13_553_885, 280, "210244c1793385bb"),
    "packed-ring2-flags-sc-smp-same-maxpacket1-enablecbdelayed": (404_051, 208, "5e61922d02138a76"),
    "packed-ring2-flags-sc-smp-same-mergeable-enablecbdelayed": (807_654, 197, "4b1addfde4b1ed65"),
    "packed-ring3-flags-sc-smp-same-maxpacket1-enablecbdelayed": (3_658_340, 325, "e8d745f8e3f29f90"),
    "ring1-event-sc-smp-same-idx2-maxpacket1-enablecbdelayed": (708_353, 212, "d2ede24f14438e57"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-enablecbdelayed": (138_473, 199, "6c1be6aced353bbc"),
    "ring2-flags-sc-smp-same-maxpacket1-enablecbdelayed": (2_071_820, 284, "ddd121755b464e36"),
    "standard(Linux and any device, packed, size=1, event_idx, sc, smp, irq=same, max_packet=1, enable_cb=delayed)": (1_619_484, 109, "fb00b2c73a5d0bf5"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "delayed-asks-for-the-last": (28, "8ada789a93586410"),
    "delayed-forgets-the-wrap": (46, "f97bda87865924d7"),
    "delayed-look-finds-work": (29, "6c7e71de35449775"),
    "delayed-look-finds-work-split": (43, "ddd121755b464e36"),
    "delayed-looks-no-more": (30, "baeb489b4d22c877"),
    "delayed-no-barrier-smp-event": (41, "358af13274d02a7c"),
    "delayed-no-barrier-smp-flags": (37, "12d6a80390e5420c"),
    "delayed-no-barrier-split": (39, "64922cb6e14b2abf"),
    "delayed-no-barrier-up-event": (41, "41f13c3761bce22c"),
    "delayed-no-barrier-up-flags": (37, "a90f50f7c6581890"),
    "delayed-split-looks-no-more": (44, "7289148c0e9c3f80"),
    "interrupts_suppressed_while_polling-delayed-split": (56, "ddd121755b464e36"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
