"""The most general driver on a split ring: whatever the standard allows, in any order, one access to the ring a step.

It offers any of its buffers in batches of any size, receives when it likes, asks for
interrupts in any legal way and at any time, and kicks when it owes a kick or when it
feels like it.  It must look at what the device wants after it has published, and pay
what it owes.  Before it goes to sleep it asks for an interrupt and looks once more
(unless built not to).
"""

from __future__ import annotations

from vrx.spec.layouts.split.memory import loc
from vrx.spec.memory import Barrier, dead, line, load, mb, rmb, store, wmb
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import FREE, OFFERED, USED, give
from vrx.spec.standard.peers import EVERYWHERE, AnyDriver, P, Ring
from vrx.spec.standard.virtqueue import Way, decide
from vrx.spec.steps import Machine, mark, require

any_driver = Machine("the standard's driver")

EXPOSE_WMB = Barrier("any_driver__wmb", "wmb", "none: the standard demands it (2.7.13.3.1)")
DECIDE_MB = Barrier("any_driver_decides__mb", "mb", "none: the standard demands it (2.7.13.4.1)")
ARM_MB = Barrier("any_driver_looks_again__mb", "mb", "none: a note of the standard has it (2.7.14)")
RECEIVE_RMB = Barrier("any_driver__rmb", "rmb", "none: the standard has no word for it")
BARRIERS = (EXPOSE_WMB, DECIDE_MB, ARM_MB, RECEIVE_RMB)


@any_driver.step(at=EVERYWHERE, environment=True, head="size")
def driver_offers(s: Ring, me: AnyDriver, head: int) -> None:
    """Write the available entry of a buffer, any that it has.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.2 (Updating The Available Ring)
    """
    require(me.has[head])
    give(s, head, FREE, OFFERED, me.placed)
    me.has[head] = False
    store(s, me, loc.avail_ring[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)
    if idx_sub(s.cfg, me.placed, me.avail_idx_shadow) > 1:
        mark(s, "a batch is offered")


@any_driver.step(at=EVERYWHERE, environment=True, more="size")
def driver_publishes(s: Ring, me: AnyDriver, more: int) -> None:
    """Move avail.idx over one entry and `more` others.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    require(more < idx_sub(s.cfg, me.placed, me.avail_idx_shadow))
    # Before a full turn of the index, which could not be told from no turn, it has to decide.
    require(idx_sub(s.cfg, me.avail_idx_shadow, me.tells.told) + more < s.cfg.last_index)
    wmb(s, me, EXPOSE_WMB)
    me.avail_idx_shadow = idx_add(s.cfg, me.avail_idx_shadow, more + 1)
    store(s, me, loc.avail_idx, me.avail_idx_shadow)


@any_driver.step(at=EVERYWHERE)
def driver_decides(s: Ring, me: AnyDriver) -> None:
    """Look at what the device wants to hear of, some time after publishing, once or for several publications.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    require(me.tells.told != me.avail_idx_shadow)
    mb(s, me, DECIDE_MB)
    way = Way(idx=me.avail_idx_shadow)
    if s.cfg.event_idx:
        way.event = load(s, me, loc.avail_event)
    else:
        way.quiet = load(s, me, loc.used_flags)
    decide(s.cfg, way, me.tells)
    if not me.tells.owed:
        mark(s, "the driver owes no kick")


@any_driver.step(at=EVERYWHERE)
def driver_kicks(s: Ring, me: AnyDriver) -> None:
    """Send the kick that is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.4 (Notifying The Device)
    """
    require(me.tells.owed)
    line(s, me)
    me.tells.owed = False
    s.lines.kick = True


@any_driver.step(at=EVERYWHERE, environment=True)
def driver_kicks_for_nothing(s: Ring, me: AnyDriver) -> None:
    """Send a kick that nobody asked for.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    require(not s.lines.kick and not me.tells.owed)
    line(s, me)
    s.lines.kick = True


@any_driver.step(at=P.AWAKE, environment=True)
def driver_looks(s: Ring, me: AnyDriver) -> None:
    """Read how far the device has returned.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    now = load(s, me, loc.used_idx)
    require(now != me.seen)
    me.seen = now


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
    place = loc.used_id[slot(s.cfg, me.last_used_idx)]
    head = load(s, me, place)
    give(s, head, USED, FREE)
    dead(s, place)
    me.has[head] = True
    me.last_used_idx = idx_add(s.cfg, me.last_used_idx, 1)


@any_driver.step(at=P.AWAKE, environment=True, wish="values")
def driver_asks(s: Ring, me: AnyDriver, wish: int) -> None:
    """Ask for interrupts in any way: any event index, or flag on or off.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    store(s, me, loc.used_event if s.cfg.event_idx else loc.avail_flags, wish)


@any_driver.step(at=P.AWAKE, environment=True)
def driver_arms(s: Ring, me: AnyDriver) -> None:
    """Nothing new: ask for an interrupt at the next return.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    if s.cfg.event_idx:
        store(s, me, loc.used_event, me.seen)
    else:
        store(s, me, loc.avail_flags, 0)
    me.goto(P.ARMED if s.cfg.looks_again else P.ASLEEP)


@any_driver.step(at=P.ARMED)
def driver_looks_again(s: Ring, me: AnyDriver) -> None:
    """Look once more, and sleep if nothing was returned meanwhile.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    mb(s, me, ARM_MB)
    now = load(s, me, loc.used_idx)
    if now != me.seen:
        mark(s, "the driver's second look finds work")
        me.seen = now
        me.goto(P.AWAKE)
    else:
        me.goto(P.ASLEEP)


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
