"""What of the receive path and of the standard is modelled, and what checks it.

Data only; `proofs.command.coverage` puts the tables together.  A name in a list of checks is a
property, a step, a claim, a guard (`virtqueue.use`: a function of `spec.standard`), or a
test (`test_judge.test_...`).  Guards are found in the source as well: whatever function
of `spec.standard` names a clause is among its checks without being written here.  The
steps of a C function are found by the `C:` lines of the steps.
"""

from __future__ import annotations

LISTS = (
    "the standard's queue of a packed ring has no lists; those of Linux and QEMU are modelled as their C makes and takes "
    "them (docs/packed.md), and `vrx conform` reads them as they stand"
)
BEGINS = "the driver looks at one slot: in which order the others are written nobody sees (A20)"
CONTENTS = (
    "the contents of packets are data that nothing here computes with; `vrx conform` compares frames byte by byte"
)
DRIVER_INSIDE = "what a driver makes of a header happens inside it: nothing of it can be seen in the ring"

AROUND = "registers, configuration and filters around the queue are not modelled; `vrx conform qemu` looks at them"
AROUND_THE_QUEUE = (
    "2.1.2-2", "2.1.2-3", "2.2.2-1", "2.2.2-2", "2.2.2-4", "2.2.2-5", "2.4.1-1",
    *(f"4.1.4.3.1-{n}" for n in (1, 2, 3, 4, 5, 7, 8, 9)), *(f"5.1.4.1-{n}" for n in (1, 2, 4, 7, 8, 10, 11, 14)),
    "5.1.9.5.2.1-3", "2.6.1.2.1-1", "4.2.2.1-1", "4.2.2.1-2", "4.2.2.1-3",
    "4.2.2.1-7", *(f"5.1.9.5.1.1-{n}" for n in range(1, 14)), "5.1.9.5.2.1-1", "5.1.9.5.2.1-2", "5.1.9.5.2.1-4",
    "5.1.9.5.3.1-1", "5.1.9.5.3.1-2", "5.1.9.5.3.1-3", "6.2-1",
)  # fmt: skip

