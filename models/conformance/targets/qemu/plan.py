"""How `vrx conform` makes the targets `qemu` and `qemu-pci`."""

from vrx.models.conformance.protocol import Plan
from vrx.models.conformance.targets.qemu.process import FRAME_MAX, PACKAGE

PLANS = (
    Plan(
        name="qemu",
        make="vrx.models.conformance.targets.qemu.target:QemuTarget",
        side="device",
        about=f"QEMU's virtio-net over virtio-mmio, through qtest; frames of up to {FRAME_MAX} bytes",
        packages=(PACKAGE,),
        model="qemu",
    ),
    Plan(
        name="qemu-pci",
        make="vrx.models.conformance.targets.qemu.target:QemuTarget",
        side="device",
        about="the same over virtio-pci, which can reset a queue",
        packages=(PACKAGE,),
        options=(("transport", "pci"),),
        model="qemu",
    ),
)
