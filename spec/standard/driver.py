"""Any driver on the queue of the standard: every transition function of its side, with every argument."""

from __future__ import annotations

from vrx.spec.sizes import SIZE, SIZES, WISHES
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.abstract import Abstract, Driver, asks, decides, decides_in_time
from vrx.spec.steps import Machine, mark, require

driver = Machine("the standard: driver")


@driver.step(environment=True, head=SIZE, capacity=SIZES)
def offers(s: Abstract, me: Driver, head: int, capacity: int) -> None:
    """Place any buffer of its own among the offers.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13 (Supplying Buffers to The Device)
    """
    vq.offer(s, head, capacity)


@driver.step(environment=True, count=SIZE)
def exposes(s: Abstract, me: Driver, count: int) -> None:
    """Publish one offer and `count` others.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.3 (Updating idx)
    """
    decides_in_time(s, s.queue.offers, me.kicks, count)
    vq.expose(s, count + 1)
    if count > 0:
        mark(s, "a batch is offered")


@driver.step(environment=True, head=SIZE)
def receives(s: Abstract, me: Driver, head: int) -> None:
    """Take the next returned buffer back.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.14 (Receiving Used Buffers From The Device)
    """
    vq.receive(s, head)


@driver.step(environment=True, wish=WISHES)
def asks_for_interrupts(s: Abstract, me: Driver, wish: int) -> None:
    """Say in any way what it wants to hear of.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.7.1 (Driver Requirements: Used Buffer Notification Suppression)
    """
    asks(s, vq.ask_interrupts, wish)


@driver.step()
def decides_on_a_kick(s: Abstract, me: Driver) -> None:
    """Look at what the device wants to hear of.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.1 (Driver Requirements: Available Buffer Notification Suppression)
    """
    decides(s, s.queue.offers, me.kicks)
    mark(s, "a kick is owed" if me.kicks.owed else "no kick is owed")


@driver.step()
def kicks(s: Abstract, me: Driver) -> None:
    """Notify the device as is owed.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.13.4 (Notifying The Device)
    """
    require(me.kicks.owed)
    vq.kick(s, me.kicks)


@driver.step(environment=True)
def kicks_for_nothing(s: Abstract, me: Driver) -> None:
    """Notify the device although nothing is owed: advised against where the device asked for quiet.

    C: none: the standard
    Spec: VIRTIO 1.4, 2.7.10.2 (Device Requirements: Available Buffer Notification Suppression)
    """
    require(not me.kicks.owed)
    vq.kick(s, me.kicks)
