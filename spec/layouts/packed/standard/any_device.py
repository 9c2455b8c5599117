"""The most general device on a packed ring: whatever the standard allows, in any order, one access to the ring a step.

It takes what is available without being kicked, holds it as long as it likes, returns it in any order, marks what it
returns in any order, asks for kicks in any legal way and at any time, and interrupts when it owes an interrupt or
when it feels like it.  It must look at what the driver wants after it has published, and pay what it owes.  Before it
goes to sleep it asks for a kick and looks once more (unless built not to).
"""

from __future__ import annotations

from vrx.spec.layouts.packed.memory import available_mark, loc, used_mark
from vrx.spec.layouts.packed.standard import any_side
from vrx.spec.layouts.packed.standard.any_side import Half
from vrx.spec.layouts.packed.standard.peers import AnyDevice, Ring
from vrx.spec.memory import Barrier, rmb
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.rx import HELD, OFFERED, USED
from vrx.spec.sizes import INDICES, SIZE, WAYS_TO_ASK
from vrx.spec.standard import in_order
from vrx.spec.standard.peers import EVERYWHERE, P, notifies_for_nothing, pays
from vrx.spec.steps import Machine, mark, require
from vrx.spec.switches import EVENT_IDX, IN_ORDER

any_device = Machine("the standard's device")

PUBLISH_WMB = Barrier("any_device__wmb", "wmb", "none: the standard orders it (2.8.9)")
TAKE_RMB = Barrier("any_device__rmb", "rmb", "none: the standard has no word for it")
DECIDE_MB = Barrier("any_device_decides__mb", "mb", "none: the standard has no word for it (A2)")
POSITION_RMB = Barrier("any_device_decides__rmb", "rmb", "none: the standard has no word for it")
ARM_MB = Barrier("any_device_looks_again__mb", "mb", "none: the standard has no word for it (A2)")
BARRIERS = (PUBLISH_WMB, TAKE_RMB, DECIDE_MB, POSITION_RMB, ARM_MB)

DEVICE = Half(
    "device",
    gives=used_mark,
    finds=available_mark,
    off_wrap=loc.device_off_wrap,
    flags=loc.device_flags,
    their_off_wrap=loc.driver_off_wrap,
    their_flags=loc.driver_flags,
    mine=HELD,
    away=USED,
    publish=PUBLISH_WMB,
    decide=DECIDE_MB,
    position=POSITION_RMB,
    arm=ARM_MB,
)
"""What the standard calls the device's: used descriptors, the Device Event Suppression structure."""


@any_device.step(at=P.AWAKE, environment=True)
def device_looks(s: Ring, me: AnyDevice) -> None:
    """Look at the next slot: it is available.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.2 (Polling of available and used descriptors)
    """
    any_side.looks(s, me, DEVICE)


@any_device.step(at=EVERYWHERE, environment=True)
def device_takes(s: Ring, me: AnyDevice) -> None:
    """Take the next available buffer; nothing says that a kick has to come first.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.12 (Device Requirements: Packed Virtqueues)
    """
    require(me.last_avail_idx != me.seen)
    rmb(s, me, TAKE_RMB)
    s.ghost.misuse |= s.vq.next_avail_idx == me.last_avail_idx  # the descriptor is not published
    head = any_side.takes(s, me, DEVICE, me.last_avail_idx, OFFERED)
    if s.cfg.in_order:
        me.order[slot(s.cfg, me.last_avail_idx)] = head
    me.last_avail_idx = idx_add(s.cfg, me.last_avail_idx, 1)


@any_device.step(at=EVERYWHERE, environment=True, only=~IN_ORDER, head=SIZE)
def device_uses(s: Ring, me: AnyDevice, head: int) -> None:
    """Write the id of a used descriptor: any buffer that it has.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.12 (Device Requirements: Packed Virtqueues)
    """
    any_side.places(s, me, DEVICE, head)
    if idx_sub(s.cfg, me.placed, me.used_idx) > 1:
        mark(s, "a batch is used")


