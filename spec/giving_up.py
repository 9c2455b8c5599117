"""When the device may give a packet up by QEMU's two ways out: what it drops is excused wherever packets are counted.

Each question reads where QEMU's code stands.  A device that drops a packet elsewhere, before it has taken a
buffer, is asked by nobody whether it had to (docs/trust.md).
"""

from __future__ import annotations

from vrx.spec.layouts.view import view
from vrx.spec.properties import invariant
from vrx.spec.qemu.state import Q
from vrx.spec.rx import State


@invariant(only="!general !liar", reads="main")
def gives_up_only_what_does_not_fit(s: State) -> bool:
    """virtqueue_unpop() is for a packet that no buffer alone holds, and for none where buffers merge: no other whose
    buffer is taken is given up there."""
    return s.main.pc != Q.UNPOP or (not s.cfg.mergeable and s.cfg.too_few(1, s.main.size))


@invariant(only="!general !liar", reads="main dev")
def pops_only_what_was_seen(s: State) -> bool:
    """A device pops for its packet where it has seen a buffer that it has not taken, so that virtio_net_receive_rcu()
    gives no packet up for want of buffers: it waits for them.

    The standard demands no such look.  A device that pops first, and waits where nothing came, conforms as well and is
    refuted: what that says of it is just this.
    """
    ring = view(s)
    return s.main.pc != Q.POP_EMPTY or s.dev.broken or ring.seen != ring.popped


GIVING_UP = (gives_up_only_what_does_not_fit, pops_only_what_was_seen)
"""What is asked of a device that drops packets."""
