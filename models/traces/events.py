"""A trace is a list of events: who did what, its accesses and barriers, what changed, why the end shows what it should.

All of it is data, made once while the run is replayed on integers (`models.traces.trace`).  What shows a trace, as text
or as a file, reads this and asks neither the system nor the question again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from vrx.models.systems.fields import Field, Values
from vrx.models.systems.system import Move
from vrx.spec.layouts.pairs import Pair


@dataclass(frozen=True)
class Who:
    """A context of the system, or the store buffer of a CPU: a lane of a picture.

    part: where it stands in the state, as the names of its fields begin; side: "driver", "device" or, in a system that
    has neither, empty; cpu: the CPU that it runs on: the one whose store buffer its stores wait in
    buffer: it is a store buffer
    """

    name: str
    part: str
    side: str
    cpu: int
    buffer: bool = False


@dataclass(frozen=True)
class Function:
    """A step function.

    c, clause: its lines `C:` and `Spec:`; exchanged: a variant put it where another stood; instead_of: the sentence of
    that one, whose lines it has where it says none; environment: the closed system may take it or leave it for ever
    """

    name: str
    sentence: str
    c: str
    clause: str
    instead_of: str = ""
    exchanged: bool = False
    environment: bool = False


@dataclass(frozen=True)
class Access:
    """An access to shared memory: a load, a store, or a drain, the moment at which a store that waited becomes visible.

    element: of an array, else None; fields: what the place covers in the state; value: a tuple for a structure
    waits: the store goes to the store buffer of its CPU; of a load: what it sees waits there still (forwarding)
    source: of a load, the number of the step whose store it sees; 0: what was there at the beginning; None: it was made
        new since, and nobody has stored to it; of a drain, the number of the store's step
    visible: of a store, the number of the step that shows it to the others: its own, or that of its drain; None: they
        never see it in this run; of a load or a drain, its own
    """

    kind: Literal["load", "store", "drain"]
    location: str
    element: int | None
    fields: tuple[str, ...]
    value: int | tuple[int, ...]
    waits: bool
    source: int | None
    visible: int | None

    @property
    def place(self) -> str:
        """`avail.idx`, `used.ring[0]`."""
        return self.location if self.element is None else f"{self.location}[{self.element}]"


@dataclass(frozen=True)
class Barrier:
    """A barrier that a step takes: before its access, as in the C.

    kind: "lock" is a locked instruction of a guest that has several CPUs; name: in the table of barriers of the system
    orders: it orders something in the system's memory model
    """

    kind: Literal["mb", "rmb", "wmb", "lock"]
    name: str
    orders: bool


@dataclass(frozen=True)
class Change:
    """A field of the state that a step changed."""

    field: Field
    before: int
    after: int


@dataclass(frozen=True)
class Step:
    """A step was taken.

    number: 1 for the first; point: where the context stood, empty for a step that no program point leads to
    choices: its free choices; accesses: one at most, but for a variant that merges several on purpose
    barriers: those that it takes, none that the system is built without; marks: what it passed
    move, after: the step as engines have it, and the state behind it
    """

    number: int
    who: Who
    function: Function
    point: str
    choices: tuple[tuple[str, int], ...]
    accesses: tuple[Access, ...]
    barriers: tuple[Barrier, ...]
    changes: tuple[Change, ...]
    marks: tuple[str, ...]
    move: Move
    after: Values


@dataclass(frozen=True)
class Loop:
    """From here on the run repeats for ever.  state: the number of the state that its last step leads back to."""

    state: int


@dataclass(frozen=True)
class End:
    """How the run ends, and why that shows what it should.

    how: a mark is reached; the last state, or the last state at rest, breaks the question; the run goes on for ever;
        its last step is a fault, and leads to no state of the system
    said: the question's own words, or those of the fault; empty where it has none
    values: what the question read in the last state, in the order of the state; of a loop only what stays as it is
    """

    how: Literal["reached", "here", "rest", "loop", "fault"]
    said: str = ""
    values: tuple[tuple[Field, int], ...] = ()


Event = Step | Loop | End


@dataclass(frozen=True)
class Trace:
    """A run from the initial state, and what it shows.

    subject: the claim or the bug that it belongs to; verdict: "REFUTED", "REACHED" (a mark) or "FAULT"
    title: the name of the question, or the mark; sentence: what it says that is refuted; empty for a mark
    system: its name; config: every field of its configuration, as JSON has it; changed: the steps exchanged, in words
    contexts: all that have a name, whether they take steps here or not
    words: what fields mean, by their names without an index, in the order of the state
    pairs: the fields that are two numbers in the C, by the same names
    initial: the value of each of the fields; events: the last one is the `End`
    """

    subject: str
    verdict: Literal["REFUTED", "REACHED", "FAULT"]
    title: str
    sentence: str
    system: str
    config: Mapping[str, Any]
    changed: tuple[str, ...]
    fields: tuple[Field, ...]
    contexts: tuple[Who, ...]
    words: Mapping[str, str]
    pairs: Mapping[str, Pair]
    initial: Values
    events: tuple[Event, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all fields."""
        return frozenset(f.name for f in self.fields)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The events that are steps."""
        return tuple(e for e in self.events if isinstance(e, Step))

    @property
    def loop(self) -> int | None:
        """For a run without end, the number of the state that the last step leads back to, 0 the initial one."""
        return next((e.state for e in self.events if isinstance(e, Loop)), None)

    @property
    def end(self) -> End:
        """The last event."""
        last = self.events[-1]
        assert isinstance(last, End)
        return last

    @property
    def moves(self) -> list[Move]:
        """The steps as engines have them."""
        return [s.move for s in self.steps]

    @property
    def states(self) -> list[Values]:
        """The initial state and the state after each step."""
        return [self.initial, *(s.after for s in self.steps)]