FUNCTIONS: tuple[tuple[str, str, str], ...] = (
    ("B01", "virtio_net_receive", "receive-segment coalescing is off by default; without it the function only calls on"),
    ("B02", "virtio_net_rsc_receive", "receive-segment coalescing is not modelled"),
    ("B03", "virtio_net_do_receive", "takes the RCU lock: the memory map never changes in the model"),
    ("B04", "virtio_net_receive_rcu", ""),
    ("B05", "virtio_net_can_receive", ""),
    ("B06", "virtio_net_process_rss", "one queue: no steering"),
    ("B07", "virtio_net_has_buffers", ""),
    ("B08", "receive_filter", ""),
    ("B09", "virtqueue_pop=virtqueue_pop,virtqueue_split_pop,virtqueue_packed_pop", ""),
    ("B10", "virtqueue_split_pop", ""),
    ("B11", "virtqueue_packed_pop", ""),
    ("B12", "vring_split_desc_read", ""),
    ("B13", "virtqueue_map_desc", ""),
    ("B14", "virtqueue_alloc_element", "private memory of the device: no step of its own"),
    ("B15", "receive_header", ""),
    ("B16", "iov_from_buf", ""),
    ("B17", "virtqueue_fill", ""),
    ("B18", "virtqueue_flush", ""),
    ("B19", "virtqueue_unpop", ""),
    ("B20", "virtqueue_detach_element", ""),
    ("B21", "virtio_notify", ""),
    ("B22", "virtio_should_notify=virtio_split_should_notify,virtio_packed_should_notify", ""),
    ("B23", "virtio_irq", ""),
    ("B24", "virtio_net_handle_rx", ""),
    ("B25", "virtio_queue_empty=virtio_queue_split_empty,virtio_queue_packed_empty", ""),
    ("B26", "virtqueue_get_avail_bytes=virtqueue_split_get_avail_bytes,virtqueue_packed_get_avail_bytes", ""),
    ("B27", "virtio_queue_set_notification", ""),
    ("B28", "virtio_queue_enable_notification_and_check", ""),
    ("B29", "virtqueue_split_fill and virtqueue_split_flush=virtqueue_split_fill,virtqueue_split_flush", ""),
    ("B30", "virtqueue_packed_fill and virtqueue_packed_flush=virtqueue_packed_fill,virtqueue_packed_flush", ""),
    ("B31", "qemu_net_queue_send and qemu_net_queue_flush=qemu_net_queue_send,qemu_net_queue_flush", ""),
    ("F01", "vring_interrupt", ""),
    ("F02", "skb_recv_done", ""),
    ("F03", "virtqueue_napi_schedule", ""),
    ("F04", "napi_schedule_prep", ""),
    ("F05", "__napi_schedule", ""),
    ("F06", "virtqueue_disable_cb=virtqueue_disable_cb_split,virtqueue_disable_cb_packed", ""),
    ("F07", "net_rx_action / napi_poll=net_rx_action", ""),
    ("F08", "virtnet_poll", ""),
    ("F09", "virtnet_poll_cleantx", "the transmit queue is not modelled"),
    ("F10", "virtnet_receive", ""),
    ("F11", "virtqueue_get_buf_ctx=virtqueue_get_buf_ctx_split,virtqueue_get_buf_ctx_packed", ""),
    ("F12", "receive_buf", ""),
    ("F13", "receive_small", ""),
    ("F14", "receive_big", "big-page buffers are modelled (segments), and read by the steps of receive_buf(): no step of its own"),
    ("F15", "receive_mergeable", ""),
    ("F16", "XDP verdicts", "no XDP program: every packet passes"),
    ("F17", "napi_gro_receive", ""),
    ("F18", "netif_receive_skb and below", "beyond the end of the path: delivered is delivered"),
    ("F19", "try_fill_recv", ""),
    ("F20", "virtqueue_add=virtqueue_add_split,virtqueue_add_packed", ""),
    ("F21", "virtqueue_kick_prepare=virtqueue_kick_prepare_split,virtqueue_kick_prepare_packed", ""),
    ("F22", "virtqueue_notify", ""),
    ("F23", "refill_work", "allocation never fails in the model, so the worker never runs"),
    ("F24", "virtqueue_napi_complete=virtqueue_enable_cb_prepare,napi_complete_done,virtqueue_poll", ""),
    ("F25", "virtqueue_enable_cb_prepare", ""),
    ("F26", "virtqueue_poll", ""),
    ("F27", "napi_complete_done", ""),
    ("F28", "napi_disable / napi_enable / virtnet_napi_enable=napi_enable,virtnet_napi_enable", ""),
    ("F29", "more_used=more_used_split,more_used_packed", ""),
    ("F30", "detach_buf=detach_buf_split,detach_buf_packed", ""),
    ("F31", "vring_need_event=vring_need_event", ""),
)  # fmt: skip
"""Number, function (and after `=` its names in the `C:` lines, where they differ), why it is not modelled."""

PROVED = {"F31": "vring_need_event"}
"""Functions without a step of their own, and the claim that is about all of their values."""

REFUSED, ALLOWED = (f"test_standard_chain.test_a_chain_that_the_standard_{does}" for does in ("refuses", "allows"))
JUDGE = "test_judge.test_a_rule_forbids_and_allows"
LIST = "test_packed_list.test_a_rule_of_a_list_forbids"

