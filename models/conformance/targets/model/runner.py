"""The models of `spec/` as targets: their steps, on real ring bytes.

The steps are those that the proofs are about; only their memory is another: a
ring in shared memory instead of fields.  What is loaded is read off its bytes, each
store writes them.  That the model puts zero into what is dead, whoever wrote it,
is its housekeeping and stays out of the ring.

Of the ring's numbers two are not bytes in the model: an address, which is 1 + the
place there (0: no memory), and the length of an indirect table, which is in entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from vrx.models.claims import Exhibit
from vrx.models.conformance.protocol import Hung, Setup, Unsupported
from vrx.models.systems.system import System, rx
from vrx.models.systems.take_step import take_step
from vrx.spec.config import BadConfiguration
from vrx.spec.contexts import Context
from vrx.spec.litmus import always_runs
from vrx.spec.memory import Cell, Listener, Location
from vrx.spec.steps import Step
from vrx.spec.words import Array

LONGEST: Final = 65535
"""Of a frame, in bytes."""
UNIT: Final = 1536
"""Bytes of a buffer as the configuration of the model has it; those of the ring are as long as they say."""
MOST_STEPS: Final = 10_000
"""A side that takes more steps for one packet, or one call, never rests: a fault of the model or of a variant."""
SCALARS: Final = frozenset(
    {
        "avail_flags", "avail_idx", "used_event", "used_flags", "used_idx", "avail_event",
        "driver_off_wrap", "driver_flags", "device_off_wrap", "device_flags",
    }
)  # fmt: skip
"""Of either layout."""
Edge = tuple[str, str, str]
"""Of a control graph: program point, step, program point."""
Stores = Mapping[Location, Callable[[int, Any], None]]
"""What a store to a location does: its place in an array (0 where it is none), and the value."""


def near(a: int, b: int, most: int) -> int:
    """How far index a is ahead of b; from `most` on it is all the same."""
    ahead = (a - b + 0x8000 & 0xFFFF) - 0x8000
    return max(-most, min(most, ahead))


class Slots:
    """A part of the wire as an array of the model."""

    def __init__(self, read: Callable[[int], int]) -> None:
        self.read = read

    def __getitem__(self, i: int) -> int:
        return self.read(i)

    def __setitem__(self, i: int, value: int) -> None:
        """Stores go another way: see `Runner.take`.  What comes here is housekeeping."""


def never(i: int) -> int:
    """Of an array that this side only writes."""
    raise AssertionError(f"element {i} of what the other side reads")


class WireMemory:
    """The memory of a model, on a ring.

    words: an object with the fields of the model's ring that are no arrays; arrays: how those that this side loads
    are read
    """

    def __init__(self, words: Any, **arrays: Callable[[int], int]) -> None:
        self.__dict__["_words"] = words
        self.__dict__.update((name, Slots(read)) for name, read in arrays.items())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._words, name) if name in SCALARS else _ONLY_WRITTEN

    def __setattr__(self, name: str, value: int) -> None:
        """As for `Slots`."""


_ONLY_WRITTEN: Final = Slots(never)


@lru_cache(maxsize=256)
def system_of(setup: Setup, segments: int, mergeable: bool) -> System:
    """The receive system of a configuration.  segments: most of a buffer.

    Raises Unsupported.
    """
    width = {"idx_bits": 16} if setup.layout == "split" else {}  # one of a packed ring has no other width than its own
    try:
        return rx(
            ring=setup.layout, size=setup.size, event_idx=setup.event_idx, mergeable=mergeable, stops=True, data=True,
            segments=segments, indirect=setup.indirect and segments > 1, hdr_len=setup.header_bytes, eth_len=14,
            buffer_len=UNIT, max_packet=min(LONGEST, UNIT * setup.size - setup.header_bytes), **width,
        )  # fmt: skip
    except BadConfiguration as error:
        raise Unsupported(str(error)) from None


def with_fault(system: System, exhibit: Exhibit) -> System:
    """The system with the faulty steps of an exhibit.

    A fault of the event index, or of buffers that merge, is none where these are not negotiated,
    nor is one of another layout.
    """
    needs, has = exhibit.faulty.cfg, system.cfg
    if needs.layout is not has.layout:
        return system
    if (needs.event_idx and not has.event_idx) or (needs.mergeable and not has.mergeable):
        return system
    for step in exhibit.faulty.steps:
        if step.stands_for is not None and step.belongs_to(has):
            system = system.replace(step.name, step.run, "", **step.choices)
    return replace(system, instead=exhibit.faulty.instead, declared=exhibit.faulty.declared)


@dataclass(frozen=True, eq=False)
class Model:
    """A system, its steps by name, and those that its contexts take by themselves: by type and point."""

    system: System
    by_name: Mapping[str, Step]
    at: Mapping[tuple[type[Any], int], Sequence[Step]]


@lru_cache(maxsize=4096)
def model_of(setup: Setup, segments: int, mergeable: bool, fault: Exhibit | None) -> Model:
    """The model of a configuration, with the fault planted if there is one.  Raises Unsupported."""
    system = system_of(setup, segments, mergeable)
    if fault is not None:
        system = with_fault(system, fault)
    at: dict[tuple[type[Any], int], list[Step]] = {}
    for step in system.steps:
        if step.belongs_to(system.cfg) and not step.environment:
            kinds = step.runs_on
            for kind in kinds if isinstance(kinds, tuple) else (kinds,):
                for point in step.at:
                    at.setdefault((kind, int(point)), []).append(step)
    return Model(system, {step.name: step for step in system.steps}, at)


class Runner(Listener):
    """Takes the steps of one system, on a state whose memory is a ring.

    stores: what a store to each location does; taken: counts the edges of the control graph that it takes
    """

    def __init__(self, model: Model, memory: WireMemory, stores: Stores, taken: Counter[Edge]) -> None:
        self.stores, self.taken = stores, taken
        size = model.system.cfg.size
        small = rx(ring=model.system.cfg.layout.name, size=size)  # without the memory of the real one, which is a ring
        self.state: Any = model.system.state(small.cfg)
        self.state.ring = self.state.contents = memory
        self.state.ghost.written = Array([0] * size)
        self.become(model)

    def become(self, model: Model) -> None:
        """Go on as this model, which differs in its configuration."""
        self.model = model
        self.state.cfg = model.system.cfg

    def take_named(self, me: Any, name: str, **choices: int) -> bool:
        """Take the step of this name."""
        return self.take(me, self.model.by_name[name], **choices)

    def enabled(self, me: Any) -> list[Step]:
        """The steps that stand at the point where a context is."""
        at, point = self.model.at, int(me.pc)
        return [step for kind in type(me).__mro__ for step in at.get((kind, point), ())]

    def take(self, me: Any, step: Step, **choices: int) -> bool:
        """Take a step; False where it is not enabled.  A choice that is not named is 0."""
        before = me.pc
        chosen = [choices.get(name, 0) for name in step.choices]
        after = take_step(self.state, me, step, chosen, always_runs, lambda: me.pc, listener=self)
        if after is None:
            return False
        self.taken[before.name, step.name, after.name] += 1
        return True

    def accessed(self, kind: str, cell: Cell, value: Any) -> None:
        """A store takes effect in the ring."""
        if kind == "store":
            self.stores[cell.loc](cell.at, value)

    def move(self, me: Any, **choices: int) -> bool:
        """Take the step that a context can take."""
        for step in self.enabled(me):
            if self.take(me, step, **{k: v for k, v in choices.items() if k in step.choices}):
                return True
        return False

    def until(self, me: Context, there: Callable[[], bool], **choices: int) -> None:
        """Let a context go on until it is where it shall be, or can go no further."""
        for _ in range(MOST_STEPS):
            if there() or not self.move(me, **choices):
                return
        raise Hung(f"{me.name} does not come to rest")
