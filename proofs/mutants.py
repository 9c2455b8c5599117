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

KEPT = "the packet that waits is delivered when the machine goes on: not what QEMU does, and nobody's loss"
EITHER_FLUSHES = "the flush at a resume and the kick behind it do the same; one is needed (`proofs/stops.py`)"

STAYS_ON = "interrupts are not put off then, or not as long: a setting without effect, and nothing that is lost"
FORGETS_ITS_BUDGET = (
    "it stands where it stood and, its budget forgotten, completes as any other poll: the look that follows finds what "
    "is left"
)
POLLS_ONCE = "the task polls once, or stops sooner, which it may at any time"
ONE_CPU = "the task is on the CPU of the softirq: what the lock orders is looked at by the same CPU"
IDLE_ALREADY = "nobody has called it: where it would return to is idle already"

NO_STORE = "the look is for a store that is not made; the shadow is refreshed where it says that there is nothing"
A_LOAD_MORE = "a load of avail.idx that need not be: the shadow is there to save it"
READS_ALL = (
    "where the data lie in one piece the ghost alone asks how much room there is: the driver has found the length "
    "short enough (`too_long`), and reads all of it"
)
ALL_TABLES = "with indirect descriptors every head has a table, also what a driver that lies offers"
NESTED = "a table within a table, which no driver here tells, not even one that lies (`spec.layouts.split.lying`)"
NEVER_USED_UP = "the budget is a free choice, and one that is never used up is one of them"

ANY_TIME = "only where wake-ups are free: a packet that waits may be offered again at any time, and need never be"
TWICE = "the NAPI is scheduled twice, as an interrupt at that moment does it: one more poll, which finds nothing"

ONLY_BIT = "NO_NOTIFY is the only bit of used.flags: what is read before it is set or cleared says nothing"