CHECKS: dict[str, str] = {
    "2.1.2-1": JUDGE,
    "2.4.1-2": JUDGE,
    "2.6.1.1.1-1": f"virtqueue.use virtqueue.interrupt virtqueue.reset {JUDGE}",
    "2.6.1.1.1-2": "virtqueue.reset test_judge.test_a_reset_is_a_new_queue",
    "2.7.1-1": JUDGE,
    "2.7.4.2-1": f"breach-writable-before-readable {REFUSED} {ALLOWED}",
    "2.7.5.2-1": f"{REFUSED} {ALLOWED}",
    "2.7.5.3.1-1": f"breach-table-not-negotiated {REFUSED} {ALLOWED}",
    "2.7.5.3.1-2": f"breach-table-in-a-table {REFUSED} {ALLOWED}",
    "2.7.5.3.1-3": f"breach-chain-without-an-end {REFUSED} {ALLOWED}",
    "2.7.5.3.1-4": f"breach-table-and-next {REFUSED} {ALLOWED}",
    "2.7.5.3.2-1": f"chain.descriptor used_entries_exact-table-with-write {ALLOWED}",
    "2.7.5.3.2-2": f"chain.descriptor {ALLOWED}",
    "5.1.4.1-5": f"receive.fill frames_fit-frames-only frames_fit-can-fail {JUDGE}",
    "2.7.5.1-4": "test_coverage.test_each_side_writes_its_own_memory",
    "2.7.6.1-1": f"breach-takes-back {JUDGE}",
    "2.7.7.1-1": JUDGE,
    "2.7.7.1-2": f"driver_asks {JUDGE}",
    "2.7.7.1-3": f"breach-driver-quiet-by-the-flag {JUDGE}",
    "2.7.7.1-4": f"driver_asks deviation-used-event-without-the-feature {JUDGE}",
    "2.7.7.1-5": "device_interrupts_for_nothing",
    "2.7.7.2-1": "virtqueue.wanted virtio_split_should_notify test_judge.test_the_field_without_a_meaning_is_not_looked_at",
    "2.7.7.2-2": JUDGE,
    "2.7.7.2-3": f"judge.outstanding {JUDGE}",
    "2.7.7.2-4": "virtqueue.wanted virtio_split_should_notify test_judge.test_the_field_without_a_meaning_is_not_looked_at",
    "2.7.7.2-5": f"owes_nothing_at_rest-can-fail judge.outstanding vring_need_event {JUDGE}",
    "2.7.7.2-6": JUDGE,
    "2.7.8.2-1": f"breach-publishes-before-the-entry {JUDGE}",
    "2.7.8.2-2": "used_entries_exact-can-fail",
    "2.7.10.1-1": JUDGE,
    "2.7.10.1-2": "virtqueue.wanted virtqueue_kick_prepare_split test_judge.test_the_field_without_a_meaning_is_not_looked_at",
    "2.7.10.1-3": JUDGE,
    "2.7.10.1-4": f"judge.outstanding {JUDGE}",
    "2.7.10.1-5": "virtqueue.wanted virtqueue_kick_prepare_split test_judge.test_the_field_without_a_meaning_is_not_looked_at",
    "2.7.10.1-6": f"judge.outstanding vring_need_event {JUDGE}",
    "2.7.10.1-7": JUDGE,
    "2.7.10.2-1": JUDGE,
    "2.7.10.2-2": f"device_asks {JUDGE}",
    "2.7.10.2-3": f"breach-device-quiet-by-the-flag {JUDGE}",
    "2.7.10.2-4": f"device_asks {JUDGE}",
    "2.7.10.2-5": "driver_kicks_for_nothing",
    "2.7.13-1": "driver_publishes a_batch_is_offered-ring2-flags-sc-smp-same-peerany",
    "2.7.13.2-2": f"driver_publishes a_batch_is_offered-ring2-flags-sc-smp-same-peerany {JUDGE}",
    "2.7.13.3-1": "device_takes watch_agrees-can-fail",
    "2.7.13.4-1": "device_asks device_arms",
    "2.7.13.4.1-1": "driver-needs-the-barrier-of-2.7.13.4.1 virtqueue_kick_prepare_split",
    "2.7.14-1": "driver_asks driver_arms musts-alone-lose-an-interrupt driver-needs-the-barrier-of-2.7.14",
    "2.8.11-1": JUDGE,
    "2.8.12-1": "virtqueue.take",
    "2.8.12-3": "device_publishes any_side.gives_away",
    "2.8.16-3": f"virtqueue.kick {JUDGE}",
    "2.8.16-4": "driver_kicks_for_nothing",
    "2.8.15-3": "watch._slots_keep packed-breach-uses-before-it-looks",
    "2.8.15-4": "watch._slots_keep packed-breach-device-takes-back",
    "2.8.16-1": "watch._slots_keep packed-breach-overwrites-unseen",
    "2.8.16-2": "watch._slots_keep packed-breach-takes-back",
    **{f"2.8.17-{n}": LIST for n in (2, 3)},
    **{f"2.8.19-{n}": LIST for n in (1, 2, 3, 4)},
    "2.8.21.1-2": "device_takes packed-watch-agrees-can-fail",
    "2.8.21.2-1": "device_asks device_arms device_names",
    "2.8.21.3.1-1": "packed-driver-needs-the-barrier-of-2.8.21.3.1 virtqueue_kick_prepare_packed",
    "2.8.22-1": "driver_asks driver_arms packed-musts-alone-lose-an-interrupt",
    "3.1.1-7": JUDGE,
    "3.3.1-1": f"breach-offers-what-it-has-not {JUDGE}",
    "3.3.1-2": "virtqueue.reset test_judge.test_a_reset_is_a_new_queue",
    "3.4.1-3": JUDGE,
    "3.4.1-4": JUDGE,
    "3.4.2-3": JUDGE,
    "5.1.9.3.1-1": "test_judge.test_sizes_follow_from_the_features",
    "5.1.9.3.1-2": JUDGE,
    "5.1.9.3.1-3": JUDGE,
    "5.1.9.3.1-4": "header.header_size test_judge.test_sizes_follow_from_the_features",
    "5.1.9.3.2-1": JUDGE,
    "5.1.9.3.2-2": "receive.begin test_judge.test_a_rule_forbids_and_allows",
    "5.1.9.4.1-1": f"deviation-num-buffers-unwritten {JUDGE}",
    "5.1.9.4.1-2": f"breach-packet-in-parts {JUDGE}",
    "5.1.9.4.1-3": f"breach-buffer-not-full {JUDGE}",
    "5.1.9.4.1-4": f"breach-packet-in-parts-numbered {JUDGE}",
    **{f"5.1.9.4.1-{n}": JUDGE for n in (5, 7, 8, 9, 10, 26, 27, 28)},
    "5.1.9.4.1-17": "header.broken test_judge.test_what_a_header_may_say",
    "5.1.9.4.1-32": "header.broken test_judge.test_what_a_header_may_say",
    "6.2-5": f"completed_comes_back in-order-full-ring-published-mend {JUDGE}",
    "P-2.7-1": JUDGE,
    "P-2.7.6-1": "ring.slot ring.idx_add slot_axiom",
    "P-2.7.8-1": f"breach-returns-what-it-has-not {JUDGE}",
    "P-2.7.8-2": f"breach-longer-than-the-buffer {JUDGE}",
    "P-2.7.8-3": f"virtqueue.hand_back {JUDGE}",
    "P-2.7.9-1": f"judge.Judge in_order.returns in-order-driver-takes-one-split {JUDGE}",
    "P-2.7.9-2": "in_order.returns in_order.receives in-order-driver-takes-one-split",
    "P-2.7.9-3": f"judge.Judge {JUDGE}",
    "P-2.7.13-1": "virtqueue_add_split__ring virtqueue_add_split__idx virtqueue_kick_prepare_split",
    "P-2.7.13-2": "watch._entries_keep",
    "P-2.7.13.3-1": "device_takes virtqueue.take",
    "P-2.7.14-1": "virtqueue_poll musts-alone-lose-an-interrupt linux-must-look-again-beside-any-device",
    "P-2.6-1": f"virtqueue.use {JUDGE}",
    "P-2.6-2": f"device_uses {JUDGE}",
    "P-2.8.1-1": "any_side.gives_away packed-breach-driver-marks-for-ever packed-breach-device-marks-for-ever",
    "P-2.8.1-2": "any_side.gives_away packed-breach-driver-marks-for-ever",
    "P-2.8.1-3": "any_side.gives_away packed-breach-device-marks-for-ever",
    "P-2.8.1-4": "watch._slots_keep packed-breach-driver-marks-for-ever",
    "P-2.8.1-5": "watch._slots_keep packed-breach-device-marks-for-ever",
    "P-2.8.1-6": "any_side.is_there packed-breach-uses-before-it-looks",
    "P-2.8.2-1": "any_side.is_there device_looks driver_looks",
    "P-2.8.2-2": "in_order.receives in-order-driver-takes-one-packed",
    "P-2.8.8-1": "in_order.returns in-order-driver-takes-one-packed",
    "P-2.8.22-1": "packed-driver-needs-the-barrier-of-2.8.22 packed-musts-alone-lose-an-interrupt",
    "P-2.8.6-3": "test_packed_list.test_every_slot_of_a_list_has_the_mark_of_its_own_lap",
    "P-2.8.6-4": f"judge.Judge {JUDGE}",
    "P-2.8.7-1": LIST,
    "P-2.8.10-1": JUDGE,
    "P-2.8.10-2": f"virtqueue.wanted {JUDGE}",
    "P-2.8.10-3": f"virtqueue.decide {JUDGE}",
    "P-2.8.21.1-2": LIST,
    "P-2.9-1": JUDGE,
    "P-2.9-2": JUDGE,
    "P-3.3-1": f"virtqueue.driver_ok virtqueue.reset {JUDGE}",
    "P-5.1.9-1": f"breach-without-a-header {JUDGE}",
    "P-5.1.9.4-1": "virtnet_poll virtqueue_disable_cb_split virtqueue_enable_cb_prepare",
    "P-5.1.9.4-2": f"receive.begin receive.fill {JUDGE}",
    "P-5.1.9.4-3": f"receive.deliver {JUDGE}",
    "P-5.1.9.4-4": f"receive.begin receive.fill {JUDGE}",
}
"""Clause -> what checks it, beside the guards that name it."""

