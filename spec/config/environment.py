"""Who stands at both ends of the ring, and what comes from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from vrx.spec.config.ring import Ring


@dataclass(frozen=True)
class Environment(Ring):
    """What surrounds the code of both sides, or stands in its place.

    caller         "virtio_net": QEMU's virtio_net_receive() uses the queue; "any": the most general caller of QEMU's
                   virtqueue functions does, which completes in any order
    hostile        "device": instead of QEMU a device that lies, which writes anything at any moment; "driver": instead
                   of Linux a driver that does (`lying` of each layout)
    stops          the environment may stop and continue the virtual machine
    arrivals       the environment may offer packets
    """

    caller: Literal["virtio_net", "any"] = "virtio_net"
    hostile: Literal["no", "device", "driver"] = "no"
    stops: bool = False
    arrivals: bool = True

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if self.device_lies and (self.general or self.stops):
            yield "hostile=device with caller=any or stops: nothing of QEMU is left; use one of them"

    @property
    def general(self) -> bool:
        """Is the device's side the most general caller of QEMU's virtqueue functions?"""
        return self.caller == "any"

    @property
    def owing(self) -> int:
        """The largest value of `MainLoop.owed`, which only a general caller has."""
        return int(self.general)

    @property
    def device_lies(self) -> bool:
        """Is the device's side one that lies?"""
        return self.hostile == "device"

    @property
    def driver_lies(self) -> bool:
        """Is the driver's side one that lies?"""
        return self.hostile == "driver"

    @property
    def liar(self) -> bool:
        """Does one of the sides lie?"""
        return self.hostile != "no"

    @property
    def any_id(self) -> bool:
        """May an id that the ring does not have be in the device's hand?  Where it believes a driver that lies."""
        return self.driver_lies and self.layout.believes_ids

    @property
    def top_element(self) -> int:
        """Of the id of a buffer that the device has in hand; one more than there are stands for all that are none."""
        return self.size if self.any_id else self.size - 1

    @property
    def top_used(self) -> int:
        """Of the id of a used entry; beside a hostile device one more than there are, which stands for all of them."""
        return self.size if self.device_lies else self.size - 1

    @property
    def top_offered(self) -> int:
        """Of a head, or a link, that the driver offers; beside a hostile driver one more than there are."""
        return self.size if self.driver_lies else self.size - 1
