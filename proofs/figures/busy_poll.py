"""What searches for `proofs/busy_poll.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1-busypollsame": (1_523_224, 224, "34c5fb7fd971c998"),
    "ring1-event-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (1_598_405, 255, "53b5944bb0655523"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-busypollother with virtqueue_disable_cb_split := leaves_callbacks_on": (1_960_584, 238, "66637cae4c28945f"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (358_273, 234, "d9116ff2debd4282"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-openstask": (259_452, 252, "7b89b0e434203023"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with virtnet_poll := receives_with_callbacks_on": (67_642, 187, "0ccdd64c8f748644"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollother": (3_170_465, 239, "9bcdb76994bf2e1f"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (195_565, 192, "ba0aeae54579dcf5"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame with napi_schedule_prep := leaves_no_missed": (107_610, 167, "e3ce09b1bda8f26e"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame-groflushtimeout-deferhardirqs1": (520_437, 198, "4373efeed4456e70"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout": (206_453, 194, "a7949faa3f947492"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (200_329, 226, "f2833421f3b0b4d0"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs2": (366_145, 232, "323be16c3c38885a"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-openstask": (150_900, 221, "95e655d7fdc25c4e"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-busypollsame": (443_732, 242, "f6222c748d20eb1b"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (395_073, 271, "1ea1f46c92ca9453"),
    "ring2-flags-sc-smp-same-maxpacket1-netpollsame": (1_436_733, 283, "03f6296758caa091"),
    "ring2-flags-tso-smp-same-maxpacket1-netpollother": (2_879_130, 354, "075843c60b17aa3a"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "a-poll-comes-into-virtnet_open()-ring1-flags-sc-smp-same-idx2-maxpacket1-openstask": (24, "95e655d7fdc25c4e"),
    "a-task-takes-the-NAPI-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (23, "ba0aeae54579dcf5"),
    "busy-poll-ignores-sched": (12, "d8299a1bfa790f32"),
    "busy-poll-is-completed": (33, "e5ec2514406d8fe5"),
    "busy-poll-without-a-last-poll": (44, "a8f4d7d9b8e4ccd6"),
    "busy-polling-keeps-SCHED-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (32, "ba0aeae54579dcf5"),
    "completes-with-its-budget": (31, "2281102ef432d699"),
    "deferral-without-a-timer": (48, "432d3bdae3a0a544"),
    "handover-and-deferral-lose-an-interrupt": (67, "f9203201af361f98"),
    "interrupts-are-put-off-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (35, "f2833421f3b0b4d0"),
    "netpoll-before-napi_enable": (67, "f031ddc0d0d99315"),
    "netpoll-refills-ring2-flags-sc-smp-same-maxpacket1-netpollsame": (33, "03f6296758caa091"),
    "netpoll-without-poll_owner": (67, "b386425aa0dbbce8"),
    "task-and-deferral-lose-an-interrupt": (72, "9077f2e2ca97c89e"),
    "the-last-busy-poll-uses-its-budget-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (54, "ba0aeae54579dcf5"),
    "the-timer-takes-the-NAPI-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (37, "f2833421f3b0b4d0"),
    "thread-and-task-lose-an-interrupt": (52, "0ff93414b62b588b"),
    "thread-and-task-lose-an-interrupt-with-the-event-index": (65, "d684c218e8b61b7b"),
    "timer-ignores-sched": (54, "1ec9e586b129a261"),
    "timer-needs-virtnet_poll-to-disable": (40, "f802b1748bb91ab3"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
