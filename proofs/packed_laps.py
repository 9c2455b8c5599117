"""A position of a packed ring comes again after two laps: what that does to who was away meanwhile.

A listener cannot be away so long: nobody publishes more than a lap ahead of who has to give the buffers back.  What
may be two laps old is a wish that still stands in memory: it is met again, which costs an interrupt and loses
nothing.  A publisher that lets two laps pass before it looks what is wanted, and remembers a position, finds
nothing new, and somebody sleeps for ever.
"""

from __future__ import annotations

from typing import Any

from vrx.models.claims import Claim, about, fails
from vrx.models.systems.system import System
from vrx.proofs.running import main_for
from vrx.proofs.standard_packed import ring
from vrx.spec.layouts.packed.driver import virtqueue_enable_cb_prepare
from vrx.spec.layouts.packed.memory import DISABLE, loc, used_mark
from vrx.spec.layouts.packed.standard import any_device as dev
from vrx.spec.layouts.packed.standard.peers import AnyDevice, Ring
from vrx.spec.layouts.packed.state import PackedState
from vrx.spec.layouts.view import view
from vrx.spec.linux.state import GuestContext, Softirq
from vrx.spec.memory import store
from vrx.spec.properties import no_lost_interrupt
from vrx.spec.property import invariant
from vrx.spec.ring import idx_add, idx_sub, slot
from vrx.spec.standard.properties import driver_not_left_asleep
from vrx.spec.steps import require
from vrx.spec.words import Upto, pick

MANY = 4
"""Interrupts for one wish: more than a device can owe from before, at the position, and until the wish is withdrawn."""


def counts_what_is_owed(s: Any, me: AnyDevice) -> None:
    """Send the interrupt that is owed, and count it."""
    s.ghost.sent = pick(s.ghost.sent < MANY, s.ghost.sent + 1, MANY)
    dev.device_interrupts(s, me)


def asks_and_counts_anew(s: Any, me: Softirq) -> None:
    """Callbacks are wanted again: what was sent for the wish before counts no more."""
    s.ghost.sent = 0
    virtqueue_enable_cb_prepare(s, me)


def refuses_in_any_case(s: PackedState, me: GuestContext) -> None:
    """Ask for no more interrupts by the flags, whether or not an event was passed."""
    s.vq.event_flags_shadow = DISABLE
    store(s, me, loc.driver_flags, DISABLE)
    me.ret()


def counting(system: System) -> System:
    """The system, which counts the interrupts that are owed for a wish."""
    return (
        system.declare("ghost.sent", Upto(MANY))
        .replace("device_interrupts", counts_what_is_owed)
        .replace("virtqueue_enable_cb_prepare", asks_and_counts_anew)
    )


@invariant
def three_interrupts_for_a_wish(s: Any) -> bool:
    """For one wish the device sends no more than three interrupts that it owes."""
    few: bool = s.ghost.sent < MANY
    return few


@invariant
def no_more_than_a_lap_ahead(s: Any) -> bool:
    """The device has returned no more descriptors than the ring has that the driver did not take back."""
    ahead: bool = idx_sub(s.cfg, view(s).used, view(s).received) <= s.cfg.size
    return ahead


def publishes_without_looking(s: Ring, me: AnyDevice, ahead: int) -> None:
    """The device lets any number of laps pass before it looks what the driver wants."""
    require(ahead == 0 and me.placed != me.used_idx and not me.heard)
    store(s, me, loc.desc_flags[slot(s.cfg, me.used_idx)], used_mark(s.cfg, me.used_idx))
    me.first_lap[slot(s.cfg, me.used_idx)] = me.used_idx < s.cfg.size
    me.used_idx = idx_add(s.cfg, me.used_idx, 1)


def publishes_anything(s: Ring, me: AnyDevice, ahead: int) -> None:
    """The device marks one descriptor after the other as used."""
    require(ahead == 0 and not me.heard)
    store(s, me, loc.desc_flags[slot(s.cfg, me.used_idx)], used_mark(s.cfg, me.used_idx))
    me.used_idx = idx_add(s.cfg, me.used_idx, 1)


LINUX = counting(ring("any-device", event=True))
ALWAYS = LINUX.replace("virtqueue_disable_cb_packed", refuses_in_any_case)

CLAIMS: list[Claim] = [
    about("no_more_than_a_lap_ahead-packed-ring2", ring("any", size=2), no_more_than_a_lap_ahead, "proved",
          tier="full", note="on a ring of 1 two laps have two positions, and no distance is more than a lap"),
    fails("no_more_than_a_lap_ahead-can-fail", ring("any", size=2).replace("device_publishes", publishes_anything),
          no_more_than_a_lap_ahead, "a device that returns what it has not"),
    about("packed-an-old-position-loses-nothing", LINUX, no_lost_interrupt, "proved", tier="full"),
    fails("packed-an-old-position-is-met-again", LINUX, three_interrupts_for_a_wish,
          "Linux writes no flags when an event was passed: the position stands there, and comes again two laps later"),
    about("packed-a-wish-that-is-withdrawn-is-met-once", ALWAYS, three_interrupts_for_a_wish, "proved", tier="full"),
    *(
        fails(f"packed-two-laps-without-a-look-{'event' if event else 'flags'}",
              ring("any", event=event).replace("device_publishes", publishes_without_looking), driver_not_left_asleep,
              "two laps are no lap to who remembers a position: it finds nothing new")
        for event in (False, True)
    ),
]

if __name__ == "__main__":
    main_for(CLAIMS)
