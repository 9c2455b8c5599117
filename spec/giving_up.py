"""When the device may give a packet up by QEMU's two ways out: what it drops is excused wherever packets are counted.

The first two questions read where QEMU's code stands.  The third speaks of both sides, wherever they drop: where
nothing that comes may be dropped, nothing is.  Where something may (one packet is too large, the filter refuses
another, the machine is stopped), nobody asks of a drop which it was (docs/trust.md).
"""

from __future__ import annotations

from vrx.spec import parts
from vrx.spec.layouts.view import view
from vrx.spec.properties import watched_packet_came
from vrx.spec.property import invariant
from vrx.spec.qemu.state import Q
from vrx.spec.rx import State
from vrx.spec.switches import FILTER, FITS, GENERAL, LIAR, PACKETS, STOPS


@invariant(only=~GENERAL & ~LIAR, reads=parts.MAIN)
def gives_up_only_what_does_not_fit(s: State) -> bool:
    """virtqueue_unpop() is for a packet that no buffer alone holds, and for none where buffers merge: no other whose
    buffer is taken is given up there."""
    return s.main.pc != Q.UNPOP or (not s.cfg.mergeable and s.cfg.too_few(1, s.main.size))


@invariant(only=~GENERAL & ~LIAR, reads=parts.MAIN & parts.DEV)
def pops_only_what_was_seen(s: State) -> bool:
    """A device pops for its packet where it has seen a buffer that it has not taken, so that virtio_net_receive_rcu()
    gives no packet up for want of buffers: it waits for them.

    The standard demands no such look.  A device that pops first, and waits where nothing came, conforms as well and is
    refuted: what that says of it is just this.
    """
    ring = view(s)
    return s.main.pc != Q.POP_EMPTY or s.dev.broken or ring.found != ring.popped


@invariant(
    only=PACKETS & FITS & ~FILTER & ~STOPS & ~LIAR,
    reads=parts.GHOST & parts.NET & parts.MAIN,
    about=watched_packet_came,
)
def drops_nothing_without_a_reason(s: State) -> bool:
    """Where every packet fits, no filter refuses one, the machine is not stopped and nobody lies, no packet is dropped,
    by neither side: the device takes none off its queue to lose it, and the driver delivers what was used rightly.

    Said of the watched packet, which may be any.
    """
    return s.ghost.watched != DROPPED


DROPPED = 3
"""What `Ghost.watched` says of a packet that was dropped and counted."""
GIVING_UP = (gives_up_only_what_does_not_fit, pops_only_what_was_seen, drops_nothing_without_a_reason)
"""What is asked of sides that drop packets."""
