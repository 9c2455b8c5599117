"""What searches for `proofs/versions.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (1_008_672, 235, "aafccf7acd1d330c"),
    "ring1-event-sc-smp-same-idx2-maxpacket1 with virtnet_poll of Linux 6.12": (561_478, 211, "828fcc6d9107da45"),
    "ring1-event-sc-smp-same-idx2-mergeable-maxpacket1 with virtnet_poll of Linux 6.12 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12 with virtqueue_num_heads of QEMU 10.0": (994_525, 243, "4e8e109382740ded"),
    "ring1-event-sc-smp-same-idx2-mergeable-maxpacket1 with virtqueue_num_heads of QEMU 10.0": (622_216, 238, "cce1751fa2f38d71"),
    "ring1-flags-sc-smp-any-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (28_417_898, 339, "69ccf13e52f96b14"),
    "ring1-flags-sc-smp-same-idx2-callerany with virtqueue_num_heads of QEMU 10.0": (318_806, 133, "aa68fb0b32b22996"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-hdrroom2-bufferlen3-hostiledevice-no-notify with receive_big of Linux 6.12": (20_840, 138, "aa2682f57f89a9d3"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-hostiledevice-no-notify with receive_big of Linux 6.12": (13_160, 135, "edfd6394845debe1"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-no-notify-without-virtqueue_split_read_next_desc__wmb": (7_305, 204, "7216134144c90668"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (163_840, 242, "252bb3876d529557"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with virtnet_poll of Linux 6.12": (67_642, 187, "12e22f1676d75341"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame with virtnet_poll of Linux 6.12": (329_699, 191, "5cbe9eaf60dd2a02"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout with virtnet_poll of Linux 6.12": (347_546, 198, "26e91798750a5c4a"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1 with virtnet_poll of Linux 6.12": (275_334, 219, "169e4e6053228f85"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-openstask with virtnet_poll of Linux 6.12": (144_225, 213, "f9f1e999996ff68d"),
    "ring1-flags-sc-smp-same-idx2-mergeable-maxpacket1 with virtnet_poll of Linux 6.12 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12 with virtqueue_num_heads of QEMU 10.0": (162_857, 250, "9ff3e7af5d3fe80b"),
    "ring1-flags-sc-smp-same-idx2-mergeable-maxpacket1 with virtqueue_num_heads of QEMU 10.0": (73_250, 207, "9befb632475dbed0"),
    "ring1-flags-sc-smp-same-idx2-mergeable-maxpacket1-hostiledriver with virtqueue_num_heads of QEMU 10.0": (22_944, 82, "d7f9904b9f674c58"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (337_783, 297, "cb9206aa534a8de3"),
    "ring1-flags-tso-smp-same-idx2-mergeable-maxpacket1 with virtqueue_num_heads of QEMU 10.0": (149_765, 258, "9848cfcda313d837"),
    "ring2-flags-sc-smp-same-idx2-maxpacket1-data-segments2-no-notify-without-virtqueue_split_read_next_desc__wmb": (2_097, 172, "da764117e33c94a2"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify with virtqueue_num_heads of QEMU 10.0": (73_353, 231, "95da6181689fe859"),
    "ring2-flags-sc-smp-same-mergeable with virtqueue_num_heads of QEMU 10.0": (2_152_750, 261, "c4c08631bf523f2c"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "linux-6-12-net_rx_action-looks-again": (36, "252bb3876d529557"),
    "linux-6-12-net_rx_action-without-its-barrier": (41, "e04f00452317885b"),
    "linux-6-12-net_rx_action-without-its-look": (36, "c03af543da406fac"),
    "linux-6-12-thread-and-task-lose-an-interrupt": (50, "1e80fce959b35e94"),
    "linux-6-12-virtnet_poll-interrupts_suppressed_while_polling-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout": (41, "26e91798750a5c4a"),
    "linux-6-12-virtnet_poll-interrupts_suppressed_while_polling-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (79, "169e4e6053228f85"),
    "qemu-10-0-virtqueue_num_heads-without-the-snapshot": (70, "f31725a4dd4121d4"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
