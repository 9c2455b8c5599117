"""A packed ring as both sides see it.  Spec: VIRTIO 1.4, 2.8.1 to 2.8.10.

There is one array of descriptors, which both sides write, and a structure of each side that says what it wants to
hear.  A descriptor's address, length and remaining flags are no part of the state: a buffer is one descriptor, and
its id says which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec import contents
from vrx.spec.memory import Location
from vrx.spec.sizes import TOP_USED
from vrx.spec.words import Array, Index, Of, Upto, pick

AVAIL, USED = 1, 2
"""The two flags of a descriptor that say whose it is: bits 7 and 15 of VIRTIO's word, side by side here.
Spec: VIRTIO 1.4, 2.8.1 (Driver and Device Ring Wrap Counters)."""
ENABLE, DISABLE, DESC = range(3)
"""What the flags of an event suppression structure say: notify always, never, or at a position.
Spec: VIRTIO 1.4, 2.8.14 (Event Suppression Structure Format)."""


@dataclass(slots=True)
class PackedRing:
    """The words of the ring.  What was never written, or no longer counts, is 0.

    A position with its wrap counter is one number here, a ring index, which counts modulo twice the ring size.

    desc_id: the id of each descriptor
    desc_flags: its flags, AVAIL and USED
    driver_off_wrap, driver_flags: the Driver Event Suppression structure: of which used descriptor the driver wants
    to hear
    device_off_wrap, device_flags: the Device Event Suppression structure: of which available descriptor the device
    wants to hear
    """

    desc_id: Annotated[Array[int], Of(Upto(TOP_USED))] = field(default_factory=Array)
    desc_flags: Annotated[Array[int], Of(Upto(AVAIL | USED))] = field(default_factory=Array)
    driver_off_wrap: Index = 0
    driver_flags: Annotated[int, Upto(DESC)] = ENABLE
    device_off_wrap: Index = 0
    device_flags: Annotated[int, Upto(DESC)] = ENABLE


def new_ring(cfg: Any) -> PackedRing:
    """A ring of zeros."""
    return PackedRing(desc_id=Array([0] * cfg.size), desc_flags=Array([0] * cfg.size))


class loc(contents.loc):
    """The locations of a packed ring, and those in its buffers."""

    desc_id = Location("desc.id", ("desc_id",), 1, array=True)
    desc_flags = Location("desc.flags", ("desc_flags",), 2, array=True)
    driver_off_wrap = Location("driver.off_wrap", ("driver_off_wrap",), 3, "driver")
    driver_flags = Location("driver.flags", ("driver_flags",), 4, "driver")
    device_off_wrap = Location("device.off_wrap", ("device_off_wrap",), 5, "device")
    device_flags = Location("device.flags", ("device_flags",), 6, "device")
    device_event = Location("device", ("device_off_wrap", "device_flags"), 0, "device")


def stored(cfg: Any) -> tuple[Location, ...]:
    """The locations of the ring that a system with this configuration stores to."""
    off_wraps = (loc.driver_off_wrap, loc.device_off_wrap) if cfg.event_idx else ()
    wishes = (*off_wraps, loc.driver_flags, loc.device_flags) if cfg.notify else ()
    return (loc.desc_id, loc.desc_flags, *wishes)


def available_mark(cfg: Any, index: int) -> int:
    """The flags of a descriptor that is available at a ring index: AVAIL is the wrap counter, USED is not."""
    mark: int = pick(index < cfg.size, AVAIL, USED)
    return mark


def used_mark(cfg: Any, index: int) -> int:
    """The flags of a descriptor that is used at a ring index: both are the wrap counter."""
    mark: int = pick(index < cfg.size, AVAIL | USED, 0)
    return mark
