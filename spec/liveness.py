"""What must happen in the end: claims about runs that never stop, and the fairness that they assume.

A claim names the situation that may not last for ever.  It is refuted by a
*fair cycle*, a loop of states all in that situation that no fair scheduler would
leave, or by a rest in it that nothing excuses.

Fairness, per context: one that is enabled without a break takes a step (weak
fairness: the main loop, hard interrupts, store buffers); a softirq, which the
interrupts of its CPU hold up again and again, takes a step if it is enabled again
and again (strong fairness), and so does a hard interrupt where the environment may
stop the machine again and again.  The environment owes nobody anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from vrx.spec.linux.state import HardIrq, Softirq
from vrx.spec.memory import StoreBuffer
from vrx.spec.qemu.state import MainLoop
from vrx.spec.ring import idx_sub
from vrx.spec.rx import State

FAIRNESS = "fair: weakly per context, softirqs strongly (hard interrupts too where the machine stops)"
Side = Literal["device", "driver"]


def is_strong(cfg: Any, context: Any) -> bool:
    """Does the context step if it is enabled again and again?  What others hold up again and again does: a softirq
    (its CPU's interrupts preempt it), and a hard interrupt of a machine that is stopped and goes on."""
    return isinstance(context, Softirq) or (isinstance(context, HardIrq) and bool(cfg.stops))


def side_of(context: Any) -> str:
    """Whose steps a context takes."""
    if isinstance(context, StoreBuffer):
        return context.side
    return "device" if isinstance(context, MainLoop) else "driver"


@dataclass(frozen=True)
class Liveness:
    """A named claim that a situation does not last for ever.

    lasts: the situation, asked of every state of a cycle
    stuck: whether a rest in this state refutes the claim as well; None: no rest does
    only: the cycles in question consist of steps of this side alone, and the environment does nothing
    """

    name: str
    sentence: str
    lasts: Callable[[Any], bool]
    stuck: Callable[[Any], bool] | None = None
    only: Side | None = None


def _sentence(of: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(of) or "").split("\n\n")[0].split())


def packet_pending(s: State) -> bool:
    """A packet was accepted from the network, and is neither delivered to the driver nor dropped."""
    return s.net.queued != 0 or s.main.size != 0


def packet_stuck(s: State) -> bool:
    """A packet waits although the posted buffers can take it: all of it, or, where buffers do not merge, as
    much as the device needs to see that it does not fit and to drop it."""
    if s.main.size != 0:
        return True
    if s.net.queued == 0:
        return False
    posted = idx_sub(s.cfg, s.mem.avail_idx, s.dev.last_avail_idx)
    return posted >= (s.net.queued if s.cfg.mergeable else 1)


def used_entry_waits(s: State) -> bool:
    """The device has used a buffer that the driver has not taken."""
    return s.mem.used_idx != s.vq.last_used_idx


def anything(s: State) -> bool:
    """Every state."""
    return True


def every_packet_ends() -> Liveness:
    """Every accepted packet is delivered or dropped in the end: it does not wait for ever, neither in a cycle nor
    at rest, unless the driver has posted too few buffers."""
    return Liveness("every_packet_ends", _sentence(every_packet_ends), packet_pending, packet_stuck)


def every_used_entry_is_taken() -> Liveness:
    """Every used entry is taken by the driver in the end.

    For a ring of 1: there the situation ends with each entry; on a larger one the next entry prolongs it.
    """
    return Liveness(
        "every_used_entry_is_taken", _sentence(every_used_entry_is_taken), used_entry_waits, used_entry_waits
    )


def no_spin(side: Side) -> Liveness:
    """No side runs for ever while the other stands still and no packet comes."""
    return Liveness(f"no_spin_{side}", _sentence(no_spin), anything, None, side)


LIVENESS = (every_packet_ends(), no_spin("device"), no_spin("driver"))
"""The liveness claims of every receive system."""
LIVENESS_OF_ONE = (*LIVENESS, every_used_entry_is_taken())
"""Those of a ring of 1."""
