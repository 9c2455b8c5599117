"""The layout of a split ring: its shape, and who works on it."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts import device as shared_device
from vrx.spec.layouts import driver as shared_driver
from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.split import (
    device,
    device_descriptors,
    device_used,
    driver,
    driver_descriptors,
    driver_used,
    lying,
)
from vrx.spec.layouts.split.shape import SHAPE
from vrx.spec.layouts.split.standard.sides import PEERS
from vrx.spec.memory import Barrier


def _barriers(cfg: Any) -> tuple[Barrier, ...]:
    chains = device_descriptors.CHAIN_BARRIERS if cfg.data else ()
    return (*device.BARRIERS, *chains, *driver.BARRIERS, *shared_driver.delayed_barriers(cfg))


SPLIT = Layout(
    SHAPE,
    # Actions are numbered in this order; what only systems with data have stands behind the rest.
    driver=(
        driver_used.taking,
        driver.virtio_ring,
        driver_used.taking_data,
        driver_descriptors.descriptors,
        shared_driver.both,
    ),
    device=(device.virtio, device_used.using, device.walking, device_descriptors.descriptors, shared_device.both),
    gathering=driver_used.gathering,
    barriers=_barriers,
    lying_driver=lying.lying_driver,
    lying_device=lying.lying_device,
    peers=PEERS,
)
"""The layout of every ring, unless another one is said."""
