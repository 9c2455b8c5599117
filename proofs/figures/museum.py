"""What searches for `proofs/museum` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-any-idx2-maxpacket1": (46_176_193, 312, "8a12b5e8709ed204"),
    "ring1-event-sc-smp-same": (6_873_064, 388, "5664bc217b6ed351"),
    "ring1-event-sc-smp-same-idx4": (46_634_464, 724, "59cb0cc8a8eec20a"),
    "ring1-event-tso-smp-same": (9_932_345, 470, "3ada3c3c0f39d0d9"),
    "ring1-event-tso-up-same": (15_559_612, 489, "9b0fbdbe2db9b83d"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-hdrroom2-bufferlen3-hostiledevice-no-notify": (13_160, 135, "c994a74a91245ef8"),
    "ring2-event-sc-smp-same": (61_158_260, 352, "b76d40c4a9d4f996"),
    "ring2-event-sc-smp-same-mergeable": (65_059_034, 338, "63b14d7acf56f686"),
    "ring2-flags-sc-smp-same-idx2-data-no-notify with any used.len": (767_673, 220, "1503c9e81e8eae2d"),
    "ring2-flags-sc-smp-same-idx2-data-segments2-no-notify with any used.len": (28_445, 205, "749e872f0c2f671b"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify with any used.len": (4_340_645, 284, "35886c31cd8a081a"),
    "standard(Linux and QEMU, size=1, event_idx, sc, smp, irq=same, idx_bits=2, max_packet=1) with callbacks only with callbacks only": (5_647, 162, "36b015540c5f0ec0"),
    "standard(Linux and any device, size=2, flags, sc, smp, irq=same) with device_takes := takes_and_leaves_the_entry with device_takes := takes_and_leaves_the_entry": (22_829_484, 214, "5877fb970d5d0786"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "believes-in-order:faulty": (24, "d329bbc49e8fb053"),
    "busy-poll-callbacks-on:faulty": (24, "5cbe9eaf60dd2a02"),
    "cached-used-event:faulty": (344, "7ee9709fcb2e1b63"),
    "chains-counted-as-descriptors:faulty": (39, "796ba345f9b298f0"),
    "complete-no-barrier:faulty": (60, "ae5208be9f1d2381"),
    "complete-without-poll:faulty": (31, "a7e71a6944da2780"),
    "drop-without-unpop:faulty": (12, "6698d6e6bb6b2b09"),
    "enable-cb-outside-napi:faulty": (42, "e5959d250e652800"),
    "event-test-equality:faulty": (42, "c88e004b7159282a"),
    "filled-past-its-end:faulty": (18, "2ee9d0ecf1fbc9cf"),
    "free-before-used:faulty": (16, "3fa799f4f16de640"),
    "free-list-head-only:faulty": (43, "6664bc9f1538f9a7"),
    "header-counted-twice:faulty": (33, "3d31e67dbb0c9d79"),
    "kick-no-barrier:faulty": (57, "8251eec97385b472"),
    "kick-test-equality:faulty": (30, "af9bea7a71634572"),
    "linux-6-12-receive_big:faulty": (29, "aa2682f57f89a9d3"),
    "linux-6-12-virtnet_poll:faulty": (24, "5cbe9eaf60dd2a02"),
    "merged-published-one-by-one:faulty": (24, "81ace1d9cf19a14a"),
    "notify-no-barrier:faulty": (60, "ea068916996f058b"),
    "num-buffers-after-publication:faulty": (24, "d33d45d4cc479df9"),
    "num-buffers-after-unmap:faulty": (24, "6b266b2c0654f4cf"),
    "park-no-barrier:faulty": (57, "6cb859d3d1690631"),
    "park-no-recheck:faulty": (44, "e6daba5d7a6691f4"),
    "park-recheck-nonempty:faulty": (53, "06d10afdcd946bd3"),
    "park-recheck-sufficiency:faulty": (70, "97941ec396afe838"),
    "skip-event-in-callback-beside-qemu:faulty": (40, "dc71ee63bfc0cd83"),
    "skip-event-in-callback:faulty": (30, "89f59211656e13c2"),
    "skip-event-when-triggered:faulty": (61, "4b0a90aaef9def65"),
    "unpop-keeps-inuse:faulty": (12, "6555926ec2a20e19"),
    "used-id-of-last-descriptor:faulty": (29, "666d72e32ad829be"),
    "used-index-before-entry:faulty": (23, "50f5295da1c108a9"),
    "used-len-of-last-descriptor:faulty": (29, "6f82ce233e162639"),
    "used-len-unchecked-big:faulty": (33, "00c3aa0f6e40a8ce"),
    "used-len-unchecked-mergeable:faulty": (41, "30731277e8ffb136"),
    "used-len-unchecked-small:faulty": (36, "eea6d9b6b2210a12"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
