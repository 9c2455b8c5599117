"""The museum: known bugs of real implementations, each with the system that shows it and the fix that mends it."""

from __future__ import annotations

from models.claims import Exhibit
from proofs.museum import device, driver, peer


def all_exhibits() -> list[Exhibit]:
    """Every exhibit: of the device, of the driver, of both beside others."""
    return [*device.exhibits(), *driver.exhibits(), *peer.exhibits()]
