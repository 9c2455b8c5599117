"""Any device on the receive queue of the standard: every transition function of its side, with every argument."""

from __future__ import annotations

from vrx.spec.sizes import KINDS, SIZE, SIZES, WISHES
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.abstract import Abstract, Device, asks, decides, decides_in_time
from vrx.spec.standard.receive import begin, deliver, fill
from vrx.spec.steps import Machine, mark, require

device = Machine("the standard: device")


@device.step(environment=True, head=SIZE)
def takes(s: Abstract, me: Device, head: int) -> None:
    """Take an offered buffer.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    vq.take(s, head)


@device.step(environment=True, num_buffers=SIZE, kind=KINDS)
def begins(s: Abstract, me: Device, num_buffers: int, kind: int) -> None:
    """Begin a packet of 1 + num_buffers buffers, a frame or (kind 1) one that is to be segmented.

    C: none: the standard
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    begin(s, num_buffers + 1, kind == 1)
    if num_buffers > 0:
        mark(s, "a packet of several buffers")


@device.step(environment=True, head=SIZE, length=SIZES)
def fills(s: Abstract, me: Device, head: int, length: int) -> None:
    """Place the next buffer of the packet among the returns, any that it has.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.8 (The Virtqueue Used Ring)
    """
    fill(s, head, length, s.packet.left == s.packet.of)


@device.step(environment=True, count=SIZE)
def delivers(s: Abstract, me: Device, count: int) -> None:
    """Publish one return and `count` others.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.8.2 (Device Requirements: The Virtqueue Used Ring)
    """
    decides_in_time(s, s.queue.returns, me.interrupts, count)
    deliver(s, count + 1)
    if count > 0:
        mark(s, "a batch is returned")


@device.step(environment=True, wish=WISHES)
def asks_for_kicks(s: Abstract, me: Device, wish: int) -> None:
    """Say in any way what it wants to hear of.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    asks(s, vq.ask_kicks, wish)


@device.step()
def decides_on_an_interrupt(s: Abstract, me: Device) -> None:
    """Look at what the driver wants to hear of.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    decides(s, s.queue.returns, me.interrupts)
    mark(s, "an interrupt is owed" if me.interrupts.owed else "no interrupt is owed")


@device.step()
def interrupts(s: Abstract, me: Device) -> None:
    """Notify the driver as is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    require(me.interrupts.owed)
    vq.interrupt(s, me.interrupts)


@device.step(environment=True)
def interrupts_for_nothing(s: Abstract, me: Device) -> None:
    """Notify the driver although nothing is owed: advised against where the driver asked for quiet.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    require(not me.interrupts.owed)
    vq.interrupt(s, me.interrupts)
