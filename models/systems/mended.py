"""A packed ring with the barrier that QEMU 7.2 lacks: the code as it is loses an interrupt under TSO.

What is asked of a packed ring under TSO beside that is asked of this system.
"""

from __future__ import annotations

from vrx.models.systems.system import System
from vrx.spec.layouts.packed.contexts import PackedMainLoop
from vrx.spec.layouts.packed.device_used import virtio_packed_should_notify
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import Barrier, mb

SHOULD_NOTIFY_MB = Barrier("virtio_packed_should_notify__mb", "mb", "none in QEMU 7.2")


def notifies_behind_a_barrier(s: PackedState, me: PackedMainLoop) -> None:
    """The mend: a full barrier before the driver's structure is read, as virtio_split_should_notify() has it."""
    mb(s, me, SHOULD_NOTIFY_MB)
    virtio_packed_should_notify(s, me)


def mended(system: System) -> System:
    """The system with the barrier that QEMU 7.2 lacks."""
    return system.replace(
        "virtio_packed_should_notify", notifies_behind_a_barrier, called="a barrier in virtio_packed_should_notify()"
    )
