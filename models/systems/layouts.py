"""A layout that is given wrongly is refused before anything runs: what was wrong, in which field, and what mends it.

What can be said of a table alone, its classes say when it is made.  Here is what its functions return, asked once
of the configuration that a system is built for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

from vrx.models.systems.fields import View as Fields
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.step_errors import line_of
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.layout import Layout
from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.view import View
from vrx.spec.linux.state import GuestContext, Virtqueue
from vrx.spec.memory import Barrier, Location
from vrx.spec.qemu.state import MainLoop, VirtQueue
from vrx.spec.steps import ModelError, contexts_of

CODES = range(32)
"""Of locations (`spec.memory.Location`)."""
KINDS = ("mb", "rmb", "wmb")


@contextmanager
def told(layout: Layout) -> Iterator[None]:
    """What the functions of a layout raise is one line with the place."""
    try:
        yield
    except (BadConfiguration, ModelError):
        raise
    except Exception as error:
        words = " ".join(str(error).split())
        raise BadConfiguration(f"layout {layout}: {type(error).__name__}: {words}, at {line_of(error)}") from error


def check(layout: Layout, cfg: Any, new_state: Callable[[Any], Any]) -> None:
    """Raises BadConfiguration where a table does not fit together in a configuration."""
    looks = [_wrong_tables(layout, cfg)]
    if (layout, cfg.data) not in _SOUND:
        looks += [_wrong_steps(layout), _wrong_state(layout.shape, cfg, new_state)]
    if said := next(chain.from_iterable(looks), ""):
        raise BadConfiguration(f"layout {layout}: {said}")
    _SOUND.add((layout, cfg.data))


_SOUND: Final[set[tuple[Layout, bool]]] = set()
"""Layouts whose steps and states were looked at, with data and without: that takes longer than to make a system."""


def _wrong_tables(layout: Layout, cfg: Any) -> Iterator[str]:
    shape = layout.shape
    for name, protocol in (("vq", Virtqueue), ("dev", VirtQueue)):
        part = getattr(shape, name)(cfg)
        if missing := [n for n in protocol.__annotations__ if not hasattr(part, n)]:
            said = f"{name}(cfg) is {type(part).__name__}, which has no {missing[0]}"
            yield f"{said}: {protocol.__module__}.{protocol.__name__} says what it is"
    if not hasattr(ring := shape.ring(cfg), "__dataclass_fields__"):
        yield f"ring(cfg) is {ring!r}: return a dataclass with slots, whose fields are the words of the ring"
    yield from _locations(shape.stored(cfg), ring)
    yield from _barriers(layout.barriers(cfg))


def _wrong_state(shape: Shape, cfg: Any, new_state: Callable[[Any], Any]) -> Iterator[str]:
    state = new_state(cfg)
    fields = {f.name: f for f in Fields(state).fields}
    for path in shape.indices:
        if path not in fields:
            yield f"indices: the state has no {path}: {nearest(path, fields)}"
        elif fields[path].top != cfg.last_index:
            yield (
                f"indices: {path} goes to {fields[path].top} and a ring index to {cfg.last_index}: "
                "declare it as an Index, or take it off the list"
            )
    seen = shape.view(state)
    if missing := [n for n in vars(View) if n[0] != "_" and not hasattr(seen, n)]:
        yield f"view(s) is {type(seen).__name__}, which has no {missing[0]}: spec.layouts.view.View says what it is"


def _locations(stored: Any, ring: Any) -> Iterator[str]:
    if not isinstance(stored, Sequence) or not all(isinstance(one, Location) for one in stored):
        yield f"stored(cfg) is {stored!r}: return a tuple of Locations"
        return
    for one in stored:
        if one.code not in CODES:
            yield f"stored: the code of {one.name} is {one.code}: use one up to {CODES[-1]}"
        if lacking := [name for name in one.fields if one.part == "ring" and not hasattr(ring, name)]:
            yield f"stored: {one.name} is {lacking[0]} of the ring, which has no such field"
    codes = [one.code for one in stored if one.code]
    if twice := [code for code, count in Counter(codes).items() if count > 1]:
        names = " and ".join(one.name for one in stored if one.code == twice[0])
        yield f"stored: {names} have the code {twice[0]}: give each its own, or a store buffer takes one for the other"


def _barriers(barriers: Any) -> Iterator[str]:
    if not isinstance(barriers, Sequence) or not all(isinstance(one, Barrier) for one in barriers):
        yield f"barriers(cfg) is {barriers!r}: return a tuple of Barriers"
        return
    for one in barriers:
        if one.kind not in KINDS:
            yield f"barriers: {one.name} is a {one.kind!r}: a barrier is one of {', '.join(KINDS)}"
    for name, count in Counter(one.name for one in barriers).items():
        if count > 1:
            yield f"barriers: two are called {name}: give one of them another name"


def _wrong_steps(layout: Layout) -> Iterator[str]:
    for side, machines, kind in (("driver", layout.driver, GuestContext), ("device", layout.device, MainLoop)):
        for step in (step for machine in machines for step in machine):
            if other := [own for own in contexts_of(step.run) if not issubclass(own, kind)]:
                where = f"{side}: {step.name} runs in {other[0].__name__}"
                yield f"{where}: give it to the other side, or `me` another type"
    names = layout.shape.free_names
    there = [step.name for machine in layout.driver for step in machine]
    for name in names.behind if names is not None else ():
        if name not in there:
            yield f"free_names: the driver has no step {name}: {nearest(name, there)}"
