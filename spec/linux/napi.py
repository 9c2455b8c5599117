"""net/core/dev.c: who polls, and who may stop polling."""

from __future__ import annotations

from vrx.spec.linux.state import BusyPoller, GuestContext, HardIrq, L, NetRx, Softirq
from vrx.spec.memory import locked, over
from vrx.spec.rx import State, takes_interrupts
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import GRO_FLUSH_TIMEOUT, NOTIFY, OTHERS_POLL

napi = Machine("net/core/dev.c")


@napi.step(at=L.IDLE, only=NOTIFY)
def interrupt_delivered(s: State, me: HardIrq) -> None:
    """The pending interrupt reaches a CPU.

    C: none: MSI-X delivery; arch/x86/kernel/irq.c common_interrupt(), Linux 6.1
    Spec: VIRTIO 1.4, 2.3 (Notifications)
    """
    require(s.lines.irq)
    require(takes_interrupts(s.cfg, me.cpu))
    s.lines.irq = False
    me.goto(L.VRING_INTERRUPT)


@napi.step(at=L.OPEN_NAPI_ENABLE, only=NOTIFY)
def napi_enable(s: State, me: Softirq) -> None:
    """Give the NAPI free for scheduling for the first time.

    C: napi_enable(), net/core/dev.c; virtnet_napi_enable(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    locked(s, me, "napi_enable__lock")
    s.napi.sched = False
    for sender in s.netpoll:
        sender.npsvc = False
    me.goto(L.OPEN_NAPI_SCHEDULE)


@napi.step(at=L.NAPI_SCHEDULE_PREP, only=NOTIFY)
def napi_schedule_prep(s: State, me: GuestContext) -> None:
    """Win SCHED, or leave MISSED for the one who has it.

    C: napi_schedule_prep(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    locked(s, me, "napi_schedule_prep__lock")
    if s.napi.sched:
        mark(s, "MISSED is set")
        s.napi.missed = True
        me.ret()
    else:
        s.napi.sched = True
        me.call(L.DISABLE_CB, then=L.NAPI_SCHEDULE)


@napi.step(at=L.NAPI_SCHEDULE, only=NOTIFY)
def napi_schedule(s: State, me: GuestContext) -> None:
    """Put the NAPI on the poll list of this CPU and raise NET_RX_SOFTIRQ; or wake its thread on another CPU.

    Waking is a full barrier.  Without it the store that disabled callbacks could
    become visible after the thread has enabled them again.

    C: __napi_schedule(), ____napi_schedule(), net/core/dev.c; try_to_wake_up(), kernel/sched/core.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    if s.cfg.irq == "other":
        locked(s, me, "wake_up_process__lock")
    put_on_poll_list(s, me)
    me.ret()


@napi.helper
def put_on_poll_list(s: State, me: GuestContext) -> None:
    """A NAPI is polled on the CPU that scheduled it; a threaded one (irq=other) by its thread, here on CPU 0."""
    s.napi.poll_list = 1 if s.cfg.irq == "other" else me.cpu + 1


@napi.step(at=L.IDLE, only=NOTIFY)
def net_rx_action(s: State, me: NetRx) -> None:
    """The softirq takes the NAPI off its list and polls it.

    C: net_rx_action(), napi_poll(), __napi_poll(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    require(s.napi.poll_list == me.cpu + 1)
    for one in s.opener:
        mark(s, "a poll comes into virtnet_open()", when=one.pc != L.IDLE)
    s.napi.poll_list = 0
    me.goto(L.NETPOLL_LOCK if s.cfg.netpolls else L.VIRTNET_POLL)


@napi.step(at=L.IDLE, only=~NOTIFY)
def net_rx_action__any_time(s: State, me: NetRx) -> None:
    """Where there are no notifications, a poll may begin at any time.

    C: net_rx_action(), napi_poll(), __napi_poll(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    me.goto(L.MORE_USED)


@napi.helper
def poll_over(s: State, me: Softirq) -> L:
    """Where virtnet_poll() returns to: a task to its loop, if it is in one; a softirq lets netpoll in again.

    C: napi_poll(), napi_busy_loop(), busy_poll_stop(), net/core/dev.c, Linux 6.1
    """
    if isinstance(me, BusyPoller) and me.in_busy_poll:
        return L.BUSY_POLLED
    return L.NETPOLL_UNLOCK if s.cfg.netpolls else L.IDLE


@napi.helper
def whole_budget_used(s: State, me: Softirq) -> None:
    """virtnet_poll() returns its budget and has not completed the NAPI: whoever called it still owns it.

    C: napi_poll(), napi_busy_loop(), __busy_poll_stop(), net/core/dev.c, Linux 6.1
    """
    if not isinstance(me, BusyPoller):
        s.napi.poll_list = me.cpu + 1
        me.goto(poll_over(s, me))
    elif me.in_busy_poll:
        me.goto(poll_over(s, me))
    else:
        mark(s, "the last busy poll uses its budget")
        me.call(L.NAPI_SCHEDULE, then=L.IDLE)


@napi.helper
def kept_by_another(s: State, me: Softirq) -> bool:
    """Somebody polls in a loop, or with a budget of 0, as one look at the flags says.

    C: napi_complete_done(), net/core/dev.c, Linux 6.1
    """
    if any(task.in_busy_poll for task in s.busy):
        mark(s, "busy polling keeps SCHED")
    elif any(sender.npsvc for sender in s.netpoll):
        mark(s, "netpoll keeps SCHED")
    else:
        return False
    return True


@napi.helper
def missed_meanwhile(s: State, me: Softirq) -> bool:
    """The locked exchange of napi_complete_done(): SCHED is given up, unless MISSED is set: then schedule again.

    C: napi_complete_done(), net/core/dev.c, Linux 6.1
    """
    locked(s, me, "napi_complete_done__lock")
    if s.napi.missed:
        s.napi.missed = False
        mark(s, "MISSED refuses a completion")
        over(s, me, "opaque")
        me.call(L.DISABLE_CB, then=poll_over(s, me))
        if isinstance(me, BusyPoller):
            me.call(L.NAPI_SCHEDULE, then=L.DISABLE_CB)
        else:  # on its own list, which nobody else looks at
            put_on_poll_list(s, me)
        return True
    s.napi.sched = False
    return False


@napi.step(at=L.NAPI_COMPLETE_DONE, only=NOTIFY & ~GRO_FLUSH_TIMEOUT)
def napi_complete_done(s: State, me: Softirq) -> None:
    """Give SCHED up, unless somebody left MISSED: then schedule again and refuse.

    C: napi_complete_done(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    if not missed_meanwhile(s, me):
        me.goto(L.ENABLE_CB_PREPARE if s.cfg.delayed else L.VIRTQUEUE_POLL)


@napi.step(at=L.KEPT_BY_ANOTHER, only=OTHERS_POLL)
def napi_complete_done__kept(s: State, me: Softirq) -> None:
    """Where somebody else polls, SCHED stays, and napi_complete_done() returns false at once.

    C: napi_complete_done(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    if kept_by_another(s, me):
        if s.cfg.gro_flush_timeout:
            me.received = False
        over(s, me, "opaque")
        me.call(L.DISABLE_CB, then=poll_over(s, me))
    else:
        me.goto(L.NAPI_COMPLETE_DONE)
