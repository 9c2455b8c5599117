"""The words of a ring of one slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from vrx.spec.memory import Location
from vrx.spec.words import Bits, Upto

EMPTY, AVAILABLE, USED = range(3)
"""What the state word says of the one buffer."""


@dataclass(slots=True)
class OneSlot:
    """The ring as both sides see it.

    state: whose the buffer is
    no_interrupt: the driver wants no interrupt
    no_notify: the device wants no kick
    """

    state: Annotated[int, Upto(2)] = EMPTY
    no_interrupt: Annotated[int, Bits(1)] = 0
    no_notify: Annotated[int, Bits(1)] = 0


class loc:
    """Its locations."""

    state = Location("state", ("state",), 1)
    no_interrupt = Location("no_interrupt", ("no_interrupt",), 2, "driver")
    no_notify = Location("no_notify", ("no_notify",), 3, "device")


def stored(cfg: Any) -> tuple[Location, ...]:
    """All of them."""
    return loc.state, loc.no_interrupt, loc.no_notify
