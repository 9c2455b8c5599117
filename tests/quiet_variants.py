"""What tests of variants share: systems with few states, and a driver that goes to sleep without a last look."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.systems.system import rx
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq

SMALL = rx(idx_bits=2, max_packet=1)
"""71,000 states."""
QUIET = rx(arrivals=False)
"""No packet comes: 800 states."""
ONE = ["no_lost_interrupt"]
Run = Callable[[SplitState, Softirq], None]


def asleep(me: Softirq) -> None:
    """The driver sleeps without a last look."""
    me.opaque = 0
    me.goto(L.IDLE)
