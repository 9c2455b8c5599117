"""The layout of a split ring: its shape, and who works on it."""

from __future__ import annotations

from typing import Any

from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.split import device, device_data, driver, driver_data, gathering, lying
from vrx.spec.layouts.split.shape import SHAPE
from vrx.spec.memory import Barrier


def _barriers(cfg: Any) -> tuple[Barrier, ...]:
    return (*device.BARRIERS, *(device_data.CHAIN_BARRIERS if cfg.data else ()), *driver.BARRIERS)


SPLIT = Layout(
    SHAPE,
    driver=(driver.virtio_ring, driver_data.chains),
    device=(device.virtio, device_data.chain),
    gathering=gathering.gathering,
    barriers=_barriers,
    lying_driver=lying.lying_driver,
    lying_device=lying.lying_device,
)
"""The layout of every ring, unless another one is said."""
