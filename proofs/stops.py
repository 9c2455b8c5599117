"""The machine is stopped, and goes on: what of the questions holds where that may happen at any time.

At a stop QEMU consumes the kick that waits and loses the packet that waits; what comes
meanwhile is offered when the machine goes on, and the device kicks itself.  All
standard questions are asked, those about the fate of packets with one that is watched.
"""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.claims import Claim, Safety, Tier, claims_of, cover, lasting, tag
from vrx.models.systems.system import System, rx
from vrx.proofs.museum.data import small
from vrx.proofs.running import main_for
from vrx.spec.accounts import stopped_device_leaves_the_ring, stopped_machine_has_no_kick
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.liveness import LIVENESS
from vrx.spec.properties import Property, no_lost_kick, no_packet_vanishes, one_fate
from vrx.spec.qemu.net_queue import qemu_net_queue_flush, vm_stop
from vrx.spec.qemu.returns import look
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import standard_for
from vrx.spec.steps import require

ONE = rx(stops=True, idx_bits=2, max_packet=1)
WATCHED = rx(stops=True, idx_bits=2, max_packet=1, watch=True)
QUICK = (
    ONE,
    WATCHED,
    small(stops=True),
)
FULL = (
    rx(stops=True, idx_bits=2, max_packet=1, memory="tso"),
    rx(stops=True, idx_bits=2, max_packet=1, irq="other"),
    rx(stops=True, idx_bits=2, max_packet=1, memory="tso", guest="up"),
    rx(stops=True, idx_bits=2, watch=True),
    rx(stops=True, idx_bits=2, max_packet=1, watch=True, memory="tso"),
    rx(stops=True, idx_bits=2, max_packet=1, event_idx=True),
    rx(stops=True, idx_bits=2, max_packet=1, event_idx=True, memory="tso"),
    rx(stops=True, idx_bits=2, max_packet=1, event_idx=True, irq="other"),
    rx(stops=True, idx_bits=2, max_packet=1, irq="any"),
    rx(stops=True, size=2, max_packet=1),
    rx(stops=True, size=2, max_packet=1, watch=True),
    rx(stops=True, size=2, mergeable=True),
    rx(stops=True, data=True),
)
"""Rings of 1 and 2: TSO, the event index, other places of the interrupt, buffers that merge, packets told apart."""


def receives_all_the_same(s: SplitState, me: MainLoop) -> None:
    """The device does not ask whether the machine runs."""
    look(s, me)


def purges_uncounted(s: SplitState, me: MainLoop) -> None:
    """At a stop the queue is thrown away, and nobody counts what was in it."""
    require(s.net.running)
    s.net.queued = s.net.queued_mark = 0
    vm_stop(s, me)


def loses_and_keeps(s: SplitState, me: MainLoop) -> None:
    """At a stop the packet that waits is offered and lost, and stays in the queue all the same."""
    waiting, whose = s.net.queued, s.net.queued_mark
    vm_stop(s, me)
    s.net.queued, s.net.queued_mark = waiting, whose


def leaves_the_kick(s: SplitState, me: MainLoop) -> None:
    """The notifier is taken away, and nobody looks whether it was set."""
    waiting = s.lines.kick
    vm_stop(s, me)
    s.lines.kick = waiting


def goes_on(flushes: bool, kicks: bool) -> Callable[..., None]:
    """A resume that does not do all of it."""

    def vm_continue(s: SplitState, me: MainLoop) -> None:
        """The machine goes on, and what waits is left to somebody else."""
        require(not s.net.running)
        s.net.running = True
        s.lines.kick = kicks
        if flushes:
            qemu_net_queue_flush(s, me)
        else:
            me.goto(Q.IDLE)

    return vm_continue


WITHOUT_FLUSH = ONE.replace("vm_continue", goes_on(flushes=False, kicks=True), called="a resume without flush")
WITHOUT_KICK = ONE.replace("vm_continue", goes_on(flushes=True, kicks=False), called="a resume without kick")
WITHOUT_BOTH = ONE.replace("vm_continue", goes_on(flushes=False, kicks=False), called="a resume without either")


def asked(system: System, tier: Tier) -> list[Claim]:
    """The claims that every standard question about states holds."""
    properties = [q for q in standard_for(system.cfg)[0] if isinstance(q, Property)]
    return claims_of(system, *properties, tier=tier)


CLAIMS: list[Claim] = [
    *(claim for system in QUICK for claim in asked(system, "quick")),
    *(claim for system in FULL for claim in asked(system, "full")),
    *lasting(rx(stops=True, idx_bits=2, max_packet=1, memory="tso"), *LIVENESS, tier="full"),
    *lasting(rx(stops=True, idx_bits=2, max_packet=1, irq="other"), *LIVENESS, tier="full"),
    *lasting(rx(stops=True, idx_bits=2, max_packet=1, event_idx=True), *LIVENESS, tier="full"),
    *lasting(rx(stops=True, size=2, max_packet=1), *LIVENESS, tier="full"),
    *(cover(f"{name}-{tag(WATCHED)}", WATCHED, mark) for name, mark in (
        ("packet_lost_at_a_stop", "not ready"),
        ("kick_consumed_at_a_stop", "a kick is consumed at a stop"),
        ("packet_came_meanwhile", "what came meanwhile is offered"),
    )),
    Safety("stopped_device_leaves_the_ring-can-fail", ONE.replace("virtio_net_can_receive", receives_all_the_same),
          stopped_device_leaves_the_ring, "refuted", note="it writes into the memory of a guest that stands still"),
    Safety("stopped_machine_has_no_kick-can-fail", ONE.replace("vm_stop", leaves_the_kick),
          stopped_machine_has_no_kick, "refuted", note="saved and loaded elsewhere, the kick is gone"),
    Safety("stop-that-purges-uncounted", WATCHED.replace("vm_stop", purges_uncounted), no_packet_vanishes, "refuted",
          tier="full", note="the packet is gone, and no counter says so"),
    Safety("stop-that-loses-and-keeps", WATCHED.replace("vm_stop", loses_and_keeps), one_fate, "refuted",
          note="the packet counts as lost and is delivered later"),
    Safety("resume-without-flush", WITHOUT_FLUSH, no_lost_kick, "proved", tier="full",
          note="the device's own kick flushes as well"),
    Safety("resume-without-kick", WITHOUT_KICK, no_lost_kick, "proved", tier="full",
          note="a stop leaves no packet that waits for a kick, so nobody needs the device's own"),
    Safety("resume-without-flush-and-kick", WITHOUT_BOTH, no_lost_kick, "refuted",
          note="what came while the machine stood still waits for ever"),
]  # fmt: skip

if __name__ == "__main__":
    main_for(CLAIMS)
