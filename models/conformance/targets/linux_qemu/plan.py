"""How `vrx conform` makes the target `linux-qemu`."""

from vrx.models.conformance.protocol import Plan

PLANS = (
    Plan(
        name="linux-qemu",
        make="vrx.models.conformance.targets.linux_qemu.target:LinuxQemu",
        side="pair",
        about="linux-vring as the driver of qemu, watched from the ring between them",
        packages=("linux-source-6.1", "gcc", "libc6-dev", "qemu-system-x86"),
    ),
)
