"""The museum: known bugs of real implementations, each with the system that shows it and the fix that mends it."""

from __future__ import annotations

from vrx.models.claims import Exhibit
from vrx.proofs.museum import data, device, driver, packed, packed_data, peer


def all_exhibits() -> list[Exhibit]:
    """Every exhibit: of the device, of the driver, of both beside others, of what buffers hold, of packed rings."""
    modules = (device, driver, peer, data, packed, packed_data)
    return [exhibit for module in modules for exhibit in module.exhibits()]
