"""hw/virtio/virtio.c: what the C has once for the device's half of a split and of a packed virtqueue.

QEMU 7.2.  The step here belongs to the machine of each layout, which names it where it comes in its order of steps.
"""

from __future__ import annotations

from vrx.spec.layouts.state import DescriptorState
from vrx.spec.memory import line
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.returns import disabled_meanwhile
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.rx import goes_on
from vrx.spec.steps import Machine, mark

both = Machine("hw/virtio/virtio.c")
"""The helpers.  No steps."""


@both.helper
def notify_if(s: DescriptorState, me: MainLoop, wanted: bool) -> None:
    """virtio_should_notify() returns: interrupt the driver, or do not."""
    if wanted:
        me.goto(Q.IRQ)
    else:
        mark(s, "no interrupt wanted")
        done(s, me)


def virtio_irq(s: DescriptorState, me: MainLoop) -> None:
    """Interrupt the driver; a broken device does not.

    C: virtio_notify(), virtio_irq(), virtio_notify_vector(), hw/virtio/virtio.c, QEMU 7.2
    Spec: VIRTIO 1.4, 2.3 (Notifications)
    """
    if not disabled_meanwhile(s):
        line(s, me)
        goes_on(s, s.dev.broken)
        s.lines.irq = True
    done(s, me)
