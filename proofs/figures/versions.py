"""What searches for `proofs/versions.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (1_008_672, 235, "efe7338337a0567f"),
    "ring1-event-sc-smp-same-idx2-maxpacket1 with virtnet_poll of Linux 6.12": (561_478, 211, "44f955949efd1b41"),
    "ring1-event-sc-smp-same-idx2-mergeable-maxpacket1 with virtnet_poll of Linux 6.12 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12 with virtqueue_num_heads of QEMU 10.0": (994_525, 243, "34e0281369e43b44"),
    "ring1-event-sc-smp-same-idx2-mergeable-maxpacket1 with virtqueue_num_heads of QEMU 10.0": (622_216, 238, "3dd61984227efaea"),
    "ring1-flags-sc-smp-any-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (28_417_898, 339, "4b50c4770cd73d6c"),
    "ring1-flags-sc-smp-same-idx2-callerany with virtqueue_num_heads of QEMU 10.0": (318_806, 133, "e26ed03f0f7fb9cd"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-hdrroom2-bufferlen3-hostiledevice-no-notify with receive_big of Linux 6.12": (20_840, 138, "32bbdaae677e6d02"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-hostiledevice-no-notify with receive_big of Linux 6.12": (13_160, 135, "bb26ca2f58b0db93"),
    "ring1-flags-sc-smp-same-idx2-data-segments2-indirect-no-notify-without-virtqueue_split_read_next_desc__wmb": (7_305, 204, "5615315697c01222"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (163_840, 242, "4bc157a6cba64e6a"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with virtnet_poll of Linux 6.12": (67_642, 187, "0ccdd64c8f748644"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame with virtnet_poll of Linux 6.12": (329_699, 191, "c008bd5948d29cdc"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout with virtnet_poll of Linux 6.12": (347_546, 198, "9fc810e09007c58e"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1 with virtnet_poll of Linux 6.12": (275_334, 219, "d2b5928b78e2f280"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-openstask with virtnet_poll of Linux 6.12": (144_225, 213, "796dd8866d5fea5c"),
    "ring1-flags-sc-smp-same-idx2-mergeable-maxpacket1 with virtnet_poll of Linux 6.12 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12 with virtqueue_num_heads of QEMU 10.0": (162_857, 250, "ee7e9abc2fd70260"),
    "ring1-flags-sc-smp-same-idx2-mergeable-maxpacket1 with virtqueue_num_heads of QEMU 10.0": (73_250, 207, "dd7658b7a699269f"),
    "ring1-flags-sc-smp-same-idx2-mergeable-maxpacket1-hostiledriver with virtqueue_num_heads of QEMU 10.0": (22_944, 82, "4133a84d34fed4ba"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1 with napi.raised: guest_cpus of bool with napi.in_net_rx_action: guest_cpus of bool with napi.stage: guest_cpus of 0..4 with ____napi_schedule of Linux 6.12 with net_rx_action of Linux 6.12": (337_783, 297, "39a3f37198463f47"),
    "ring1-flags-tso-smp-same-idx2-mergeable-maxpacket1 with virtqueue_num_heads of QEMU 10.0": (149_765, 258, "33ec3c13f0f17ac5"),
    "ring2-flags-sc-smp-same-idx2-maxpacket1-data-segments2-no-notify-without-virtqueue_split_read_next_desc__wmb": (2_097, 172, "981b78a39e1bd444"),
    "ring2-flags-sc-smp-same-idx2-mergeable-maxpacket3-data-no-notify with virtqueue_num_heads of QEMU 10.0": (73_353, 231, "b7dda8163d386053"),
    "ring2-flags-sc-smp-same-mergeable with virtqueue_num_heads of QEMU 10.0": (2_152_750, 261, "4c5ef2632413e01e"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "linux-6-12-net_rx_action-looks-again": (36, "4bc157a6cba64e6a"),
    "linux-6-12-net_rx_action-without-its-barrier": (41, "904adfd3cb930c66"),
    "linux-6-12-net_rx_action-without-its-look": (36, "9ff2b133357346a7"),
    "linux-6-12-thread-and-task-lose-an-interrupt": (50, "43e68d55a8ed096c"),
    "linux-6-12-virtnet_poll-interrupts_suppressed_while_polling-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout": (41, "9fc810e09007c58e"),
    "linux-6-12-virtnet_poll-interrupts_suppressed_while_polling-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (79, "d2b5928b78e2f280"),
    "qemu-10-0-virtqueue_num_heads-without-the-snapshot": (70, "d033bd38fcae7b3e"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
