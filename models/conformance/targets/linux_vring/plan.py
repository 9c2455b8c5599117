"""How `vrx conform` makes the target `linux-vring`."""

from vrx.models.conformance.protocol import Fault, Plan
from vrx.models.conformance.targets.linux_vring.mutants import MUTANTS

PLANS = (
    Plan(
        name="linux-vring",
        make="vrx.models.conformance.targets.linux_vring.target:LinuxVring",
        side="driver",
        about="Linux's virtio_ring.c in user space, from Debian's linux-source-6.1",
        packages=("linux-source-6.1", "gcc", "libc6-dev"),
        model="linux",
        faults=tuple(Fault(m.name, m.kind, m.unseen) for m in MUTANTS),
    ),
)