WHY_NOT: dict[str, str] = {
    "2.7.4.1-1": "in the standard's queue a buffer is one thing: a device that depends on its pieces cannot be written down",
    "2.7.5.1-1": "receive buffers have nothing that the device may only read",
    "2.7.8.2-3": "a permission to write more than len says, of which nobody may notice anything (A9)",
    "2.7.8.3-1": "what a driver concludes from bytes it may not rely on happens inside it",
    "2.7.8.3-2": "what a driver concludes from bytes it may not rely on happens inside it",
    "2.7.13.3.1-1": "a write barrier: neither memory model here reorders stores, so that it is missing cannot show",
    "2.8.12-2": BEGINS,
    "2.8.15-1": "receive buffers have nothing that the device may only read",
    "2.8.17-1": "no device says how long a list may be",
    **dict.fromkeys(("2.8.17-4", "2.8.17-5", "2.8.17-6", "2.8.18-1", "2.8.18-2", "2.8.21.1-1"), LISTS),
    "2.8.21.1.1-1": "a write barrier: neither memory model here reorders stores, so that it is missing cannot show",
    "4.2.2.1-4": "no transport is modelled: a queue that is not ready is one before DRIVER_OK (2.1.2-1)",
    "5.1.4.2-8": "how soon there have to be enough is not said: a driver with too few posted breaks nothing at any moment",
    **{f"5.1.9.4.1-{n}": CONTENTS for n in (6, 19, 20, 33)},
    **{f"5.1.9.4.2-{n}": DRIVER_INSIDE for n in (1, 4, 6, 7)},
    "6.1-8": "the model knows processors, not the buses of hardware",
    "P-6-1": "the memory models here are those of processors: that they suffice is what is assumed, not what is shown",
    "P-5.1.9.3-1": "said of frames to explain how large buffers should be: 5.1.9.3.1-1 and -2",
    **dict.fromkeys(AROUND_THE_QUEUE, AROUND),
}
"""Clause -> why it is not expressed."""

