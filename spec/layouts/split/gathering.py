"""drivers/virtio/virtio_ring.c: receive_mergeable() asks a split virtqueue for the next buffer of a packet."""

from __future__ import annotations

from vrx.spec.layouts.split.contexts import SplitL
from vrx.spec.layouts.split.driver_used import more_used
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.returns import missing
from vrx.spec.linux.state import L, Softirq
from vrx.spec.steps import Machine
from vrx.spec.switches import DATA, MERGEABLE

gathering = Machine("drivers/virtio/virtio_ring.c")


@gathering.step(at=L.GATHER, only=DATA & MERGEABLE)
def receive_mergeable__gather(s: SplitState, me: Softirq) -> None:
    """Take the packet's next buffer; where it is missing, the packet is dropped and counted.

    C: receive_mergeable(), drivers/net/virtio_net.c; more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    another(s, me, L.GATHER)


@gathering.step(at=L.DISCARD, only=DATA & MERGEABLE)
def receive_mergeable__discard(s: SplitState, me: Softirq) -> None:
    """Take a buffer of a bad packet, to throw it away.

    C: receive_mergeable(), drivers/net/virtio_net.c; more_used_split(), drivers/virtio/virtio_ring.c, Linux 6.1
    Spec: VIRTIO 1.4, 5.1.9.4.2 (Driver Requirements: Processing of Incoming Packets)
    """
    another(s, me, L.DISCARD)


@gathering.helper
def another(s: SplitState, me: Softirq, point: L) -> None:
    """virtqueue_get_buf_ctx() for `point`, up to its first access."""
    if more_used(s, me):
        me.call(SplitL.USED_ID, then=point)
    else:
        missing(s, me)
