"""Who polls beside the softirq: a task in a loop, a timer instead of interrupts, who sends through netpoll.

Each takes the NAPI in its own way: a task and the timer with callbacks on (they
are why `virtnet_poll()` disables them), netpoll without SCHED.  Linux's own code
loses an interrupt in two of these systems: `napi_complete_done()` returns false
when the NAPI is another CPU's already, and `virtqueue_napi_complete()` then
disables callbacks for whoever has gone to sleep (docs/deviations.md).
"""

from __future__ import annotations

from vrx.models.claims import Claim, Cover, Safety, Tier, claims_of, covers, fails, lasting, reached
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.driver import leaves_no_missed, receives_with_callbacks_on
from vrx.proofs.running import main_for
from vrx.spec.layouts.split.contexts import SplitSoftirq
from vrx.spec.layouts.split.driver import virtqueue_add_split__idx, virtqueue_add_split__ring
from vrx.spec.layouts.split.driver_used import virtqueue_disable_cb_split
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.busy_poll import napi_busy_loop
from vrx.spec.linux.returns import ring_filled
from vrx.spec.linux.state import BusyPoller, GuestContext, HardIrq, L, NetPoller, NetRx, Softirq
from vrx.spec.liveness import LIVENESS
from vrx.spec.memory import locked
from vrx.spec.properties import (
    NAPI,
    REFILL,
    SPINE,
    interrupts_suppressed_while_polling,
    napi_has_one_owner,
    no_lost_interrupt,
    single_owner,
)

SMALL: dict[str, object] = {"idx_bits": 2, "max_packet": 1}
TASK = rx(busy_poll="same", **SMALL)
TIMER = rx(gro_flush_timeout=True, **SMALL)
DEFER = rx(gro_flush_timeout=True, defer_hard_irqs=1, **SMALL)
DEFER_TWICE = rx(gro_flush_timeout=True, defer_hard_irqs=2, **SMALL)
TASK_DEFERRED = rx(busy_poll="same", gro_flush_timeout=True, defer_hard_irqs=1, **SMALL)
CONSOLE = rx(netpoll="same", size=2, max_packet=1)
"""On a ring of 1 a poll leaves nothing to refill."""
TWO_CPUS_CONSOLE = rx(netpoll="other", memory="tso", size=2, max_packet=1)
OPENED = rx(opens="task", **SMALL)
"""virtnet_open() in process context, as in the C."""
TASK_ELSEWHERE = rx(busy_poll="other", **SMALL)
THREAD_AND_TASK = rx(irq="other", busy_poll="other", **SMALL)
"""Threaded NAPI on CPU 0, and a task on CPU 1 that polls."""
TASK_AND_DEFER = rx(busy_poll="other", gro_flush_timeout=True, defer_hard_irqs=1, **SMALL)
"""Interrupts on CPU 0, a task on CPU 1 that polls, and interrupts put off."""
HANDED_OVER = rx(irq="any", gro_flush_timeout=True, defer_hard_irqs=1, **SMALL)
"""The interrupt may move to another CPU, and is put off."""
HOLD: tuple[tuple[Tier, System], ...] = (
    ("quick", TASK),
    ("full", DEFER),
    ("full", CONSOLE),
    ("full", TIMER),
    ("full", DEFER_TWICE),
    ("full", rx(irq="other", gro_flush_timeout=True, defer_hard_irqs=1, **SMALL)),
    ("full", TASK_DEFERRED),
    ("full", TASK_ELSEWHERE),
    ("full", OPENED),
    ("full", rx(opens="task", irq="other", **SMALL)),
    ("full", rx(busy_poll="same", event_idx=True, **SMALL)),
    ("full", rx(gro_flush_timeout=True, defer_hard_irqs=1, event_idx=True, **SMALL)),
    ("full", rx(busy_poll="same", memory="tso", **SMALL)),
    ("full", rx(gro_flush_timeout=True, defer_hard_irqs=1, memory="tso", **SMALL)),
    ("full", TWO_CPUS_CONSOLE),
    ("full", rx(netpoll="same", event_idx=True, size=2, max_packet=1)),
)
"""Where everything holds that is asked of every receive system."""


