"""What searches for `proofs/busy_poll.py` measured (`python -m vrx.proofs.command.results --pin`)."""

from __future__ import annotations

SEARCHES: dict[str, tuple[int, int, str]] = {
    "ring1-event-sc-smp-same-idx2-maxpacket1-busypollsame": (1_555_610, 225, "4699b6ee3f0fa5f1"),
    "ring1-event-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (1_911_212, 255, "19e5bd58d55f5027"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-busypollother with virtqueue_disable_cb_split := leaves_callbacks_on": (2_040_875, 240, "77f8cc2fbb249b9b"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (517_329, 236, "b4799fd085c047e0"),
    "ring1-flags-sc-smp-other-idx2-maxpacket1-openstask": (259_452, 252, "7b89b0e434203023"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1 with virtnet_poll := receives_with_callbacks_on": (67_642, 187, "0ccdd64c8f748644"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollother": (3_314_544, 241, "d58d98d1a85d8e40"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (204_859, 194, "70878ef379c8b9ea"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame with napi_schedule_prep := leaves_no_missed": (111_000, 169, "4a7bab2d1d2651f3"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame-groflushtimeout-deferhardirqs1": (659_319, 201, "06e2f586d3537cad"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout": (246_413, 194, "8e5a114602399a3e"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (237_905, 227, "445c5f94d2f566e7"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs2": (437_953, 233, "8a89508ef69d6fc1"),
    "ring1-flags-sc-smp-same-idx2-maxpacket1-openstask": (150_900, 221, "95e655d7fdc25c4e"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-busypollsame": (472_134, 245, "d947efcc7a68e0cc"),
    "ring1-flags-tso-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (443_993, 272, "162cf267297edf88"),
    "ring2-flags-sc-smp-same-maxpacket1-netpollsame": (1_925_891, 291, "f1480ee795694ca6"),
    "ring2-flags-tso-smp-same-maxpacket1-netpollother": (4_185_825, 362, "b3b26367331e812d"),
}
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""

STEPS: dict[str, tuple[int, str]] = {
    "a-poll-comes-into-virtnet_open()-ring1-flags-sc-smp-same-idx2-maxpacket1-openstask": (24, "95e655d7fdc25c4e"),
    "a-task-takes-the-NAPI-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (24, "70878ef379c8b9ea"),
    "busy-poll-ignores-sched": (12, "777fd712d0d4bd97"),
    "busy-poll-is-completed": (35, "cbc499aec11dfa32"),
    "busy-poll-without-a-last-poll": (45, "e421257094d2a4fc"),
    "busy-polling-keeps-SCHED-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (33, "70878ef379c8b9ea"),
    "completes-with-its-budget": (31, "2281102ef432d699"),
    "deferral-without-a-timer": (48, "af35d010c9b2697e"),
    "handover-and-deferral-lose-an-interrupt": (68, "0d2f3e63aa1098ab"),
    "interrupts-are-put-off-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (35, "445c5f94d2f566e7"),
    "netpoll-before-napi_enable": (42, "f47983945ac80784"),
    "netpoll-comes-too-early-ring2-flags-sc-smp-same-maxpacket1-netpollsame": (2, "f1480ee795694ca6"),
    "netpoll-refills-ring2-flags-sc-smp-same-maxpacket1-netpollsame": (35, "f1480ee795694ca6"),
    "netpoll-without-poll_owner": (69, "b60975808f5cc88a"),
    "task-and-deferral-lose-an-interrupt": (75, "7c91f2f02cf717e0"),
    "the-last-busy-poll-uses-its-budget-ring1-flags-sc-smp-same-idx2-maxpacket1-busypollsame": (55, "70878ef379c8b9ea"),
    "the-timer-takes-the-NAPI-ring1-flags-sc-smp-same-idx2-maxpacket1-groflushtimeout-deferhardirqs1": (38, "445c5f94d2f566e7"),
    "thread-and-task-lose-an-interrupt": (55, "7d5f53575b89d6fa"),
    "thread-and-task-lose-an-interrupt-with-the-event-index": (68, "611bdfcdee427587"),
    "timer-ignores-sched": (55, "ca85b219eac499bc"),
    "timer-needs-virtnet_poll-to-disable": (41, "9fc810e09007c58e"),
}
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
