"""net/core/dev.c, Linux 6.1, and what drivers/net/virtio_net.c puts around it, in sequence."""

from __future__ import annotations

from vrx.spec.reference.rings import DriverRing
from vrx.spec.rx import State
from vrx.spec.steps import mark


def napi_schedule_prep(s: State) -> bool:
    """Win SCHED, or leave MISSED for the one who has it."""
    if s.napi.sched:
        mark(s, "MISSED is set")
        s.napi.missed = True
        return False
    s.napi.sched = True
    return True


def napi_schedule(s: State, cpu: int) -> None:
    """__napi_schedule(): onto the poll list of this CPU; a threaded NAPI (irq=other) is polled on CPU 0."""
    s.napi.poll_list = 1 if s.cfg.irq == "other" else cpu + 1


def napi_complete_done(s: State, cpu: int, work: bool, held: bool = False) -> bool:
    """Give SCHED up, unless somebody left MISSED: then schedule again and refuse.

    With a timer interrupts may be put off (false, and the timer will poll); of who polls in a loop SCHED stays.
    work: the poll has taken a buffer; held: packets are held back for merging
    """
    if any(task.in_busy_poll for task in s.busy):
        mark(s, "busy polling keeps SCHED")
        return False
    timer, start, callbacks = s.deferral, False, True
    if timer and work:
        start, timer.count = held, s.cfg.defer_hard_irqs
    if timer and timer.count > 0:
        timer.count -= 1
        start, callbacks = True, False
    if s.napi.missed:
        mark(s, "MISSED refuses a completion")
        s.napi.missed = False
        napi_schedule(s, cpu)
        return False
    s.napi.sched = False
    if not callbacks:
        mark(s, "interrupts are put off")
    if timer and start:
        timer.timer = cpu + 1
    return callbacks


def virtqueue_napi_schedule(s: State, ring: DriverRing, cpu: int) -> None:
    """Schedule the NAPI, callbacks off."""
    if napi_schedule_prep(s):
        ring.virtqueue_disable_cb(s)
        napi_schedule(s, cpu)


def virtqueue_napi_complete(s: State, ring: DriverRing, cpu: int, work: bool) -> None:
    """A poll is done: callbacks on, SCHED given up, one more look."""
    opaque = ring.virtqueue_enable_cb_prepare(s)
    if not napi_complete_done(s, cpu, work):
        ring.virtqueue_disable_cb(s)
    elif ring.virtqueue_poll(s, opaque):
        mark(s, "virtqueue_poll finds work")
        virtqueue_napi_schedule(s, ring, cpu)
