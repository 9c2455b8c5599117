"""The most general device on a split ring: whatever the standard allows, in any order, one access to the ring a step.

It takes what is offered without being kicked, holds it as long as it likes, returns it
in any order and in batches of any size, asks for kicks in any legal way and at any
time, and interrupts when it owes an interrupt or when it feels like it.  It must look
at what the driver wants after it has published, and pay what it owes.  Before it goes
to sleep it asks for a kick and looks once more (unless built not to).
"""

from __future__ import annotations

from vrx.spec.layouts.split.memory import loc
from vrx.spec.memory import Barrier, dead, line, load, mb, store, wmb
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import HELD, OFFERED, USED, give
from vrx.spec.standard.peers import EVERYWHERE, AnyDevice, P, Ring
from vrx.spec.standard.virtqueue import Way, decide
from vrx.spec.steps import Machine, mark, require

any_device = Machine("the standard's device")

PUBLISH_WMB = Barrier("any_device__wmb", "wmb", "none: the standard orders it (2.7.8.2)")
DECIDE_MB = Barrier("any_device_decides__mb", "mb", "none: the standard has no word for it (A2)")
ARM_MB = Barrier("any_device_looks_again__mb", "mb", "none: the standard has no word for it (A2)")
BARRIERS = (PUBLISH_WMB, DECIDE_MB, ARM_MB)


@any_device.step(at=P.AWAKE, environment=True)
def device_looks(s: Ring, me: AnyDevice) -> None:
    """Read how far the driver has offered.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    now = load(s, me, loc.avail_idx)
    require(now != me.seen)
    me.seen = now


@any_device.step(at=EVERYWHERE, environment=True)
def device_takes(s: Ring, me: AnyDevice) -> None:
    """Take the next offered buffer; nothing says that a kick has to come first.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    require(me.last_avail_idx != me.seen)
    s.ghost.misuse |= s.vq.avail_idx_shadow == me.last_avail_idx  # the entry is not published
    place = loc.avail_ring[slot(s.cfg, me.last_avail_idx)]
    head = load(s, me, place)
    give(s, head, OFFERED, HELD)
    dead(s, place)
    me.has[head] = True
    me.last_avail_idx = idx_add(s.cfg, me.last_avail_idx, 1)


@any_device.step(at=EVERYWHERE, environment=True, head="size")
def device_uses(s: Ring, me: AnyDevice, head: int) -> None:
    """Write the used entry of a buffer, any that it has.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    require(me.has[head])
    give(s, head, HELD, USED, me.placed)
    me.has[head] = False
    store(s, me, loc.used_id[slot(s.cfg, me.placed)], head)
    me.placed = idx_add(s.cfg, me.placed, 1)
    if idx_sub(s.cfg, me.placed, me.used_idx) > 1:
        mark(s, "a batch is used")


@any_device.step(at=EVERYWHERE, environment=True, more="size")
def device_publishes(s: Ring, me: AnyDevice, more: int) -> None:
    """Move used.idx over one used entry and `more` others.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    require(more < idx_sub(s.cfg, me.placed, me.used_idx))
    # Before a full turn of the index, which could not be told from no turn, it has to decide.
    require(idx_sub(s.cfg, me.used_idx, me.tells.told) + more < s.cfg.last_index)
    wmb(s, me, PUBLISH_WMB)
    me.used_idx = idx_add(s.cfg, me.used_idx, more + 1)
    store(s, me, loc.used_idx, me.used_idx)


@any_device.step(at=EVERYWHERE)
def device_decides(s: Ring, me: AnyDevice) -> None:
    """Look at what the driver wants to hear of, some time after publishing, once or for several publications.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    require(me.tells.told != me.used_idx)
    mb(s, me, DECIDE_MB)
    way = Way(idx=me.used_idx)
    if s.cfg.event_idx:
        way.event = load(s, me, loc.used_event)
    else:
        way.quiet = load(s, me, loc.avail_flags)
    decide(s.cfg, way, me.tells)
    if not me.tells.owed:
        mark(s, "the device owes no interrupt")


@any_device.step(at=EVERYWHERE)
def device_interrupts(s: Ring, me: AnyDevice) -> None:
    """Send the interrupt that is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    require(me.tells.owed)
    line(s, me)
    me.tells.owed = False
    s.lines.irq = True


@any_device.step(at=EVERYWHERE, environment=True)
def device_interrupts_for_nothing(s: Ring, me: AnyDevice) -> None:
    """Send an interrupt that nobody asked for.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    require(not s.lines.irq and not me.tells.owed)
    line(s, me)
    s.lines.irq = True


@any_device.step(at=P.AWAKE, environment=True, wish="values")
def device_asks(s: Ring, me: AnyDevice, wish: int) -> None:
    """Ask for kicks in any way: any event index, or flag on or off.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    store(s, me, loc.avail_event if s.cfg.event_idx else loc.used_flags, wish)


@any_device.step(at=P.AWAKE, environment=True)
def device_arms(s: Ring, me: AnyDevice) -> None:
    """Nothing new: ask for a kick at the next offer.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    if s.cfg.event_idx:
        store(s, me, loc.avail_event, me.seen)
    else:
        store(s, me, loc.used_flags, 0)
    me.goto(P.ARMED if s.cfg.looks_again else P.ASLEEP)


@any_device.step(at=P.ARMED)
def device_looks_again(s: Ring, me: AnyDevice) -> None:
    """Look once more, and sleep if nothing was offered meanwhile.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    mb(s, me, ARM_MB)
    now = load(s, me, loc.avail_idx)
    if now != me.seen:
        mark(s, "the device's second look finds work")
        me.seen = now
        me.goto(P.AWAKE)
    else:
        me.goto(P.ASLEEP)


@any_device.step(at=P.ASLEEP)
def device_wakes(s: Ring, me: AnyDevice) -> None:
    """The kick arrives.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    require(s.lines.kick)
    mark(s, "the device is kicked awake")
    s.lines.kick = False
    me.goto(P.AWAKE)


@any_device.step(at=P.AWAKE, environment=True)
def device_takes_kick(s: Ring, me: AnyDevice) -> None:
    """A kick arrives at a device that is awake.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    require(s.lines.kick)
    s.lines.kick = False
