"""The plans of all targets that come with vrx: whoever adds a folder adds a line here.

A target of one's own is a Python file: `vrx conform path/to/file.py:Class`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vrx.models.conformance.protocol import Plan
from vrx.models.conformance.targets.linux_qemu import plan as linux_qemu
from vrx.models.conformance.targets.linux_vring import plan as linux_vring
from vrx.models.conformance.targets.model import plan as model
from vrx.models.conformance.targets.qemu import plan as qemu

PLANS: Final[Sequence[Plan]] = (*linux_vring.PLANS, *qemu.PLANS, *model.PLANS, *linux_qemu.PLANS)