def ignores_sched(s: SplitState, me: BusyPoller) -> None:
    """A task takes the NAPI whoever owns it."""
    s.napi.sched = False
    napi_busy_loop(s, me)


def gives_up_in_the_loop(s: SplitState, me: Softirq) -> None:
    """napi_complete_done() does not look whether somebody polls in a loop."""
    me.goto(L.NAPI_COMPLETE_DONE)


def polls_no_more(s: SplitState, me: BusyPoller) -> None:
    """The task gives SCHED up without the last poll, callbacks off."""
    locked(s, me, "busy_poll_stop__in_busy_poll__lock")
    me.in_busy_poll = False
    s.napi.sched = False
    me.goto(L.IDLE)


def forgets_the_timer(s: SplitState, me: Softirq) -> None:
    """Interrupts are put off and no timer is started."""
    me.ret()


def fires_whoever_polls(s: SplitState, me: HardIrq) -> None:
    """The timer does not ask for SCHED before it puts the NAPI on its list."""
    s.napi.sched = True
    me.call(L.NAPI_SCHEDULE, then=L.IDLE)


def takes_no_lock(s: SplitState, me: NetRx) -> None:
    """A softirq polls although a sender may poll, too."""
    me.goto(L.VIRTNET_POLL)


def polls_too_early(s: SplitState, me: NetPoller) -> None:
    """A sender polls before the NAPI is enabled."""
    locked(s, me, "poll_one_napi__lock")
    me.npsvc = True
    me.goto(L.NETPOLL_REFILL)


def adds_if_free(s: SplitState, me: SplitSoftirq) -> None:
    """virtqueue_add_split() asks once more whether a descriptor is free: nobody else knows of another one who adds."""
    if s.vq.num_free == 0:
        ring_filled(s, me)
    else:
        virtqueue_add_split__ring(s, me)


def counts_what_fits(s: SplitState, me: Softirq) -> None:
    """num_added goes no further than its range, which two who add would leave."""
    virtqueue_add_split__idx(s, me)
    if s.vq.num_added > s.cfg.size:
        s.vq.num_added = s.cfg.size


def completes_with_its_budget(s: SplitState, me: Softirq) -> None:
    """A poll that has used its whole budget completes the NAPI as any other does."""
    me.goto(L.ENABLE_CB_PREPARE)


def leaves_callbacks_on(s: SplitState, me: GuestContext) -> None:
    """virtqueue_napi_complete() disables no callbacks where napi_complete_done() returned false."""
    if me.ret0 == L.MORE_USED or me.ret0 == L.NAPI_SCHEDULE:
        virtqueue_disable_cb_split(s, me)
    else:
        me.ret()


TWO_ADD, TWO_ADD_TO_4 = (
    rx(netpoll="other", size=size, max_packet=1).replace(
        {"virtqueue_add_split__ring": adds_if_free, "virtqueue_add_split__idx": counts_what_fits}
    )
    for size in (2, 4)
)
"""Two may add at once and neither leaves the ranges of the model, which would hide what is asked."""
MENDED = (("thread-and-task", THREAD_AND_TASK), ("task-and-deferral", TASK_AND_DEFER))
"""Where Linux loses an interrupt, and does not without the late disable."""
LATE = "virtqueue_napi_complete() disables callbacks after SCHED was given up, or another CPU was told to poll"


