"""What searches for `proofs/museum` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-any-idx2-maxpacket1": (46_176_193, 312, "0a579ad321109bbd"),
    "ring1-event-sc-smp-same": (6_873_064, 388, "2da398c82878503f"),
    "ring1-event-sc-smp-same-idx4": (46_634_464, 724, "6e42bde16038cfc7"),
    "ring1-event-tso-smp-same": (9_932_345, 470, "8dc794c2e897ab94"),
    "ring1-event-tso-up-same": (15_559_612, 489, "f366f878b0067135"),
    "ring2-event-sc-smp-same": (61_158_260, 352, "662f6911e4196b25"),
    "ring2-event-sc-smp-same-mergeable": (65_059_034, 338, "ff9af93895ae4bdc"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify with any used.len": (767_673, 220, "21d7ff9f0d19c43f"),
    "ring2-flags-sc-smp-same-idx2-data-segments2-no-notify with any used.len": (28_445, 205, "09d068ba61ddc2f3"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify with any used.len": (4_340_645, 284, "d56cc068049398a7"),
    "standard(Linux and QEMU, size=1, event_idx, sc, smp, irq=same, idx_bits=2, max_packet=1) with callbacks only with callbacks only": (5_647, 162, "ff61b66bb341f193"),
    "standard(Linux and any device, size=2, flags, sc, smp, irq=same) with device_takes := takes_and_leaves_the_entry with device_takes := takes_and_leaves_the_entry": (22_829_484, 214, "c12b87fcb2057279"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "believes-in-order:faulty": (24, "6e3059121bb9f919"),
    "busy-poll-callbacks-on:faulty": (24, "c008bd5948d29cdc"),
    "cached-used-event:faulty": (344, "64a4d78271e5a912"),
    "chains-counted-as-descriptors:faulty": (39, "9883c9e47b04f589"),
    "complete-no-barrier:faulty": (60, "aac6549c6cd967da"),
    "complete-without-poll:faulty": (31, "e8d1c229fbd84a34"),
    "drop-without-unpop:faulty": (12, "74a13469faa48c4a"),
    "enable-cb-outside-napi:faulty": (42, "a389a341004fde3c"),
    "event-test-equality:faulty": (42, "bb11a836f78fec98"),
    "filled-past-its-end:faulty": (18, "bba0308b5cc7f09f"),
    "free-before-used:faulty": (16, "d8b2e9b6eef96e9c"),
    "free-list-head-only:faulty": (43, "4ff933c0c2e5f58b"),
    "header-counted-twice:faulty": (33, "0fbcf19036f043db"),
    "kick-no-barrier:faulty": (57, "b42b62eb49a30629"),
    "kick-test-equality:faulty": (30, "733c83d82e9e85ff"),
    "merged-published-one-by-one:faulty": (24, "2e2f39cd3ea54668"),
    "notify-no-barrier:faulty": (60, "1fec6e99b5610e3e"),
    "num-buffers-after-publication:faulty": (24, "5b2689d03984c2a6"),
    "num-buffers-after-unmap:faulty": (24, "78b1fcf4642f0afd"),
    "park-no-barrier:faulty": (57, "a2360f6754e59f94"),
    "park-no-recheck:faulty": (44, "5869f40751ff160e"),
    "park-recheck-nonempty:faulty": (53, "9e8106c89ab36566"),
    "park-recheck-sufficiency:faulty": (70, "e2302a7dbd1d3f62"),
    "skip-event-in-callback-beside-qemu:faulty": (40, "d7605e3c5122904f"),
    "skip-event-in-callback:faulty": (30, "0ff855dfc28fda0c"),
    "skip-event-when-triggered:faulty": (61, "48f111336326fb0a"),
    "unpop-keeps-inuse:faulty": (12, "cd5ce79b69cfbb2a"),
    "used-id-of-last-descriptor:faulty": (29, "0168441bda65b618"),
    "used-index-before-entry:faulty": (23, "6754001d35555849"),
    "used-len-of-last-descriptor:faulty": (29, "1838af76bad1e9a9"),
    "used-len-unchecked-big:faulty": (33, "4c4cf483bac047c2"),
    "used-len-unchecked-mergeable:faulty": (41, "39f9493b079cca48"),
    "used-len-unchecked-small:faulty": (36, "be7ebd5c0e70f346"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
