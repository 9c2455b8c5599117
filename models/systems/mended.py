"""A packed ring without what QEMU 7.2 does wrong on it: what else is asked there is asked of these systems.

The code as it is loses an interrupt under TSO, and forgets a part of what a caller flushes in parts.  Beside a driver
that lies it looks into the ring although it has declared it broken, and pops a list of the whole ring while it has
descriptors in hand.
"""

from __future__ import annotations

from vrx.models.systems.system import System
from vrx.spec.layouts.packed.contexts import PackedMainLoop
from vrx.spec.layouts.packed.device import element_done, pop_fails, virtio_queue_packed_empty
from vrx.spec.layouts.packed.device_descriptors import elem_ndescs
from vrx.spec.layouts.packed.device_used import virtio_packed_should_notify
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.memory import Barrier, mb
from vrx.spec.qemu.returns import count_bytes
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.rx import TO_DEVICE, lied
from vrx.spec.steps import require

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


def flushes_everything(s: PackedState, me: MainLoop, count: int) -> None:
    """A caller that flushes all that it has filled, as each of QEMU's does."""
    require(count + 1 == me.filled)
    me.rest = count + 1
    me.goto(Q.FLUSH)


def flushing_everything(system: System) -> System:
    """The system with the most general caller but for one thing: it flushes in one go."""
    return system.replace("caller_flushes", flushes_everything, called="flushes in one go")


def asks_whether_broken(s: PackedState, me: MainLoop) -> None:
    """The mend: of a broken device nobody asks whether something is available, as virtio_queue_split_empty() has it."""
    if s.dev.broken:
        count_bytes(s, me)
    else:
        virtio_queue_packed_empty(s, me)


def asking(system: System) -> System:
    """The system in which a broken device does not look into the ring."""
    return system.replace("virtio_queue_packed_empty", asks_whether_broken, called="a broken device is empty")


def has_room_for_all(s: PackedState, me: PackedMainLoop) -> None:
    """The mend: the ring is full, too, where the next list has more descriptors than are not in hand."""
    if s.dev.inuse + elem_ndescs(s, me) > s.cfg.size:
        lied(s, TO_DEVICE, True)
        pop_fails(s, me)
    else:
        element_done(s, me)


def with_room(system: System) -> System:
    """The system in which virtqueue_packed_pop() counts the descriptors of the next list, too."""
    return system.replace("element_done", has_room_for_all, called="room for a whole list")
