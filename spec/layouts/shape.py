"""The shape of a ring: what a configuration, a state and the view of a ring know of its layout.

A shape has no steps and knows no state, so that a configuration can name it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.view import View
from vrx.spec.linux.state import HardIrq, Softirq, Virtqueue
from vrx.spec.memory import Location
from vrx.spec.qemu.state import MainLoop, VirtQueue


@dataclass(frozen=True, eq=False)
class Shape:
    """One way to lay out a ring.  Its name stands in the names of systems.

    idx_bits: how many bits the ring indices of a configuration need at least
    wrong: what is wrong with a configuration, in one line with the mend; an empty string where nothing is
    turn: how many values a ring index has; it counts modulo this number
    ring: the words of the ring, as both sides see them when it is empty (`s.ring`)
    stored: the locations in it that a system with this configuration stores to
    vq, dev: what the driver and the device keep of it for themselves (`s.vq`, `s.dev`)
    view: what others may ask of a ring, given a state
    events: it has a place for an event index: a side may name the position of which it wants to hear
    indices: the fields of the state that are ring indices and move with them
    hardirq, softirq, main: the contexts as the ring's steps find them, with program points and locals of its own
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
    events: bool = True
    indices: tuple[str, ...] = ()
    hardirq: type[HardIrq] = HardIrq
    softirq: type[Softirq] = Softirq
    main: type[MainLoop] = MainLoop

    def __str__(self) -> str:
        return self.name
