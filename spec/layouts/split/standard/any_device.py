"""The most general device on a split ring: whatever the standard allows, in any order, one access to the ring a step.

It takes what is offered without being kicked, holds it as long as it likes, returns it
in any order and in batches of any size, asks for kicks in any legal way and at any
time, and interrupts when it owes an interrupt or when it feels like it.  It must look
at what the driver wants after it has published, and pay what it owes.  Before it goes
to sleep it asks for a kick and looks once more (unless built not to).
"""

from __future__ import annotations

from vrx.spec.layouts.split.memory import loc
from vrx.spec.layouts.split.standard import any_side
from vrx.spec.layouts.split.standard.any_side import Half
from vrx.spec.layouts.split.standard.peers import AnyDevice, Ring
from vrx.spec.memory import Barrier
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import HELD, OFFERED, USED
from vrx.spec.sizes import SIZE, WISHES
from vrx.spec.standard import in_order
from vrx.spec.standard.peers import EVERYWHERE, P, notifies_for_nothing, pays
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import IN_ORDER

any_device = Machine("the standard's device")

PUBLISH_WMB = Barrier("any_device__wmb", "wmb", "none: the standard orders it (2.7.8.2)")
DECIDE_MB = Barrier("any_device_decides__mb", "mb", "none: the standard has no word for it (A2)")
ARM_MB = Barrier("any_device_looks_again__mb", "mb", "none: the standard has no word for it (A2)")
BARRIERS = (PUBLISH_WMB, DECIDE_MB, ARM_MB)

DEVICE = Half(
    "device",
    entries=loc.used_id,
    index=loc.used_idx,
    their_index=loc.avail_idx,
    event=loc.avail_event,
    quiet=loc.used_flags,
    their_event=loc.used_event,
    their_quiet=loc.avail_flags,
    mine=HELD,
    away=USED,
    publish=PUBLISH_WMB,
    decide=DECIDE_MB,
    arm=ARM_MB,
)
"""What the standard calls the device's: the used ring, avail_event and used.flags."""


@any_device.step(at=P.AWAKE, environment=True)
def device_looks(s: Ring, me: AnyDevice) -> None:
    """Read how far the driver has offered.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    any_side.looks(s, me, DEVICE)


@any_device.step(at=EVERYWHERE, environment=True)
def device_takes(s: Ring, me: AnyDevice) -> None:
    """Take the next offered buffer; nothing says that a kick has to come first.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    require(me.last_avail_idx != me.seen)
    s.ghost.misuse |= s.vq.avail_idx_shadow == me.last_avail_idx  # the entry is not published
    head = any_side.takes(s, me, DEVICE, loc.avail_ring[slot(s.cfg, me.last_avail_idx)], OFFERED)
    if s.cfg.in_order:
        me.order[slot(s.cfg, me.last_avail_idx)] = head
    me.last_avail_idx = idx_add(s.cfg, me.last_avail_idx, 1)


@any_device.step(at=EVERYWHERE, environment=True, only=~IN_ORDER, head=SIZE)
def device_uses(s: Ring, me: AnyDevice, head: int) -> None:
    """Write the used entry of a buffer, any that it has.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    any_side.places(s, me, DEVICE, head)
    if idx_sub(s.cfg, me.placed, me.used_idx) > 1:
        mark(s, "a batch is used")


@any_device.step(at=EVERYWHERE, environment=True, more=SIZE)
def device_publishes(s: Ring, me: AnyDevice, more: int) -> None:
    """Move used.idx over one used entry and `more` others.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    if s.cfg.in_order:  # all of a batch, or nothing
        require(more + 1 == idx_sub(s.cfg, me.placed, me.used_idx))
    me.used_idx = any_side.publishes(s, me, DEVICE, me.used_idx, more)


@any_device.step(at=EVERYWHERE)
def device_decides(s: Ring, me: AnyDevice) -> None:
    """Look at what the driver wants to hear of, some time after publishing, once or for several publications.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    any_side.decides(s, me, DEVICE, me.used_idx)
    if not me.tells.owed:
        mark(s, "the device owes no interrupt")


@any_device.step(at=EVERYWHERE)
def device_interrupts(s: Ring, me: AnyDevice) -> None:
    """Send the interrupt that is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    pays(s, me)
    s.lines.irq = True


@any_device.step(at=EVERYWHERE, environment=True)
def device_interrupts_for_nothing(s: Ring, me: AnyDevice) -> None:
    """Send an interrupt that nobody asked for.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    notifies_for_nothing(s, me, s.lines.irq)
    s.lines.irq = True


@any_device.step(at=P.AWAKE, environment=True, wish=WISHES)
def device_asks(s: Ring, me: AnyDevice, wish: int) -> None:
    """Ask for kicks in any way: any event index, or flag on or off.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    any_side.asks(s, me, DEVICE, wish)


@any_device.step(at=P.AWAKE, environment=True)
def device_arms(s: Ring, me: AnyDevice) -> None:
    """Nothing new: ask for a kick at the next offer.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    any_side.arms(s, me, DEVICE)


@any_device.step(at=P.ARMED)
def device_looks_again(s: Ring, me: AnyDevice) -> None:
    """Look once more, and sleep if nothing was offered meanwhile.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10 (Available Buffer Notification Suppression)
    """
    any_side.looks_again(s, me, DEVICE)


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


fills = any_device.helper(in_order.fills)


@any_device.step(at=EVERYWHERE, environment=True, only=IN_ORDER, head=SIZE)
def device_completes(s: Ring, me: AnyDevice, head: int) -> None:
    """Be done with a buffer, any that it has; it comes back in its turn.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.9 (In-order use of descriptors)
    """
    in_order.completes(s, me, head)
    fills(s, me, head)


@any_device.step(at=EVERYWHERE, only=IN_ORDER, more=SIZE)
def device_returns(s: Ring, me: AnyDevice, more: int) -> None:
    """Write one used entry for several buffers, with the head of the last one, where the first one's belongs.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.9 (In-order use of descriptors)
    """
    in_order.returns(s, me, loc.used_id[slot(s.cfg, me.placed)], more)
