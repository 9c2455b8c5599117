"""Mutants that no standard question sees, and why that is right: `vrx mutants` counts them as explained.

An explanation says why the fault changes nothing that anybody could mind.  Where a
question is missing, the question is to be written, and nothing stands here.  An
explanation of a mutant that does not exist, or that is killed, is an error.
"""

from __future__ import annotations

from vrx.proofs.unreachable import CALLBACKS_OFF

HEADER_IS_SHORTER = "with one descriptor a buffer has room behind its header (`Config` sees to it), so the two differ"
NOTIFIES_EACH = "virtio_net decides about an interrupt behind every flush, so no more than one flush lies between"
QUIET_FIRST = "virtio_net turns kicks off before it pops; callers that do not are asked in proofs/caller.py"
HINT = "the hint is there to save a store; nothing depends on its value (proofs/hints.py)"
MASKED = "masked by the barriers that follow before anybody could mind: docs/barriers.md"

EXPLAINED: dict[str, str] = {
    "receive_header:5 unasked s.cfg.segments > 1": HEADER_IS_SHORTER,
    "receive_header:5 1 -> 0": HEADER_IS_SHORTER,
    "receive_header:5 > -> >=": HEADER_IS_SHORTER,
    "receive_header:5 unasked me.sg_len[0] == s.cfg.hdr_len": (
        "of several descriptors Linux gives the first to the header alone, so the two are the same question"
    ),
    "receive_header:5 drop me.seg = 1 if s.cfg.segments > 1 and me.sg_len[0] == s.cfg.hdr_len else 0": (
        "one step more, which finds no room behind the header, copies nothing and goes on to the next piece"
    ),
    "virtio_net_handle_rx__any_time:1 drop require(s.net.queued != 0)": (
        "only where wake-ups are free: a kick with nothing queued is answered with nothing"
    ),
    "park:4 drop s.net.receive_disabled = True": (
        "the queue holds one packet, and while it waits none arrives that could go past it"
    ),
    "virtio_queue_set_notification_off__load:3 vring_avail_idx(s, me) -> s.dev.shadow_avail_idx": (
        "the look is for a store that is not made; the shadow is refreshed where it says that there is nothing"
    ),
    "virtqueue_split_pop__head:7 never s.cfg.event_idx and dev.notification": QUIET_FIRST,
    "virtqueue_split_pop__head:9 drop me.goto(Q.POP_EVENT)": QUIET_FIRST,
    "virtqueue_split_flush:10 never since >= 1 << s.cfg.idx_bits - 1 or since < count": NOTIFIES_EACH,
    "virtio_irq:1 drop line(s, me)": "the barrier of the decision has drained the stores, and there is none since",
    "virtqueue_split_get_avail_bytes__desc:16 >= -> >": "it counts on, and comes to the same answer",
    "vring_interrupt__event_triggered:1 drop s.vq.event_triggered = True": HINT,
    "virtnet_receive__refill:3 1 -> 0": "as with a budget of one less: it refills sooner, never later",
    "virtnet_open:1 L.IDLE -> L.TRY_FILL_RECV": (
        "only where wake-ups are free: the ring is filled twice, the second time with nothing"
    ),
    "virtqueue_add_desc_split__addr:1 unasked s.cfg.indirect": (
        "the memory that it does not make new is new: what was there was taken out with the buffer"
    ),
    "virtqueue_get_buf_ctx_split__more_used:1 unasked me.received": "as with a budget that is never used up",
    "detached:15 drop me.goto(L.GET_BUF_EVENT)": CALLBACKS_OFF,
    "detach:24 L.GET_BUF_EVENT -> L.REFILL_TEST": CALLBACKS_OFF,
    "napi_enable:1 without locked(s, me, 'napi_enable__lock')": MASKED,
    "napi_schedule_prep:1 without locked(s, me, 'napi_schedule_prep__lock')": MASKED,
}
"""The name of a mutant, as `vrx mutants --list` has it, and the reason."""
