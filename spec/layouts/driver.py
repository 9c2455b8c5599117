"""drivers/virtio/virtio_ring.c: what the C has once for the driver's half of a split and of a packed virtqueue.

Linux 6.1.  The steps here belong to the machine of each layout, which names them where they come in its order of steps;
the helpers are called by the steps of both.  A point that a layout has for itself is handed to them.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.state import DescriptorState
from vrx.spec.linux.returns import interrupted, more_work, not_interrupted, receive_over
from vrx.spec.linux.state import DriverPoint, HardIrq, L, Softirq
from vrx.spec.memory import Barrier, line, over
from vrx.spec.rx import TO_DRIVER, goes_on, lied
from vrx.spec.steps import Machine, mark

both = Machine("drivers/virtio/virtio_ring.c")
"""The helpers.  No steps."""

POLL_MB = Barrier("virtqueue_poll__mb", "mb", "virtqueue_poll()")
DELAYED_MB = Barrier("virtqueue_enable_cb_delayed__mb", "mb", "virtqueue_enable_cb_delayed()")


def delayed_barriers(cfg: Any) -> tuple[Barrier, ...]:
    """The barrier of virtqueue_enable_cb_delayed(), where the driver calls that."""
    return (DELAYED_MB,) if cfg.delayed else ()


@both.helper
def ignores_or_calls(s: DescriptorState, me: HardIrq, nothing: bool, triggered: DriverPoint) -> None:
    """vring_interrupt() goes on where something is used and the ring is not broken.

    nothing: more_used() said no; triggered: the point of `vring_interrupt__event_triggered`
    """
    if nothing:
        not_interrupted(s, me)
    elif s.vq.broken:
        not_interrupted(s, me)
    else:
        goes_on(s, s.vq.broken)
        if s.cfg.event_idx:
            me.goto(triggered)
        else:
            interrupted(s, me)


def vring_interrupt__event_triggered(s: DescriptorState, me: HardIrq) -> None:
    """Note, as a hint, that the event was passed.

    C: vring_interrupt(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.3 (Notifications)
    """
    s.vq.event_triggered = True
    interrupted(s, me)


@both.helper
def takes_or_ends(s: DescriptorState, me: Softirq, found: bool, read: DriverPoint) -> None:
    """virtnet_receive() takes the used buffer that it found, or ends.  read: where its id is read"""
    if found:
        goes_on(s, s.vq.broken)
        me.goto(read)
    else:
        receive_over(s, me)


@both.helper
def refuse_id(s: DescriptorState, me: Softirq) -> bool:
    """BAD_RING: an id that no descriptor has, or one that is no head in use, breaks the ring.

    C: virtqueue_get_buf_ctx_split(), virtqueue_get_buf_ctx_packed(), drivers/virtio/virtio_ring.c, Linux 6.1
    """
    lied(s, TO_DRIVER, me.head >= s.cfg.size)
    if me.head >= s.cfg.size:
        mark(s, "a used id is out of range")
    elif not s.vq.token[me.head]:
        lied(s, TO_DRIVER, True)
        mark(s, "a used id is no head")
    else:
        lied(s, TO_DRIVER, not s.vq.token[me.head])
        return False
    mark(s, "driver breaks the ring")
    s.vq.broken = True
    return True


@both.helper
def kick_if(s: DescriptorState, me: Softirq, wanted: bool) -> None:
    """virtqueue_kick_prepare() returns whether the device wants to hear of the new buffers."""
    if wanted:
        me.goto(L.NOTIFY)
    else:
        mark(s, "no kick wanted")
        me.ret()


def virtqueue_notify(s: DescriptorState, me: Softirq) -> None:
    """Kick the device, unless the ring is broken.

    C: virtqueue_notify(), drivers/virtio/virtio_ring.c; vp_notify(), drivers/virtio/virtio_pci_common.c, Linux 6.1
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    line(s, me)
    if not s.vq.broken:
        goes_on(s, s.vq.broken)
        s.lines.kick = True
    me.ret()


@both.helper
def looked_again(s: DescriptorState, me: Softirq, found: bool) -> None:
    """virtqueue_poll() returns what it found."""
    over(s, me, "opaque")
    if found:
        goes_on(s, s.vq.broken)
    more_work(s, me, found)
