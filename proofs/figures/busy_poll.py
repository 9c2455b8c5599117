"""What searches for `proofs/busy_poll.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1-busypollsame": (1_555_610, 225, "8181a588790c50fb"),
    "ring1-event-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (1_911_212, 255, "08aecdfa771e2b5f"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-busypollother with virtqueue_disable_cb_split := leaves_callbacks_on": (2_040_875, 240, "d4bdb7da9d1ef992"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (517_329, 236, "6e24f1aeaac4fac4"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-openstask": (259_452, 252, "e241ed5c73763bde"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with virtnet_poll := receives_with_callbacks_on": (67_642, 187, "12e22f1676d75341"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollother": (3_314_544, 241, "6200321b6f834a9c"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollother-groflushtimeout-deferhardirqs1 with virtqueue_disable_cb_split := leaves_callbacks_on": (30_877_182, 322, "202f760fc1f9f77d"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (204_859, 194, "7cddbad760d25f8b"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame with napi_schedule_prep := leaves_no_missed": (111_000, 169, "3d879713368da4d5"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame-groflushtimeout-deferhardirqs1": (659_319, 201, "cf34185f8d39fdd5"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout": (246_413, 194, "6ba518752775c93f"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (237_905, 227, "b97aaacdb9bfca81"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs2": (437_953, 233, "4effe33ff25b8c58"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-openstask": (150_900, 221, "32522274719ace16"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-busypollsame": (472_134, 245, "a759d23b4b5fadb7"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (443_993, 272, "f130dc6228e14946"),
    "ring2-event-sc-smp-same-maxpacket1-netpollsame": (56_971_438, 384, "75af19e8ebce3c57"),
    "ring2-flags-sc-smp-same-maxpacket1-netpollsame": (1_925_891, 291, "4995108f33268693"),
    "ring2-flags-tso-smp-same-maxpacket1-netpollother": (4_185_825, 362, "70067fbf2c57c51b"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "a-poll-comes-into-virtnet_open()-ring1-flags-sc-smp-same-idx2-maxpacket1-openstask": (24, "32522274719ace16"),
    "a-task-takes-the-NAPI-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (24, "7cddbad760d25f8b"),
    "busy-poll-ignores-sched": (12, "3b0262b51a7b50d4"),
    "busy-poll-is-completed": (35, "f1f010f5121f627e"),
    "busy-poll-without-a-last-poll": (45, "37a68a7a592eac8b"),
    "busy-polling-keeps-SCHED-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (33, "7cddbad760d25f8b"),
    "completes-with-its-budget": (31, "8d5da77cfe0f6c1b"),
    "deferral-without-a-timer": (48, "733906fd5db7cf59"),
    "handover-and-deferral-lose-an-interrupt": (68, "c65044bde6170d81"),
    "interrupts-are-put-off-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (35, "b97aaacdb9bfca81"),
    "netpoll-before-napi_enable": (42, "3ee72ba5183c726b"),
    "netpoll-comes-too-early-ring2-flags-sc-smp-same-maxpacket1-netpollsame": (2, "4995108f33268693"),
    "netpoll-refills-ring2-flags-sc-smp-same-maxpacket1-netpollsame": (35, "4995108f33268693"),
    "netpoll-without-poll_owner": (69, "e9ff753f9b8bb1de"),
    "task-and-deferral-lose-an-interrupt": (75, "cbf1bd4abc445e5e"),
    "the-last-busy-poll-uses-its-budget-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (55, "7cddbad760d25f8b"),
    "the-timer-takes-the-NAPI-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (38, "b97aaacdb9bfca81"),
    "thread-and-task-lose-an-interrupt": (55, "702115d65c0f72b5"),
    "thread-and-task-lose-an-interrupt-with-the-event-index": (68, "5fd065ddf3e77e84"),
    "timer-ignores-sched": (55, "2979fe8f3d8f8ee1"),
    "timer-needs-virtnet_poll-to-disable": (41, "26e91798750a5c4a"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