DECISIONS: dict[str, str] = {
    "A1": "The drain loop of 2.7.14 is read with its test the right way round. As printed it is a driver that takes what "
    "is not there.",
    "A2": "The second look is not a rule. `looks_again=False` is a conforming pair that loses wake-ups, on both ways; "
    "with it none is lost. The two full barriers that no clause demands are needed: claims show each.",
    "A3": "The packed chapter demands no notification. What each side is expected to look at (P-2.8.10-3) is read as the "
    "obligation of the split chapter, eventually; needless ones are not even advised against. Flags 3, reserved bits, and "
    "2 without EVENT_IDX break P-2.8.10-1, and nothing is owed to who asks so; a slot that the ring has not is never passed.",
    "A4": "Crossing, not equality: an event is hit if it is among the positions since the last decision. That both "
    "wordings agree for at most 2^16 - 1 positions is proved for all values. Skipped positions of an IN_ORDER batch count.",
    "A5": "The publisher looks at any moment after publication, once or for several publications, with a full barrier "
    "between; it owes a notification without a deadline, but has to decide before a full turn of the index. A judge calls "
    "a notification owed only if it is at whatever moment the publisher looked.",
    "A6": "There is no off with the event index. Spurious notifications are allowed and advised against (SHOULD NOT).",
    "A7": "Buffers posted before DRIVER_OK: the driver may kick and need not, the device may look and need not. The judge "
    "counts them as announced.",
    "A8": "NOTIFICATION_DATA is judged on a split ring by the prose: the kick carries avail.idx.",
    "A9": "len is at most what the buffer holds. That less was announced than written is allowed and cannot be seen.",
    "A10": "On a receive queue len is exact: the packet's length stands nowhere else. All buffers of a packet but the last "
    "report their full size. This is stronger than the text; verdicts name 5.1.9.4.1-3.",
    "A11": "An IN_ORDER batch on a receive queue lies within one packet, whose buffers but the last are full anyway.",
    "A12": "A chain may have 2^32 bytes, one more than a length can say; what is longer breaks 2.7.5.2-1.",
    "A13": "A slot of a packed ring is the driver's at first, and again when the used descriptor of the buffer that took "
    "it was seen, whatever its own flags are: the rule is about buffers.",
    "A14": "A used descriptor lies where the device is in the ring, which may be a slot of a buffer that is still out. "
    "That slot then says nothing of the buffer: who has to know its address, length or slots remembers them by the ID.",
    "A15": "A wrap counter belongs to a position: in a list that goes over the end it changes there, although the first "
    "descriptor is published last. A list of all slots changes it once.",
    "A16": "A head, or an ID, is in use at most once (3.3.1-1) and less than the size (P-2.7-1; of an ID only an assertion "
    "of the printed example says it: P-2.8.21.1-2). The last descriptor of a list has the ID; the others' is not looked at.",
    "A17": "Which heads a device may return is no rule with a key word; the standard's queue makes it one: P-2.7.8-1.",
    "A18": "Offering a head twice breaks 3.3.1-1, and nothing else has to say that the available ring cannot overflow.",
    "A19": "A chain has no more descriptors than the queue, those in the ring and those in its table counted together; "
    "the one that names the table does not count.",
    "A20": "Only the slot that the driver looks at next decides what it sees. Of what is published together the first one "
    "is written last; the order of the others is nobody's.",
    "A21": "The rules of message framing (2.7.4) are asked of every buffer.",
    "A24": "After a reset is complete nothing is in flight: the device has nothing, and whatever it returns breaks 2.1.2-1.",
    "A25": "num_buffers counts buffers (heads), not descriptors.",
    "A26": "A packet that does not fit may wait or be dropped; it is never published in part.",
    "A27": "The size of the header is cumulative: 12, 20 with HASH_REPORT, 24 with UDP tunnel GSO (either side), 32 with "
    "OUT_NET_HEADER.",
    "A28": "The sizes of 5.1.9.3.1 are asked as printed. For the MTU a frame may have the tag of a VLAN besides.",
    "A29": "The bits of the IPsec feature are header flags like others: without GUEST_CSUM all flags are 0.",
    "A31": "GUEST_UDP means GUEST_UFO.",
    "A35": "Together means: no move of used.idx ends inside a packet. More may become visible by the same move.",
}
"""Ambiguities of the text that matter to a virtqueue and to receiving, and how they are read."""
