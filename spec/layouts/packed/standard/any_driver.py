"""The most general driver on a packed ring: whatever the standard allows, in any order, one access to the ring a step.

It offers any of its buffers, marks what it offers in any order, receives when it likes, asks for interrupts in any
legal way and at any time, and kicks when it owes a kick or when it feels like it.  It must look at what the device
wants after it has published, and pay what it owes.  Before it goes to sleep it asks for an interrupt and looks once
more (unless built not to).
"""

from __future__ import annotations

from vrx.spec.layouts.packed.memory import available_mark, loc, used_mark
from vrx.spec.layouts.packed.standard import any_side
from vrx.spec.layouts.packed.standard.any_side import Half
from vrx.spec.layouts.packed.standard.peers import AnyDriver, Ring
from vrx.spec.memory import Barrier, rmb
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, OFFERED, USED
from vrx.spec.sizes import INDICES, SIZE, WAYS_TO_ASK
from vrx.spec.standard import in_order
from vrx.spec.standard.peers import EVERYWHERE, P, notifies_for_nothing, pays
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import EVENT_IDX

any_driver = Machine("the standard's driver")

EXPOSE_WMB = Barrier("any_driver__wmb", "wmb", "none: the standard demands it (2.8.21.1.1)")
RECEIVE_RMB = Barrier("any_driver__rmb", "rmb", "none: the printed example has it (2.8.22)")
DECIDE_MB = Barrier("any_driver_decides__mb", "mb", "none: the standard demands it (2.8.21.3.1)")
POSITION_RMB = Barrier("any_driver_decides__rmb", "rmb", "none: the standard has no word for it")
ARM_MB = Barrier("any_driver_looks_again__mb", "mb", "none: the printed example has it (2.8.22)")
BARRIERS = (EXPOSE_WMB, RECEIVE_RMB, DECIDE_MB, POSITION_RMB, ARM_MB)

DRIVER = Half(
    "driver",
    gives=available_mark,
    finds=used_mark,
    off_wrap=loc.driver_off_wrap,
    flags=loc.driver_flags,
    their_off_wrap=loc.device_off_wrap,
    their_flags=loc.device_flags,
    mine=FREE,
    away=OFFERED,
    publish=EXPOSE_WMB,
    decide=DECIDE_MB,
    position=POSITION_RMB,
    arm=ARM_MB,
)
"""What the standard calls the driver's: available descriptors, the Driver Event Suppression structure."""


def knows_the_next_slot(s: Ring, me: AnyDriver) -> None:
    """With IN_ORDER who has not read which buffers a used descriptor stands for does not know where the next one is."""
    require(not s.cfg.in_order or me.seen == me.last_used_idx)


@any_driver.step(at=EVERYWHERE, environment=True, head=SIZE)
def driver_offers(s: Ring, me: AnyDriver, head: int) -> None:
    """Write the id of a buffer, any that it has, into the next slot.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    if s.cfg.in_order:
        me.order[slot(s.cfg, me.placed)] = head
    any_side.places(s, me, DRIVER, head)
    if idx_sub(s.cfg, me.placed, me.next_avail_idx) > 1:
        mark(s, "a batch is offered")


@any_driver.step(at=EVERYWHERE, environment=True, ahead=SIZE)
def driver_publishes(s: Ring, me: AnyDriver, ahead: int) -> None:
    """Mark a descriptor as available, any whose id is written.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.21.1 (Placing Available Buffers Into The Descriptor Ring)
    """
    me.next_avail_idx = any_side.gives_away(s, me, DRIVER, me.next_avail_idx, ahead)


@any_driver.step(at=EVERYWHERE)
def driver_decides(s: Ring, me: AnyDriver) -> None:
    """Look at what the device wants to hear of, some time after publishing, once or for several publications.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.21.3.1 (Driver Requirements: Sending Available Buffer Notifications)
    """
    any_side.decides(s, me, DRIVER, me.next_avail_idx)
    mark(s, "the driver owes no kick", when=not me.heard and not me.tells.owed)


@any_driver.step(at=EVERYWHERE, only=EVENT_IDX)
def driver_decides_by_position(s: Ring, me: AnyDriver) -> None:
    """Read the position that the device's flags refer to, and decide.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.decides_by_position(s, me, DRIVER, me.next_avail_idx)
    mark(s, "the driver owes no kick", when=not me.tells.owed)


@any_driver.step(at=EVERYWHERE)
def driver_kicks(s: Ring, me: AnyDriver) -> None:
    """Send the kick that is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.21.3 (Sending Available Buffer Notifications to Devices)
    """
    pays(s, me)
    s.lines.kick = True


@any_driver.step(at=EVERYWHERE, environment=True)
def driver_kicks_for_nothing(s: Ring, me: AnyDriver) -> None:
    """Send a kick that nobody asked for.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    notifies_for_nothing(s, me, s.lines.kick)
    s.lines.kick = True


@any_driver.step(at=P.AWAKE, environment=True)
def driver_looks(s: Ring, me: AnyDriver) -> None:
    """Look at the next slot: it is used.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.2 (Polling of available and used descriptors)
    """
    knows_the_next_slot(s, me)
    any_side.looks(s, me, DRIVER)


@any_driver.step(at=EVERYWHERE, environment=True)
def driver_receives(s: Ring, me: AnyDriver) -> None:
    """Take the next used buffer back.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
    """
    require(me.last_used_idx != me.seen)
    rmb(s, me, RECEIVE_RMB)
    s.ghost.misuse |= s.dev.used_idx == me.last_used_idx  # its descriptor is not published
    if s.cfg.in_order:
        count = in_order.receives(s, me, loc.desc_id[slot(s.cfg, me.last_used_idx)])
        me.last_used_idx = idx_add(s.cfg, me.last_used_idx, count)
        me.seen = me.last_used_idx
    else:
        any_side.takes(s, me, DRIVER, me.last_used_idx, USED)
        me.last_used_idx = idx_add(s.cfg, me.last_used_idx, 1)


@any_driver.step(at=P.AWAKE, environment=True, wish=WAYS_TO_ASK)
def driver_asks(s: Ring, me: AnyDriver, wish: int) -> None:
    """Ask for interrupts always, never, or at the position that stands there.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)
    """
    any_side.asks(s, me, DRIVER, wish)


@any_driver.step(at=P.AWAKE, environment=True, only=EVENT_IDX, position=INDICES)
def driver_names(s: Ring, me: AnyDriver, position: int) -> None:
    """Name any position, whether or not the flags refer to it.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)
    """
    any_side.names(s, me, DRIVER, position)


@any_driver.step(at=P.AWAKE, environment=True)
def driver_arms(s: Ring, me: AnyDriver) -> None:
    """Nothing new: ask for an interrupt at every return.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    knows_the_next_slot(s, me)
    any_side.arms(s, me, DRIVER)


@any_driver.step(at=P.AWAKE, environment=True, only=EVENT_IDX)
def driver_names_next(s: Ring, me: AnyDriver) -> None:
    """Nothing new: name the next slot.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    knows_the_next_slot(s, me)
    any_side.names_next(s, me, DRIVER)


@any_driver.step(at=P.AWAKE, only=EVENT_IDX)
def driver_arms_at_position(s: Ring, me: AnyDriver) -> None:
    """Ask for an interrupt at the position that is named.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.arms_at_position(s, me, DRIVER)


@any_driver.step(at=P.ARMED)
def driver_looks_again(s: Ring, me: AnyDriver) -> None:
    """Look once more, and sleep if nothing was returned meanwhile.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.22 (Receiving Used Buffers From The Device)
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