EXPLAINED: dict[str, str] = {
    "virtio_queue_set_notification__load:5 drop me.between = load(s, me, loc.used_flags)": ONLY_BIT,
    "virtio_queue_set_notification_off__load:6 drop me.between = load(s, me, loc.used_flags)": ONLY_BIT,
    "virtqueue_split_get_avail_bytes__desc:27 unasked me.table != 0": ALL_TABLES,
    "virtqueue_split_pop__desc:2 unasked flags & INDIRECT != 0": ALL_TABLES,
    "virtqueue_split_flush:15 unasked since >= turn(s.cfg) // 2": NOTIFIES_EACH,
    "got_buf:11 unasked s.cfg.mergeable": "only receive_mergeable() ever comes back to DISCARD",
    "receive_buf__piece:10 < -> <=": (
        "the driver has found the length short enough (`too_long`): nothing is left behind the last piece"
    ),
    "room_for_data:1 1 -> 0": READS_ALL,
    "virtqueue_enable_cb_prepare_split__event:2 me.opaque -> s.vq.last_used_idx": (
        "the index was remembered in the step before, and nobody but the owner of the NAPI moves it"
    ),
    "detached:2 drop for n in range(s.cfg.segments if s.cfg.indirect else 0):": (
        "the C frees the table there; what nobody reads any more is made zero, so that like situations are equal"
    ),
    "stops_here:1 never exhausted == 1 and (me.received or not s.cfg.notify)": NEVER_USED_UP,
    "virtnet_poll__done:6 drop whole_budget_used(s, me)": FORGETS_ITS_BUDGET,
    "qemu_net_queue_send:9 unasked s.net.receive_disabled": (
        "a device that said no has the packet queued, and the sender has stopped: none arrives"
    ),
    "vm_stop:2 drop s.net.running = False": "the machine is not stopped, which is the environment's choice anyway",
    "vm_stop:7 drop qemu_net_queue_flush(s, me)": KEPT,
    "vm_continue:5 drop s.lines.kick = True": EITHER_FLUSHES,
    "vm_continue:6 drop s.net.receive_disabled = False": "it is off since the stop: nothing is offered meanwhile",
    "vm_continue:7 drop qemu_net_queue_flush(s, me)": EITHER_FLUSHES,
    "receive_header:6 unasked s.cfg.segments > 1": HEADER_IS_SHORTER,
    "receive_header:6 1 -> 0": HEADER_IS_SHORTER,
    "virtqueue_disable_cb_split:1 always not s.vq.no_interrupt": (
        "a store of what the ring says already: it costs time, and nobody can tell"
    ),
    "virtqueue_disable_cb_split:3 never s.vq.event_triggered": (
        "the hint is there to save a store: used_event is 0 then, where it was a position that had been passed"
    ),
    "split.virtqueue_enable_cb_prepare:1 drop s.vq.event_triggered = False": (
        "the hint stays when it says nothing any more, and a completion that MISSED refuses turns no callback off: one "
        "more interrupt each time; another CPU may set the hint too late without the fault as well, so that is allowed"
    ),
    "receive_header:6 > -> >=": HEADER_IS_SHORTER,
    "receive_header:6 unasked me.sg_len[0] == s.cfg.hdr_len": (
        "of several descriptors Linux gives the first to the header alone, so the two are the same question"
    ),
    "receive_header:6 drop me.seg = 1 if s.cfg.segments > 1 and me.sg_len[0] == s.cfg.hdr_len else 0": (
        "one step more, which finds no room behind the header, copies nothing and goes on to the next piece"
    ),
    "virtio_net_handle_rx__any_time:1 0 -> 1": ANY_TIME,
    "virtnet_napi_enable:1 L.IDLE -> L.NAPI_SCHEDULE_PREP": TWICE,
    "virtio_net_handle_rx__any_time:1 drop require(s.net.queued != 0)": (
        "only where wake-ups are free: a kick with nothing queued is answered with nothing"
    ),
    "park:4 drop s.net.receive_disabled = True": (
        "the queue holds one packet, and while it waits none arrives that could go past it"
    ),
    "virtio_queue_set_notification_off__load:3 vring_avail_idx(s, me) -> s.dev.shadow_avail_idx": NO_STORE,
    "virtio_queue_set_notification_off__load:3 drop vring_avail_idx(s, me)": NO_STORE,
    "virtqueue_split_pop__head:11 never s.cfg.event_idx and dev.notification": QUIET_FIRST,
    "virtqueue_split_pop__head:13 drop me.goto(SplitQ.POP_EVENT)": QUIET_FIRST,
    "virtqueue_split_flush:15 never since >= turn(s.cfg) // 2 or since < count": NOTIFIES_EACH,
    "virtio_queue_packed_poll:6 me.opaque -> s.dev.shadow_avail_idx": (
        "virtio_net's shadow stands where it stood when it was remembered: nobody looks between the two"
    ),
    "virtio_packed_should_notify:1 drop me.owed = 0": (
        "the account of a general caller, which no C keeps: it notifies once more, as it may at any time"
    ),
    "moves_on:3 dev.used_idx -> dev.signalled_used": NOTIFIES_EACH,
    "virtqueue_packed_pop__addr:2 PackedQ.POP_LEN -> PackedQ.POP_ID": (
        "the id of a list's last descriptor instead of its first: Linux writes the same into each, and the standard "
        "has it in the last one; of a driver that lies any id is as good"
    ),
    "virtqueue_packed_get_avail_bytes__len:17 unasked flags & WRITE != 0": (
        "what the device may only read is counted, too: no receive buffer has any, and of a driver that lies and has, "
        "the pop finds out; what becomes of packets beside that one nobody asks"
    ),
    "virtqueue_get_buf_ctx_packed__more_used:1 unasked not stops_here(s, me, exhausted)": NEVER_USED_UP,
    "packed.entry_done:5 drop took_buf(s, me)": NEVER_USED_UP,
    "descriptor_done:1 1 -> 0": "where a buffer has one descriptor there is never a further one to go on to",
    "virtqueue_split_get_avail_bytes__desc:2 unasked flags & INDIRECT != 0": ALL_TABLES,
    "virtqueue_split_pop__desc:2 unasked me.pc == SplitQ.POP_DESC": NESTED,
    "packed.entry_done:6 unasked s.cfg.event_idx": "the driver writes DESC with the event index only",
    "packed.entry_done:7 drop me.goto(PackedL.GET_BUF_OFF_WRAP)": CALLBACKS_OFF,
    "packed.try_fill_recv:1 never s.vq.broken or full(s)": (
        "who adds asks behind each buffer whether one is free, and only a device that lies breaks the ring"
    ),
    "virtqueue_notify:1 drop line(s, me)": "the barrier of the decision has drained the stores, none since",
    "virtio_irq:2 drop line(s, me)": "the decision's barrier has drained the stores, and there is none since",
    "split.is_enough:2 >= -> >": "it counts on, and comes to the same answer",
    "packed.is_enough:2 >= -> >": "it counts on, and comes to the same answer",
    "vring_interrupt__event_triggered:1 drop s.vq.event_triggered = True": HINT,
    "virtnet_receive__refill:4 1 -> 0": "as with a budget of one less: it refills sooner, never later",
    "virtnet_open:1 L.IDLE -> L.TRY_FILL_RECV": (
        "only where wake-ups are free: the ring is filled twice, the second time with nothing"
    ),
    "virtqueue_add_desc_split__addr:1 unasked s.cfg.indirect": (
        "the memory that it does not make new is new: what was there was taken out with the buffer"
    ),
    "hrtimer_start:1 without locked(s, me, 'hrtimer_start__lock')": (
        "the exchange before it has drained the store buffer, and nothing was stored since"
    ),
    "whole_budget_used:5 drop me.goto(poll_over(s, me))": FORGETS_ITS_BUDGET,
    "whole_budget_used:8 drop me.call(L.NAPI_SCHEDULE, then=L.IDLE)": FORGETS_ITS_BUDGET,
    "missed_meanwhile:2 never s.napi.missed": (
        "MISSED is not needed: virtqueue_poll() alone finds what came meanwhile (proofs/hints.py)"
    ),
    "missed_meanwhile:1 without locked(s, me, 'napi_complete_done__lock')": (
        "the barrier in virtqueue_poll() drains the store buffer before the look that matters; docs/barriers.md says "
        "where it is needed (with a thread, under TSO)"
    ),
    "napi_watchdog:1 without locked(s, me, 'napi_watchdog__lock')": (
        "it hands the NAPI to a softirq of the same CPU, which sees its own stores"
    ),
    "napi_busy_loop:2 without locked(s, me, 'napi_busy_loop__lock')": ONE_CPU,
    "busy_poll_stop:1 without locked(s, me, 'busy_poll_stop__lock')": ONE_CPU,
    "busy_poll_stop:2 drop s.napi.missed = False": "MISSED then refuses a completion, and one more poll finds nothing",
    "busy_poll_stop__in_busy_poll:1 without locked(s, me, 'busy_poll_stop__in_busy_poll__lock')": ONE_CPU,
    "napi_busy_loop__again:1 drop me.goto(L.VIRTNET_POLL)": POLLS_ONCE,
    "napi_complete_done__timeout:4 never me.received": STAYS_ON,
    "napi_complete_done__timeout:6 drop timer.count = s.cfg.defer_hard_irqs": STAYS_ON,
    "napi_complete_done__timeout:7 never timer.count > 0": STAYS_ON,
    "napi_complete_done__timeout:7 0 -> 1": STAYS_ON,
    "napi_complete_done__timeout:9 drop start, callbacks = (True, False)": STAYS_ON,
    "napi_complete_done__timeout:13 always callbacks": STAYS_ON,
    "napi_complete_done__timeout:19 drop me.call(L.DISABLE_CB, then=poll_over(s, me))": IDLE_ALREADY,
    "napi_complete_done__timeout:20 L.DISABLE_CB -> L.VIRTQUEUE_POLL": STAYS_ON,
    "napi_complete_done__timeout:20 L.DISABLE_CB -> L.HRTIMER_START": STAYS_ON,
    "stops_here:1 unasked me.received": "as with a budget that is never used up",
    "split.entry_done:10 drop me.goto(SplitL.GET_BUF_EVENT)": CALLBACKS_OFF,
    "iov_from_buf__piece:2 <= -> <": "where the two are equal, either is the same number",
    "receive_header:6 == -> !=": "one step more, which finds no room behind the header and goes on to the next piece",
    "count_fails:2 drop me.in_bytes = 0": "a count that is enough has ended before, so what stands there is too little",
    "disabled_meanwhile:1 unasked s.cfg.general": "virtio_net gives up with the error: it fills nothing then",
    "kept:1 k + 1": "where elements are kept is the model's own: any place does that is each one's alone",
    "nothing_popped:6 always me.held > 0": "the first pop gets nothing only where the ring is broken already",
    "virtio_queue_split_empty:4 never dev.shadow_avail_idx != dev.last_avail_idx": A_LOAD_MORE,
    "virtqueue_split_pop__empty:4 unasked dev.shadow_avail_idx == dev.last_avail_idx": A_LOAD_MORE,
    "virtqueue_split_pop__empty:4 unasked vring_avail_idx(s, me) == dev.last_avail_idx": (
        "virtio_net has counted enough buffers before it pops, and the count has refreshed the shadow"
    ),
    "virtio_split_should_notify:9 unasked not valid": (
        "signalled_used is 0 at the start, which is right, and invalid at no other time: " + NOTIFIES_EACH
    ),
    "virtqueue_split_get_avail_bytes__desc:2 unasked me.pc == SplitQ.DESC_READ": NESTED,
    "virtqueue_split_get_avail_bytes__desc:2 0 -> 1": ALL_TABLES,
    "virtqueue_split_pop__desc:2 0 -> 1": ALL_TABLES,
    "virtqueue_split_pop__desc:21 always me.in_num != 0": (
        "a readable first descriptor ends in another error, for want of writable ones: the ring is broken all the same"
    ),
    "stops_here:2 drop me.exhausted = s.cfg.notify": FORGETS_ITS_BUDGET,
    "split.virtqueue_enable_cb_prepare:2 unasked s.vq.no_interrupt": CALLBACKS_OFF,
    "added:1 always s.vq.num_free > 0": (
        "one look more at the free list: try_fill_recv() finds nothing on it and goes on to the kick"
    ),
    "napi_schedule:1 == -> !=": (
        "the barrier of a wake-up, which a thread needs under TSO: proofs/barriers.py asks there, 76 steps"
    ),
    "virtnet_receive__refill:4 always refill_wanted(s, budget + 1)": "it refills sooner than Linux, never later",
    "got_buf:7 unasked s.cfg.mergeable": "L.GATHER is a point of merging buffers alone",
    "room_for_data:1 never s.cfg.segments == 1": READS_ALL,
    "room_for_data:1 1 -> 2": READS_ALL,
    "room_for_data:3 unasked s.cfg.mergeable": "a buffer's data begin in its first piece only where lists merge",
    "napi_enable:1 without locked(s, me, 'napi_enable__lock')": MASKED,
    "napi_schedule_prep:1 without locked(s, me, 'napi_schedule_prep__lock')": MASKED,
}
"""The name of a mutant, as `vrx mutants --list` has it, and the reason."""
