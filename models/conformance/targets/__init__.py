"""The targets that come with vrx, by name.

A target of one's own is a Python file: `vrx conform path/to/file.py:Class`.
"""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.protocol import Plan
from vrx.models.conformance.targets.qemu import PLAN as QEMU
from vrx.models.conformance.targets.qemu import PLAN_PCI as QEMU_PCI

PLANS: Final = (
    Plan(
        "linux-vring",
        "vrx.models.conformance.targets.linux_vring:LinuxVring",
        "driver",
        "Linux's virtio_ring.c in user space, from Debian's linux-source-6.1",
        ("linux-source-6.1", "gcc", "libc6-dev"),
        model="linux",
    ),
    QEMU,
    QEMU_PCI,
    Plan(
        "spec-driver",
        "vrx.models.conformance.targets.spec_driver:SpecDriver",
        "driver",
        "the model of Linux's virtqueue functions, on real ring bytes",
        model="linux",
    ),
    Plan(
        "spec-device",
        "vrx.models.conformance.targets.spec_device:SpecDevice",
        "device",
        "the model of QEMU's receive path, on real ring bytes",
        model="qemu",
    ),
    Plan(
        "linux-qemu",
        "vrx.models.conformance.targets.linux_qemu:LinuxQemu",
        "pair",
        "linux-vring as the driver of qemu, watched from the ring between them",
        ("linux-source-6.1", "gcc", "libc6-dev", "qemu-system-x86"),
    ),
)
