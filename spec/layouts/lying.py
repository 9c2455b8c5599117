"""What a side that lies does on any ring: it kicks, interrupts, takes kicks and tells numbers of buffers as it likes.

The steps here belong to the machines of each layout (`spec.layouts.split.lying`, `spec.layouts.packed.lying`), which
name them where they come in their order of steps.
"""

from __future__ import annotations

from typing import Any

from vrx.spec.contents import loc
from vrx.spec.linux.state import Softirq
from vrx.spec.memory import store
from vrx.spec.qemu.state import MainLoop
from vrx.spec.steps import require


def lies_kick(s: Any, me: Softirq) -> None:
    """The driver kicks whenever it likes.

    C: none: a driver that lies
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    require(not s.lines.kick)
    s.lines.kick = True


def lies_num_buffers(s: Any, me: MainLoop, entry: int, number: int) -> None:
    """Any buffer tells any number of buffers.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 5.1.9.4.1 (Device Requirements: Processing of Incoming Packets)
    """
    store(s, me, loc.num_buffers[entry], number)


def lies_interrupt(s: Any, me: MainLoop) -> None:
    """The device interrupts whenever it likes.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.3 (Notifications)
    """
    require(not s.lines.irq)
    s.lines.irq = True


def lies_takes_kick(s: Any, me: MainLoop) -> None:
    """A kick arrives, and nobody does anything about it.

    C: none: a device that lies
    Spec: VIRTIO 1.4, 2.9 (Driver Notifications)
    """
    require(s.lines.kick)
    s.lines.kick = False