@any_device.step(at=EVERYWHERE, environment=True, only=~IN_ORDER, ahead=SIZE)
def device_publishes(s: Ring, me: AnyDevice, ahead: int) -> None:
    """Mark a descriptor as used, any whose id is written.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.12 (Device Requirements: Packed Virtqueues)
    """
    me.used_idx = any_side.gives_away(s, me, DEVICE, me.used_idx, ahead)


@any_device.step(at=EVERYWHERE)
def device_decides(s: Ring, me: AnyDevice) -> None:
    """Look at what the driver wants to hear of, some time after publishing, once or for several publications.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.decides(s, me, DEVICE, me.used_idx)
    mark(s, "the device owes no interrupt", when=not me.heard and not me.tells.owed)


@any_device.step(at=EVERYWHERE, only=EVENT_IDX)
def device_decides_by_position(s: Ring, me: AnyDevice) -> None:
    """Read the position that the driver's flags refer to, and decide.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.decides_by_position(s, me, DEVICE, me.used_idx)
    mark(s, "the device owes no interrupt", when=not me.tells.owed)


@any_device.step(at=EVERYWHERE)
def device_interrupts(s: Ring, me: AnyDevice) -> None:
    """Send the interrupt that is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    pays(s, me)
    s.lines.irq = True


@any_device.step(at=EVERYWHERE, environment=True)
def device_interrupts_for_nothing(s: Ring, me: AnyDevice) -> None:
    """Send an interrupt that nobody asked for.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    notifies_for_nothing(s, me, s.lines.irq)
    s.lines.irq = True


@any_device.step(at=P.AWAKE, environment=True, wish=WAYS_TO_ASK)
def device_asks(s: Ring, me: AnyDevice, wish: int) -> None:
    """Ask for kicks always, never, or at the position that stands there.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)
    """
    any_side.asks(s, me, DEVICE, wish)


@any_device.step(at=P.AWAKE, environment=True, only=EVENT_IDX, position=INDICES)
def device_names(s: Ring, me: AnyDevice, position: int) -> None:
    """Name any position, whether or not the flags refer to it.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)
    """
    any_side.names(s, me, DEVICE, position)


@any_device.step(at=P.AWAKE, environment=True)
def device_arms(s: Ring, me: AnyDevice) -> None:
    """Nothing new: ask for a kick at every offer.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.arms(s, me, DEVICE)


@any_device.step(at=P.AWAKE, environment=True, only=EVENT_IDX)
def device_names_next(s: Ring, me: AnyDevice) -> None:
    """Nothing new: name the next slot.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.names_next(s, me, DEVICE)


@any_device.step(at=P.AWAKE, only=EVENT_IDX)
def device_arms_at_position(s: Ring, me: AnyDevice) -> None:
    """Ask for a kick at the position that is named.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
    """
    any_side.arms_at_position(s, me, DEVICE)


@any_device.step(at=P.ARMED)
def device_looks_again(s: Ring, me: AnyDevice) -> None:
    """Look once more, and sleep if nothing was offered meanwhile.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.10 (Driver and Device Event Suppression)
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
    Spec: VIRTIO 1.4, 2.8.8 (In-order use of descriptors)
    """
    in_order.completes(s, me, head)
    fills(s, me, head)


@any_device.step(at=EVERYWHERE, only=IN_ORDER, more=SIZE)
def device_returns(s: Ring, me: AnyDevice, more: int) -> None:
    """Write the id of the last of several buffers into the slot of the first.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.8 (In-order use of descriptors)
    """
    in_order.returns(s, me, loc.desc_id[slot(s.cfg, me.placed)], more)


@any_device.step(at=EVERYWHERE, environment=True, only=IN_ORDER)
def device_publishes_batch(s: Ring, me: AnyDevice) -> None:
    """Mark the descriptor of the first one as used: that is all of them.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.8.8 (In-order use of descriptors)
    """
    me.used_idx = any_side.gives_batch_away(s, me, DEVICE, me.used_idx)
