"""net/core/dev.c: a task that waits for packets polls for them itself.

It takes SCHED as the softirq's scheduler does, but with callbacks on: only
`virtnet_poll()` turns them off.  While it is in its loop `napi_complete_done()`
keeps SCHED; the last poll, after the loop, is one that may complete.
"""

from __future__ import annotations

from vrx.spec.linux.state import BusyPoller, L
from vrx.spec.memory import locked
from vrx.spec.rx import State
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import BUSY_POLLS

busy_poll = Machine("net/core/dev.c")


@busy_poll.step(at=L.IDLE, environment=True, only=BUSY_POLLS)
def napi_busy_loop(s: State, me: BusyPoller) -> None:
    """A task takes the NAPI if nobody owns it; where somebody does, it changes nothing.

    C: napi_busy_loop(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    require(not s.napi.sched)
    locked(s, me, "napi_busy_loop__lock")
    mark(s, "a task takes the NAPI")
    s.napi.sched = True
    me.in_busy_poll = True
    me.goto(L.VIRTNET_POLL)


@busy_poll.step(at=L.BUSY_POLLED, environment=True, only=BUSY_POLLS)
def napi_busy_loop__again(s: State, me: BusyPoller) -> None:
    """The task has time left: it polls once more, and may for ever.

    C: napi_busy_loop(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    me.goto(L.VIRTNET_POLL)


@busy_poll.step(at=L.BUSY_POLLED, only=BUSY_POLLS)
def busy_poll_stop(s: State, me: BusyPoller) -> None:
    """The task stops: who left MISSED meanwhile is forgotten, as one more poll follows.

    C: napi_busy_loop(), busy_poll_stop(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    locked(s, me, "busy_poll_stop__lock")
    s.napi.missed = False
    me.goto(L.BUSY_STOP)


@busy_poll.step(at=L.BUSY_STOP, only=BUSY_POLLS)
def busy_poll_stop__in_busy_poll(s: State, me: BusyPoller) -> None:
    """The poll that follows may complete the NAPI.

    C: busy_poll_stop(), net/core/dev.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    locked(s, me, "busy_poll_stop__in_busy_poll__lock")
    me.in_busy_poll = False
    me.goto(L.VIRTNET_POLL)
