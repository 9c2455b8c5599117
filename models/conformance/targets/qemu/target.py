"""The targets `qemu` and `qemu-pci`: the device, with the checks of it as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.targets.qemu.checks import CHECKS, PCI_CHECKS
from vrx.models.conformance.targets.qemu.device import QemuDevice


class QemuTarget(QemuDevice):
    """QEMU's device as `vrx conform` runs it."""

    @property
    def checks(self) -> Mapping[str, Callable[[QemuDevice], Iterable[Deviation]]]:
        """Clauses about the device as a whole."""
        return PCI_CHECKS if self.registers.can_reset_queue else CHECKS
