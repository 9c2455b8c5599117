"""When the device may give a packet up: what it drops is excused wherever packets are counted, so it is asked here."""

from __future__ import annotations

from vrx.spec.properties import invariant
from vrx.spec.qemu.state import Q
from vrx.spec.rx import State


@invariant(only="!general !liar", reads="main")
def gives_up_only_what_does_not_fit(s: State) -> bool:
    """A packet whose buffer is taken is given up only where no buffer alone holds it, and never where buffers merge."""
    return s.main.pc != Q.UNPOP or (not s.cfg.mergeable and s.cfg.too_few(1, s.main.size))


@invariant(only="!general !liar", reads="main dev")
def pops_only_what_was_seen(s: State) -> bool:
    """A device that takes a buffer for its packet has seen one that it has not taken: no packet is lost for want of
    buffers, which are there to be waited for."""
    return s.main.pc != Q.POP_EMPTY or s.dev.broken or s.dev.shadow_avail_idx != s.dev.last_avail_idx


GIVING_UP = (gives_up_only_what_does_not_fit, pops_only_what_was_seen)
"""What is asked of a device that drops packets."""
