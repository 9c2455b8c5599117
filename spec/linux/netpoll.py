"""net/core/netpoll.c: who sends through netpoll polls meanwhile, with interrupts off and a budget of 0.

virtnet_poll() then takes no buffer, disables no callbacks and completes nothing;
but it refills as soon as a descriptor is free, and whoever owns the NAPI does
not know of it.  What keeps both apart is `poll_owner`.
"""

from __future__ import annotations

from vrx.spec.linux.state import L, NetPoller, NetRx
from vrx.spec.linux.virtio_net import refill_wanted
from vrx.spec.memory import locked
from vrx.spec.rx import State
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import NETPOLLS

netpoll = Machine("net/core/netpoll.c")


@netpoll.step(at=L.IDLE, environment=True, only=NETPOLLS)
def poll_napi(s: State, me: NetPoller) -> None:
    """A sender takes poll_owner; where somebody else has it, it changes nothing.

    C: netpoll_poll_dev(), poll_napi(), net/core/netpoll.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    require(not me.poll_owner)
    locked(s, me, "poll_napi__lock")
    me.poll_owner = True
    me.goto(L.NETPOLL_NPSVC)


@netpoll.step(at=L.NETPOLL_NPSVC, only=NETPOLLS)
def poll_one_napi(s: State, me: NetPoller) -> None:
    """It sets NPSVC and polls; where NPSVC is set already, nobody may poll yet.

    C: poll_one_napi(), net/core/netpoll.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    locked(s, me, "poll_one_napi__lock")
    if me.npsvc:
        mark(s, "netpoll comes too early")
        me.goto(L.NETPOLL_RELEASE)
    else:
        me.npsvc = True
        me.goto(L.NETPOLL_REFILL)


@netpoll.step(at=L.NETPOLL_REFILL, only=NETPOLLS)
def virtnet_poll__no_budget(s: State, me: NetPoller) -> None:
    """A poll with a budget of 0: callbacks stay as they are, no buffer is taken, the ring is filled up.

    C: virtnet_poll(), virtnet_receive(), drivers/net/virtio_net.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.3 (Setting Up Receive Buffers)
    """
    if refill_wanted(s, 0):
        mark(s, "netpoll refills")
        me.call(L.TRY_FILL_RECV, then=L.NETPOLL_DONE)
    else:
        me.goto(L.NETPOLL_DONE)


@netpoll.step(at=L.NETPOLL_DONE, only=NETPOLLS)
def poll_one_napi__clear(s: State, me: NetPoller) -> None:
    """The poll is over: NPSVC is cleared.

    C: poll_one_napi(), net/core/netpoll.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    locked(s, me, "poll_one_napi__clear__lock")
    me.npsvc = False
    me.goto(L.NETPOLL_RELEASE)


@netpoll.step(at=L.NETPOLL_RELEASE, only=NETPOLLS)
def poll_napi__release(s: State, me: NetPoller) -> None:
    """Others may poll.

    C: poll_napi(), net/core/netpoll.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    me.poll_owner = False
    me.goto(L.IDLE)


@netpoll.step(at=L.NETPOLL_LOCK, only=NETPOLLS)
def netpoll_poll_lock(s: State, me: NetRx) -> None:
    """Before it polls, the softirq waits until nobody else does, and takes poll_owner.

    C: napi_poll(), net/core/dev.c; netpoll_poll_lock(), include/linux/netpoll.h, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    for sender in s.netpoll:
        require(not sender.poll_owner)
        locked(s, me, "netpoll_poll_lock__lock")
        sender.poll_owner = True
    me.goto(L.VIRTNET_POLL)


@netpoll.step(at=L.NETPOLL_UNLOCK, only=NETPOLLS)
def netpoll_poll_unlock(s: State, me: NetRx) -> None:
    """The softirq has polled: others may.

    C: napi_poll(), net/core/dev.c; netpoll_poll_unlock(), include/linux/netpoll.h, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4 (Processing of Incoming Packets)
    """
    for sender in s.netpoll:
        sender.poll_owner = False
    me.goto(L.IDLE)