CLAIMS: list[Claim] = [
    *(c for tier, system in HOLD for c in claims_of(system, *SPINE, *NAPI, *REFILL, tier=tier)),
    *lasting(TASK, *LIVENESS, tier="full"),
    *lasting(DEFER, *LIVENESS, tier="full"),
    fails("thread-and-task-lose-an-interrupt", THREAD_AND_TASK, no_lost_interrupt, LATE, 55),
    fails(
        "thread-and-task-lose-an-interrupt-with-the-event-index",
        rx(irq="other", busy_poll="other", event_idx=True, **SMALL),
        no_lost_interrupt,
        LATE,
        68,
    ),
    fails("task-and-deferral-lose-an-interrupt", TASK_AND_DEFER, no_lost_interrupt, LATE, 75),
    fails("handover-and-deferral-lose-an-interrupt", HANDED_OVER, no_lost_interrupt, LATE, 68),
    *(
        Safety(
            f"{name}-without-the-late-disable-{p.name}",
            system.replace("virtqueue_disable_cb_split", leaves_callbacks_on),
            p,
            "proved",
            tier="full",
            note="what mends it: virtnet_poll() disables callbacks anyway",
        )
        for name, system in MENDED
        for p in (*SPINE, *NAPI, *REFILL)
    ),
    fails(
        "timer-needs-virtnet_poll-to-disable",
        TIMER.replace("virtnet_poll", receives_with_callbacks_on),
        interrupts_suppressed_while_polling,
        "the timer takes SCHED and disables no callbacks; of a task that polls the same is in the museum",
    ),
    *(
        Safety(
            f"softirq-alone-does-not-need-virtnet_poll-to-disable-{p.name}",
            rx(**SMALL).replace("virtnet_poll", receives_with_callbacks_on),
            p,
            "proved",
            tier="full",
            note="whoever schedules a softirq has disabled callbacks",
        )
        for p in SPINE
    ),
    fails(
        "busy-poll-ignores-sched",
        TASK.replace("napi_busy_loop", ignores_sched),
        napi_has_one_owner,
        "two poll at once",
        tier="quick",
    ),
    fails(
        "busy-poll-is-completed",
        TASK.replace("napi_complete_done__kept", gives_up_in_the_loop),
        napi_has_one_owner,
        "the task polls on without SCHED",
    ),
    fails(
        "busy-poll-without-a-last-poll",
        TASK.replace("busy_poll_stop__in_busy_poll", polls_no_more),
        no_lost_interrupt,
        "callbacks stay off",
    ),
    *(
        Safety(
            f"busy-poll-does-not-need-missed-{p.name}",
            TASK.replace("napi_schedule_prep", leaves_no_missed),
            p,
            "proved",
            tier="full",
            note="the last poll and virtqueue_poll() find what came meanwhile",
        )
        for p in SPINE
    ),
    fails(
        "deferral-without-a-timer", DEFER.replace("hrtimer_start", forgets_the_timer), no_lost_interrupt, "nobody polls"
    ),
    fails(
        "timer-ignores-sched",
        DEFER.replace("napi_watchdog", fires_whoever_polls),
        napi_has_one_owner,
        "two poll at once",
    ),
    fails(
        "netpoll-without-poll_owner",
        TWO_ADD.replace("netpoll_poll_lock", takes_no_lock),
        single_owner,
        "two refill at once",
    ),
    fails(
        "netpoll-before-napi_enable",
        TWO_ADD_TO_4.replace("poll_one_napi", polls_too_early),
        single_owner,
        "two refill at once; on a ring of 2 the entry that is never written is 0, which is right by chance",
    ),
    fails(
        "completes-with-its-budget",
        rx(**SMALL).replace("virtnet_poll__done", completes_with_its_budget),
        napi_has_one_owner,
        "NAPI polls again who returns the budget, and he has given SCHED up",
    ),
    Cover(
        "netpoll-never-meets-a-completion",
        CONSOLE,
        reached("netpoll keeps SCHED"),
        "proved",
        tier="full",
        note="poll_owner keeps them apart, and virtnet_poll() completes nothing with a budget of 0",
    ),
    *covers(
        TASK,
        "a task takes the NAPI",
        "busy polling keeps SCHED",
        "the last busy poll uses its budget",
        tier="quick",
    ),
    *covers(DEFER, "interrupts are put off", "the timer takes the NAPI"),
    *covers(CONSOLE, "netpoll refills", "netpoll comes too early"),
    *covers(OPENED, "a poll comes into virtnet_open()"),
]

if __name__ == "__main__":
    main_for(CLAIMS)
