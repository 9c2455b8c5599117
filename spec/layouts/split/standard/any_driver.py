"""The most general driver on a split ring: whatever the standard allows, in any order, one access to the ring a step.

It offers any of its buffers in batches of any size, receives when it likes, asks for
interrupts in any legal way and at any time, and kicks when it owes a kick or when it
feels like it.  It must look at what the device wants after it has published, and pay
what it owes.  Before it goes to sleep it asks for an interrupt and looks once more
(unless built not to).
"""

from __future__ import annotations

from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.standard import any_side
from vrx.spec.layouts.split.standard.any_side import Half
from vrx.spec.layouts.split.standard.peers import AnyDriver, Ring
from vrx.spec.memory import Barrier, rmb
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, OFFERED, USED
from vrx.spec.sizes import SIZE, WISHES
from vrx.spec.standard import in_order
from vrx.spec.standard.peers import EVERYWHERE, P, notifies_for_nothing, pays
from vrx.spec.steps import Machine, mark, require

any_driver = Machine("the standard's driver")

EXPOSE_WMB = Barrier("any_driver__wmb", "wmb", "none: the standard demands it (2.7.13.3.1)")
DECIDE_MB = Barrier("any_driver_decides__mb", "mb", "none: the standard demands it (2.7.13.4.1)")
ARM_MB = Barrier("any_driver_looks_again__mb", "mb", "none: a note of the standard has it (2.7.14)")
RECEIVE_RMB = Barrier("any_driver__rmb", "rmb", "none: the standard has no word for it")
BARRIERS = (EXPOSE_WMB, DECIDE_MB, ARM_MB, RECEIVE_RMB)

DRIVER = Half(
    "driver",
    entries=loc.avail_ring,
    index=loc.avail_idx,
    their_index=loc.used_idx,
    event=loc.used_event,
    quiet=loc.avail_flags,
    their_event=loc.avail_event,
    their_quiet=loc.used_flags,
    mine=FREE,
    away=OFFERED,
    publish=EXPOSE_WMB,
    decide=DECIDE_MB,
    arm=ARM_MB,
)
"""What the standard calls the driver's: the available ring, used_event and avail.flags."""


@any_driver.step(at=EVERYWHERE, environment=True, head=SIZE)
def driver_offers(s: Ring, me: AnyDriver, head: int) -> None:
    """Write the available entry of a buffer, any that it has.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.2 (Updating The Available Ring)
    """
    if s.cfg.in_order:
        me.order[slot(s.cfg, me.placed)] = head
    any_side.places(s, me, DRIVER, head)
    if idx_sub(s.cfg, me.placed, me.avail_idx_shadow) > 1:
        mark(s, "a batch is offered")


@any_driver.step(at=EVERYWHERE, environment=True, more=SIZE)
def driver_publishes(s: Ring, me: AnyDriver, more: int) -> None:
    """Move avail.idx over one entry and `more` others.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    me.avail_idx_shadow = any_side.publishes(s, me, DRIVER, me.avail_idx_shadow, more)


@any_driver.step(at=EVERYWHERE)
def driver_decides(s: Ring, me: AnyDriver) -> None:
    """Look at what the device wants to hear of, some time after publishing, once or for several publications.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    any_side.decides(s, me, DRIVER, me.avail_idx_shadow)
    if not me.tells.owed:
        mark(s, "the driver owes no kick")


@any_driver.step(at=EVERYWHERE)
def driver_kicks(s: Ring, me: AnyDriver) -> None:
    """Send the kick that is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.4 (Notifying The Device)
    """
    pays(s, me)
    s.lines.kick = True


@any_driver.step(at=EVERYWHERE, environment=True)
def driver_kicks_for_nothing(s: Ring, me: AnyDriver) -> None:
    """Send a kick that nobody asked for.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    notifies_for_nothing(s, me, s.lines.kick)
    s.lines.kick = True


@any_driver.step(at=P.AWAKE, environment=True)
def driver_looks(s: Ring, me: AnyDriver) -> None:
    """Read how far the device has returned.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    any_side.looks(s, me, DRIVER)


@any_driver.step(at=EVERYWHERE, environment=True)
def driver_receives(s: Ring, me: AnyDriver) -> None:
    """Take the next returned buffer back.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    require(me.last_used_idx != me.seen)
    rmb(s, me, RECEIVE_RMB)
    if s.dev.used_idx == me.last_used_idx:  # the entry is written but not published
        s.ghost.misuse = True
    if s.cfg.in_order:
        count = in_order.receives(s, me, loc.used_id[slot(s.cfg, me.last_used_idx)])
        me.last_used_idx = idx_add(s.cfg, me.last_used_idx, count)
    else:
        any_side.takes(s, me, DRIVER, loc.used_id[slot(s.cfg, me.last_used_idx)], USED)
        me.last_used_idx = idx_add(s.cfg, me.last_used_idx, 1)


@any_driver.step(at=P.AWAKE, environment=True, wish=WISHES)
def driver_asks(s: Ring, me: AnyDriver, wish: int) -> None:
    """Ask for interrupts in any way: any event index, or flag on or off.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    any_side.asks(s, me, DRIVER, wish)


@any_driver.step(at=P.AWAKE, environment=True)
def driver_arms(s: Ring, me: AnyDriver) -> None:
    """Nothing new: ask for an interrupt at the next return.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    any_side.arms(s, me, DRIVER)


@any_driver.step(at=P.ARMED)
def driver_looks_again(s: Ring, me: AnyDriver) -> None:
    """Look once more, and sleep if nothing was returned meanwhile.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    any_side.looks_again(s, me, DRIVER)


@any_driver.step(at=P.ASLEEP)
def driver_wakes(s: Ring, me: AnyDriver) -> None:
    """The interrupt arrives.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.3 (Notifications)
    """
    require(s.lines.irq)
    mark(s, "the driver is interrupted awake")
    s.lines.irq = False
    me.goto(P.AWAKE)


@any_driver.step(at=P.AWAKE, environment=True)
def driver_takes_interrupt(s: Ring, me: AnyDriver) -> None:
    """An interrupt arrives at a driver that is awake.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.3 (Notifications)
    """
    require(s.lines.irq)
    s.lines.irq = False
