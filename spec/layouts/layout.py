"""A layout is a table: what a ring of this kind has, where both sides keep what they know of it, and who works on it.

Linux's and QEMU's code beside the ring (`virtio_net`, the NAPI, the net queue) is the same for every layout.
It meets the ring at program points that all layouts have, and the ring's steps go back through
`spec.linux.returns` and `spec.qemu.returns`, so that neither asks who the other one is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vrx.spec.memory import Barrier, Location
from vrx.spec.steps import Machine

if TYPE_CHECKING:
    from vrx.spec.layouts.view import View
    from vrx.spec.linux.state import Virtqueue
    from vrx.spec.qemu.state import VirtQueue


def no_barriers(cfg: Any) -> tuple[Barrier, ...]:
    """None."""
    return ()


@dataclass(frozen=True, eq=False)
class Layout:
    """One layout of the ring.  `rx(layout=...)` takes it; its name stands in the names of systems.

    idx_bits: how many bits the ring indices of a configuration need at least
    wrong: what is wrong with a configuration, in one line with the mend; an empty string where nothing is
    turn: how many values a ring index has; it counts modulo this number
    ring: the words of the ring, as both sides see them when it is empty (`s.ring`)
    stored: the locations in it that a system with this configuration stores to
    vq, dev: what the driver and the device keep of it for themselves (`s.vq`, `s.dev`)
    view: what others may ask of a ring, given a state
    driver, device: the machines of both halves
    events: it has a place for an event index: a side may name the position of which it wants to hear
    gathering: the driver's machine that takes the next buffer of a packet; None without data
    barriers: those of both halves
    indices: the fields of the state that are ring indices and move with them
    lying_driver, lying_device: who writes anything to the ring in the place of a side; None: nobody was written yet
    """

    name: str
    idx_bits: Callable[[Any], int]
    wrong: Callable[[Any], str]
    turn: Callable[[Any], int]
    ring: Callable[[Any], Any]
    stored: Callable[[Any], tuple[Location, ...]]
    vq: Callable[[Any], Virtqueue]
    dev: Callable[[Any], VirtQueue]
    view: Callable[[Any], View]
    driver: tuple[Machine, ...]
    device: tuple[Machine, ...]
    barriers: Callable[[Any], tuple[Barrier, ...]] = no_barriers
    gathering: Machine | None = None
    events: bool = True
    indices: tuple[str, ...] = ()
    lying_driver: Machine | None = None
    lying_device: Machine | None = None

    def __str__(self) -> str:
        return self.name
