"""Mutants that no standard question sees, and why that is right: `vrx mutants` counts them as explained.

An explanation says why the fault changes nothing that anybody could mind.  Where a
question is missing, the question is to be written, and nothing stands here.  An
explanation of a mutant that does not exist, or that is killed, is an error.
"""

from __future__ import annotations

HEADER_IS_SHORTER = "with one descriptor a buffer has room behind its header (`Config` sees to it), so the two differ"

STAYS_ON = "interrupts are not put off then, or not as long: a setting without effect, and nothing that is lost"
FORGETS_ITS_BUDGET = (
    "it stands where it stood and, its budget forgotten, completes as any other poll: the look that follows finds what "
    "is left"
)
POLLS_ONCE = "the task polls once, or stops sooner, which it may at any time"
ONE_CPU = "the task is on the CPU of the softirq: what the lock orders is looked at by the same CPU"
IDLE_ALREADY = "nobody has called it: where it would return to is idle already"

EXPLAINED: dict[str, str] = {
    "receive_header:5 unasked s.cfg.segments > 1": HEADER_IS_SHORTER,
    "receive_header:5 1 -> 0": HEADER_IS_SHORTER,
    "napi_enable:1 without locked(s, me, 'napi_enable__lock')": (
        "masked by the barriers that follow before anybody could mind: docs/barriers.md"
    ),
    "hrtimer_start:1 without locked(s, me, 'hrtimer_start__lock')": (
        "the exchange before it has drained the store buffer, and nothing was stored since"
    ),
    "whole_budget_used:5 drop me.goto(poll_over(s, me))": FORGETS_ITS_BUDGET,
    "whole_budget_used:8 drop me.call(L.NAPI_SCHEDULE, then=L.IDLE)": FORGETS_ITS_BUDGET,
    "napi_busy_loop:5 drop me.in_busy_poll = True": POLLS_ONCE,
    "missed_meanwhile:2 never s.napi.missed": (
        "MISSED is not needed: virtqueue_poll() alone finds what came meanwhile (proofs/hints.py)"
    ),
    "missed_meanwhile:1 without locked(s, me, 'napi_complete_done__lock')": (
        "the barrier in virtqueue_poll() drains the store buffer before the look that matters; docs/barriers.md says "
        "where it is needed (with a thread, under TSO)"
    ),
    "napi_watchdog:3 without locked(s, me, 'napi_watchdog__lock')": (
        "it hands the NAPI to a softirq of the same CPU, which sees its own stores"
    ),
    "napi_busy_loop:2 without locked(s, me, 'napi_busy_loop__lock')": ONE_CPU,
    "busy_poll_stop:1 without locked(s, me, 'busy_poll_stop__lock')": ONE_CPU,
    "busy_poll_stop:2 drop s.napi.missed = False": "MISSED then refuses a completion, and one more poll finds nothing",
    "busy_poll_stop__in_busy_poll:1 without locked(s, me, 'busy_poll_stop__in_busy_poll__lock')": ONE_CPU,
    "napi_busy_loop__again:1 drop me.goto(L.VIRTNET_POLL)": POLLS_ONCE,
    "napi_complete_done__timeout:7 never me.received": STAYS_ON,
    "napi_complete_done__timeout:9 drop timer.count = s.cfg.defer_hard_irqs": STAYS_ON,
    "napi_complete_done__timeout:10 never timer.count > 0": STAYS_ON,
    "napi_complete_done__timeout:10 0 -> 1": STAYS_ON,
    "napi_complete_done__timeout:12 drop start, callbacks = (True, False)": STAYS_ON,
    "napi_complete_done__timeout:16 always callbacks": STAYS_ON,
    "napi_complete_done__timeout:22 drop me.call(L.DISABLE_CB, then=poll_over(s, me))": IDLE_ALREADY,
    "napi_complete_done__timeout:23 L.DISABLE_CB -> L.VIRTQUEUE_POLL": STAYS_ON,
    "napi_complete_done__timeout:23 L.DISABLE_CB -> L.HRTIMER_START": STAYS_ON,
}
"""The name of a mutant, as `vrx mutants --list` has it, and the reason."""
