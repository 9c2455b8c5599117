"""The shape of a ring: what a configuration, a state and the view of a ring know of its layout.

A shape has no steps and knows no state, so that a configuration can name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vrx.spec.contexts import Context
from vrx.spec.layouts.free_names import FreeNames
from vrx.spec.layouts.pairs import Pair
from vrx.spec.layouts.view import View
from vrx.spec.linux.state import HardIrq, Softirq, Virtqueue
from vrx.spec.memory import Location
from vrx.spec.qemu.state import MainLoop, VirtQueue
from vrx.spec.steps import ModelError

FUNCTIONS = ("idx_bits", "wrong", "turn", "ring", "stored", "vq", "dev", "view", "of_main", "pairs")
"""Fields of a shape that are functions."""


def _none(cfg: Any) -> Mapping[str, Any]:
    """Nothing: every number of the state is one in the C, and the main loop has nothing beside its fields."""
    return {}


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
    always_named: an event index is written whether or not it is negotiated
    event_structure: who listens says it by flags that may refer to an event, and not by one of both
    counts_descriptors: its indices, and what the device counts as in use, count descriptors; else buffers
    believes_ids: its device takes any id of a buffer for true, one that the ring does not have included
    flag_bits: with data, how many bits the flags of a descriptor have
    indices: the fields of the state that are ring indices and move with them
    free_names: how its free buffers get their names, for `symmetry`; None: nobody has said it
    questions: what is asked of a ring of this shape only, beside the standard questions
    hardirq, softirq, main: the contexts as the ring's steps find them, with program points and locals of its own
    of_main: by name, what the main loop has beside those in one configuration
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
    always_named: bool = True
    event_structure: bool = False
    counts_descriptors: bool = False
    believes_ids: bool = False
    flag_bits: int = 3
    indices: tuple[str, ...] = ()
    free_names: FreeNames | None = None
    hardirq: type[HardIrq] = HardIrq
    softirq: type[Softirq] = Softirq
    main: type[MainLoop] = MainLoop
    of_main: Callable[[Any], Mapping[str, Any]] = _none
    pairs: Callable[[Any], Mapping[str, Pair]] = _none
    questions: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        """Raises ModelError for what cannot be a shape, whatever the configuration is."""
        if not isinstance(self.name, str) or not self.name.isprintable() or not self.name.strip():
            raise ModelError(f"a layout's name={self.name!r}: give it a word or two; the names of systems have it")
        for field in FUNCTIONS:
            if not callable(getattr(self, field)):
                given, of = getattr(self, field), "the state" if field == "view" else "the configuration"
                raise ModelError(f"layout {self.name}: {field}={given!r}: give a function of {of}")
        if not isinstance(self.events, bool):
            raise ModelError(f"layout {self.name}: events={self.events!r}: give True or False")
        if not isinstance(self.indices, tuple) or not all(isinstance(path, str) for path in self.indices):
            raise ModelError(f'layout {self.name}: indices={self.indices!r}: give a tuple of paths, ("ring.used_idx",)')
        if self.free_names is not None and not isinstance(self.free_names, FreeNames):
            given = self.free_names
            raise ModelError(f"layout {self.name}: free_names={given!r}: give a FreeNames of spec.layouts, or None")
        for field, kind in (("hardirq", HardIrq), ("softirq", Softirq), ("main", MainLoop)):
            self._check_context(field, kind)

    def _check_context(self, field: str, kind: type[Context]) -> None:
        given = getattr(self, field)
        if not isinstance(given, type) or not issubclass(given, kind):
            raise ModelError(f"layout {self.name}: {field}={given!r}: give a class that extends {kind.__name__}")
        if given.points[:1] != kind.points or not all(list(points) for points in given.points):
            raise ModelError(
                f"layout {self.name}: the points of {given.__name__}: first {kind.points[0].__name__}, then "
                "enumerations of its own, which are not empty"
            )
        numbers: dict[int, str] = {}
        for point in (point for points in given.points for point in points):
            name = f"{type(point).__name__}.{point.name}"
            before = numbers.setdefault(int(point), name)
            if before != name:
                raise ModelError(
                    f"layout {self.name}: {name} and {before} are both {int(point)}: "
                    f"give it a number that {kind.points[0].__name__} leaves out, or one behind"
                )

    def __str__(self) -> str:
        return self.name
