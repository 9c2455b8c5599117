"""The layout of a packed ring: its shape, and who works on it."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.packed import (
    device,
    device_descriptors,
    device_used,
    driver,
    driver_descriptors,
    driver_used,
)
from vrx.spec.layouts.packed.shape import SHAPE
from vrx.spec.memory import Barrier


def _barriers(cfg: Any) -> tuple[Barrier, ...]:
    return (*device.BARRIERS, *driver.BARRIERS)


PACKED = Layout(
    SHAPE,
    driver=(driver_used.taking, driver_used.taking_data, driver.virtio_ring, driver_descriptors.descriptors),
    device=(device.virtio, device.walking, device_descriptors.descriptors, device_used.using),
    gathering=driver_used.gathering,
    barriers=_barriers,
)
"""A packed ring: `rx(layout=PACKED)`."""
