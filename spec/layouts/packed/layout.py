"""The layout of a packed ring: its shape, and who works on it."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts import device as shared_device
from vrx.spec.layouts import driver as shared_driver
from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.packed import (
    device,
    device_descriptors,
    device_used,
    driver,
    driver_descriptors,
    driver_used,
    lying,
)
from vrx.spec.layouts.packed.shape import SHAPE
from vrx.spec.layouts.packed.standard.sides import PEERS
from vrx.spec.memory import Barrier


def _barriers(cfg: Any) -> tuple[Barrier, ...]:
    return (*device.BARRIERS, *driver.BARRIERS, *shared_driver.delayed_barriers(cfg))


PACKED = Layout(
    SHAPE,
    driver=(
        driver_used.taking,
        driver_used.taking_data,
        driver.virtio_ring,
        driver_descriptors.descriptors,
        shared_driver.both,
    ),
    device=(
        device.virtio,
        device.walking,
        device_descriptors.descriptors,
        device_used.using,
        shared_device.both,
    ),
    gathering=driver_used.gathering,
    barriers=_barriers,
    lying_driver=lying.lying_driver,
    lying_device=lying.lying_device,
    peers=PEERS,
)
"""A packed ring: `rx(layout=PACKED)`."""
