"""The models of `spec/` as targets: their steps, on real ring bytes.

The steps are those that the proofs are about; only their memory is another: a
ring in shared memory instead of fields.  A side writes what is its own.  That the
model puts zero into what is dead, whoever wrote it, is its housekeeping and stays
out of the ring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from models.conformance.errors import NoTarget
from models.conformance.protocol import Setup, Unsupported
from models.conformance.wire import SplitRing
from models.system import System, rx
from spec.config import BadConfiguration
from spec.contexts import Context
from spec.steps import Disabled, Step

DRIVER_WRITES: Final = frozenset({"avail_flags", "avail_idx", "avail_ring", "used_event"})
DEVICE_WRITES: Final = frozenset({"used_flags", "used_idx", "used_id", "avail_event"})
UNIT: Final = 1536
"""Bytes of a buffer where buffers merge: the model counts packets in buffers of one size."""
MOST_STEPS: Final = 100_000
"""A side that takes more steps without coming to rest is a fault of the model or of a variant."""


class Slots:
    """A ring of the wire as an array of the model."""

    def __init__(self, read: Callable[[int], int], write: Callable[[int, int], None]) -> None:
        self.read, self.write = read, write

    def __getitem__(self, i: int) -> int:
        return self.read(i)

    def __setitem__(self, i: int, value: int) -> None:
        self.write(i, value)


def nothing(i: int, value: int) -> None:
    """What a side writes into the other side's ring."""


class WireMemory:
    """`spec.rx.Memory` on a ring.

    mine: the fields that this side writes; put_avail, put_used: what a store to an entry of its ring does
    """

    _ring: SplitRing
    _mine: frozenset[str]

    def __init__(
        self,
        ring: SplitRing,
        mine: frozenset[str],
        put_avail: Callable[[int, int], None],
        put_used: Callable[[int, int], None],
    ) -> None:
        object.__setattr__(self, "_ring", ring)
        object.__setattr__(self, "_mine", mine)
        object.__setattr__(self, "avail_ring", Slots(ring.avail, put_avail if "avail_ring" in mine else nothing))
        used = Slots(lambda i: ring.used(i).id, put_used if "used_id" in mine else nothing)
        object.__setattr__(self, "used_id", used)

    def __getattr__(self, name: str) -> int:
        value: int = getattr(self._ring, name)
        return value

    def __setattr__(self, name: str, value: int) -> None:
        if name in self._mine:
            setattr(self._ring, name, value)


def system_of(setup: Setup, packet: int) -> System:
    """The receive system of a configuration.  packet: the largest, in buffers.  Raises Unsupported."""
    if setup.layout != "split" or setup.indirect:
        raise Unsupported("the model has split rings without indirect tables")
    try:
        return rx(
            size=setup.size,
            idx_bits=16,
            event_idx=setup.event_idx,
            mergeable=setup.mergeable,
            max_packet=packet,
            stops=True,
        )
    except BadConfiguration as error:
        raise Unsupported(str(error)) from None


def with_fault(system: System, fault: str) -> System:
    """The system with the faulty steps of an exhibit of the museum.  Raises NoTarget."""
    if not fault:
        return system
    from proofs import all_exhibits  # the museum is not needed by those who want no fault

    exhibit = next((e for e in all_exhibits() if e.id == fault), None)
    if exhibit is None:
        raise NoTarget(f"no exhibit is called {fault!r}: vrx bugs --list shows them")
    for step in exhibit.faulty.steps:
        if step.stands_for is not None:
            system = system.replace(step.name, step.run, "", **step.choices)
    return system


class Runner:
    """Takes the steps of one system, on a state whose memory is a ring.  taken: (from, step, to), how often."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.state: Any = system.new_state(system.cfg)
        self.taken: Counter[tuple[str, str, str]] = Counter()
        self._at: dict[tuple[type[Any], int], list[Step]] = {}
        for step in system.steps:
            if step.belongs_to(system.cfg):
                kinds = step.runs_on
                for kind in kinds if isinstance(kinds, tuple) else (kinds,):
                    for point in step.at:
                        self._at.setdefault((kind, int(point)), []).append(step)
        self.by_name = {step.name: step for step in system.steps}

    def enabled(self, me: Any) -> list[Step]:
        """The steps that stand at the point where a context is, the environment's aside."""
        out = []
        for kind in type(me).__mro__:
            out += self._at.get((kind, int(me.pc)), [])
        return [s for s in out if not s.environment]

    def take(self, me: Any, step: Step, **choices: int) -> bool:
        """Take a step; False where it is not enabled.  A choice that is not named is 0."""
        self.state.accesses = 0
        before = me.pc
        try:
            step.run(self.state, me, **(dict.fromkeys(step.choices, 0) | choices))
        except Disabled:
            return False
        self.taken[before.name, step.name, me.pc.name] += 1
        return True

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
        raise RuntimeError(f"{me.name} does not come to rest")
