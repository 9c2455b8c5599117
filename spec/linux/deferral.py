"""net/core/dev.c: a NAPI with a timer, which polls again instead of an interrupt.

With `gro_flush_timeout` a poll that holds packets back for merging starts the
timer; with `napi_defer_hard_irqs` so does one that has taken buffers, and leaves
interrupts off.  SCHED is given up before the timer is started and before
callbacks are disabled.
"""

from __future__ import annotations

from vrx.spec.linux.napi import missed_meanwhile, poll_over
from vrx.spec.linux.state import HardIrq, L, Softirq
from vrx.spec.memory import locked, over
from vrx.spec.rx import State
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import GRO_FLUSH_TIMEOUT

deferral = Machine("net/core/dev.c")


@deferral.step(at=L.NAPI_COMPLETE_DONE, only=GRO_FLUSH_TIMEOUT, held=2)
def napi_complete_done__timeout(s: State, me: Softirq, held: int) -> None:
    """Give SCHED up; start the timer where packets are held back, or where interrupts are put off.

    held: is any packet held back for merging (gro_bitmask)?  It matters where the poll has taken a buffer.

    C: napi_complete_done(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    timer = s.deferral
    assert timer is not None
    start, callbacks = False, True
    if me.received:
        start = held == 1
        timer.count = s.cfg.defer_hard_irqs
    if timer.count > 0:
        timer.count = timer.count - 1
        start, callbacks = True, False
    me.received = False
    if missed_meanwhile(s, me):
        return
    if callbacks:
        me.goto(L.VIRTQUEUE_POLL)
        after = L.VIRTQUEUE_POLL
    else:
        mark(s, "interrupts are put off")
        over(s, me, "opaque")
        me.call(L.DISABLE_CB, then=poll_over(s, me))
        after = L.DISABLE_CB
    if start:
        me.call(L.HRTIMER_START, then=after)


@deferral.step(at=L.HRTIMER_START, only=GRO_FLUSH_TIMEOUT)
def hrtimer_start(s: State, me: Softirq) -> None:
    """Start the timer, on this CPU; where it was started already, it is started anew.

    C: napi_complete_done(), net/core/dev.c; hrtimer_start(), kernel/time/hrtimer.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    locked(s, me, "hrtimer_start__lock")
    assert s.deferral is not None
    s.deferral.timer = me.cpu + 1
    me.ret()


@deferral.step(at=L.IDLE, only=GRO_FLUSH_TIMEOUT)
def hrtimer_interrupt(s: State, me: HardIrq) -> None:
    """The timer fires: from then on it is off, and may be started anew, also by another CPU.

    C: hrtimer_interrupt(), __run_hrtimer(), kernel/time/hrtimer.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    assert s.deferral is not None
    require(s.deferral.timer == me.cpu + 1)
    locked(s, me, "hrtimer_interrupt__lock")
    s.deferral.timer = 0
    me.goto(L.NAPI_WATCHDOG)


@deferral.step(at=L.NAPI_WATCHDOG, only=GRO_FLUSH_TIMEOUT)
def napi_watchdog(s: State, me: HardIrq) -> None:
    """Schedule the NAPI unless somebody owns it, callbacks left as they are.

    C: napi_watchdog(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    locked(s, me, "napi_watchdog__lock")
    if s.napi.sched:
        me.goto(L.IDLE)
    else:
        mark(s, "the timer takes the NAPI")
        s.napi.sched = True
        me.call(L.NAPI_SCHEDULE, then=L.IDLE)
