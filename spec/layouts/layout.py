"""A layout is a table: the shape of a ring, and who works on a ring of this shape.

Linux's and QEMU's code beside the ring (`virtio_net`, the NAPI, the net queue) is the same for every layout.
It meets the ring at program points that all layouts have, and the ring's steps go back through
`spec.linux.returns` and `spec.qemu.returns`, so that neither asks who the other one is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vrx.spec.layouts.shape import Shape
from vrx.spec.memory import Barrier
from vrx.spec.steps import Machine, ModelError


def no_barriers(cfg: Any) -> tuple[Barrier, ...]:
    """None."""
    return ()


@dataclass(frozen=True, eq=False)
class Peers:
    """The standard's sides on a ring of one layout, for `peers(layout=...)`.

    device, driver: the machines of the standard's sides
    barriers: of all sides that a configuration has, Linux's and QEMU's too
    new_state, actors, may_run: the closed system around the ring, as `spec.rx` has them
    watched: from the function of a step, one that lets the standard look on
    """

    device: Machine
    driver: Machine
    barriers: Callable[[Any], tuple[Barrier, ...]]
    new_state: Callable[[Any], Any]
    actors: Callable[[Any], Sequence[Any]]
    may_run: Callable[[Any, Any], None]
    watched: Callable[[Callable[..., None]], Callable[..., None]]


@dataclass(frozen=True, eq=False)
class Layout:
    """One layout of the ring.  `rx(layout=...)` takes it.

    shape: all that a configuration and a state know of it
    driver, device: the machines of both halves
    gathering: the driver's machine that takes the next buffer of a packet; None without data
    barriers: those of both halves
    lying_driver, lying_device: who writes anything to the ring in the place of a side; None: nobody was written yet
    peers: the standard's sides; None: nobody has written them for this layout
    """

    shape: Shape
    driver: tuple[Machine, ...]
    device: tuple[Machine, ...]
    barriers: Callable[[Any], tuple[Barrier, ...]] = no_barriers
    gathering: Machine | None = None
    lying_driver: Machine | None = None
    lying_device: Machine | None = None
    peers: Peers | None = None

    def __post_init__(self) -> None:
        """Raises ModelError for what cannot be a layout, whatever the configuration is."""
        if not isinstance(self.shape, Shape):
            raise ModelError(f"a layout's shape={self.shape!r}: give a Shape of spec.layouts.shape")
        for side in ("driver", "device"):
            machines = getattr(self, side)
            if not isinstance(machines, tuple) or not machines or not all(isinstance(m, Machine) for m in machines):
                raise ModelError(f"layout {self}: {side}={machines!r}: give a tuple of machines, at least one")
            if not any(machine.steps for machine in machines):
                raise ModelError(f"layout {self}: {side} has no steps: decorate functions with the `step` of a machine")
        for name in ("gathering", "lying_driver", "lying_device"):
            if (one := getattr(self, name)) is not None and not isinstance(one, Machine):
                raise ModelError(f"layout {self}: {name}={one!r}: give a machine, or None")
        if not callable(self.barriers):
            raise ModelError(f"layout {self}: barriers={self.barriers!r}: give a function of the configuration")
        if self.peers is not None and not isinstance(self.peers, Peers):
            raise ModelError(f"layout {self}: peers={self.peers!r}: give a Peers of spec.layouts.layout, or None")

    def __str__(self) -> str:
        return self.shape.name
