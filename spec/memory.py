"""Memory that both sides can see: locations, loads, stores, barriers, store buffers.

Two memory models, chosen when a system is composed.  Under "sc" a store is seen
at once.  Under "tso" it waits in the store buffer of its CPU: the CPU's own
loads see it (forwarding), the others see it when the buffer drains, oldest
first.  `mb` waits until the own buffer is empty; `rmb` and `wmb` order nothing
that these two models could reorder, and stand in the steps for a weaker model
to come.

One step makes at most one access; a second one raises ModelError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple

from vrx.spec.steps import Machine, ModelError, require
from vrx.spec.words import Array, Bits, Of, Upto, clear, pick

SHARED: Final = ("ring", "contents", "variables")
"""The parts of a state that both sides see: a ring, what its buffers hold, the variables of a small program."""


@dataclass(frozen=True)
class Location:
    """A named place in shared memory.

    fields: the attributes of that part of the state that it covers; several are one
        structure that is copied at once.
    code: the number that stands for the place in a store buffer, 1..31: another one
        than those of all that the same side writes; 0 for a place that is only
        loaded (a part of a structure that its writer stores whole).
    writer: the side that stores to it, or an empty string for any side.
    part: the part of the state that it is in, one of `SHARED`.
    """

    name: str
    fields: tuple[str, ...]
    code: int
    writer: str = ""
    array: bool = False
    part: str = "ring"

    def __getitem__(self, i: int) -> Cell:
        """Element i of an array location."""
        return Cell(self, i)


class Cell(NamedTuple):
    """A location, and which element of it."""

    loc: Location
    at: int = 0


@dataclass(frozen=True)
class Barrier:
    """A barrier of the C, by name, so that a system can be built without it.

    kind: "mb" orders everything, "rmb" loads, "wmb" stores.
    """

    name: str
    kind: str
    c: str


@dataclass(slots=True)
class StoreBuffer:
    """The stores of one CPU that other CPUs do not see yet, oldest first."""

    name: str
    cpu: int
    side: str
    locations: tuple[Location, ...]
    count: Annotated[int, Upto("buffer_depth")] = 0
    where: Annotated[Array[int], Of(Bits(5))] = field(default_factory=Array)
    at: Annotated[Array[int], Of(Upto("last_cell"))] = field(default_factory=Array)
    value: Annotated[Array[int], Of(Bits("value_bits"))] = field(default_factory=Array)
    extra: Annotated[Array[int], Of(Bits("length_bits"))] = field(default_factory=Array)
    third: Annotated[Array[int], Of(Bits("length_bits"))] = field(default_factory=Array)

    @property
    def parts(self) -> tuple[Array[int], Array[int], Array[int]]:
        """What is stored: a structure has up to three numbers."""
        return self.value, self.extra, self.third


def new_store_buffer(name: str, cpu: int, side: str, locations: tuple[Location, ...], depth: int) -> StoreBuffer:
    """An empty store buffer of `depth` entries for the locations that its side writes."""
    mine = (x for x in locations if x.code and x.writer in ("", side))
    in_order = tuple(sorted(mine, key=lambda x: x.code))
    return StoreBuffer(name, cpu, side, in_order, 0, *(Array([0] * depth) for _ in range(5)))


listeners: Final[list[Callable[[str, Cell, Any], None]]] = []
"""Who hears of every access, as ("load" or "store", where, the value): one that tells a trace.  Mostly empty."""


def indivisible(run: Callable[..., None]) -> Callable[..., None]:
    """Decorator: the step makes several accesses at once on purpose (`s.accesses = 0` between them), to ask what a
    machine that could do that would be like."""
    INDIVISIBLE.append(run)
    return run


INDIVISIBLE: Final[list[Callable[..., None]]] = []
"""The steps that say so."""


def whole(place: Location) -> Cell:
    """A location that is no array, as a cell.  Raises ModelError for an array: which element is meant?"""
    if place.array:
        raise ModelError(f"{place.name} is an array: say which element, as in loc.NAME[slot(s.cfg, index)]")
    return Cell(place)


def load(s: Any, me: Any, place: Location | Cell) -> Any:
    """Read a location: a number, or a tuple for a structure that is read at once."""
    cell = place if isinstance(place, Cell) else whole(place)
    _count_access(s, me, cell)
    value = _visible(s, me, cell)
    for heard in listeners:
        heard("load", cell, value)
    return value


def _visible(s: Any, me: Any, cell: Cell) -> Any:
    names = cell.loc.fields
    value: Any = tuple(_peek(s, name, cell) for name in names)
    if len(names) == 1:
        (value,) = value
    if s.cfg.memory == "tso":
        buffer: StoreBuffer = s.buffers[me.cpu]
        if cell.loc.writer in ("", buffer.side):
            if len(names) > 1:
                raise ModelError(f"{cell.loc.name}: a structure is not loaded by its own writer")
            for n in range(len(buffer.where)):  # the youngest store wins
                waits = (n < buffer.count) & (buffer.where[n] == cell.loc.code)
                if cell.loc.array:
                    waits = waits & (buffer.at[n] == cell.at)
                value = pick(waits, buffer.value[n], value)
    return value


def store(s: Any, me: Any, place: Location | Cell, value: Any) -> None:
    """Write a location: a number, or a tuple for a structure that is written at once."""
    cell = place if isinstance(place, Cell) else whole(place)
    _count_access(s, me, cell)
    for heard in listeners:
        heard("store", cell, value)
    if cell.loc.code == 0:
        raise ModelError(f"{cell.loc.name} is only loaded: a store to it would never drain")
    values = value if isinstance(value, tuple) else (value,)
    if s.cfg.memory == "sc":
        for name, part in zip(cell.loc.fields, values, strict=True):
            _poke(s, name, cell, part)
        return
    buffer: StoreBuffer = s.buffers[me.cpu]
    n = buffer.count
    require(n < s.cfg.buffer_depth)
    buffer.where[n] = cell.loc.code
    buffer.at[n] = cell.at
    for part, number in zip(buffer.parts, (*values, 0, 0), strict=False):
        part[n] = number
    buffer.count = n + 1


def mb(s: Any, me: Any, barrier: Barrier) -> None:
    """Full barrier: wait until the own stores are visible.  Nothing if the system is built without it."""
    if s.cfg.memory == "tso" and barrier.name not in s.cfg.without:
        require(s.buffers[me.cpu].count == 0)


def rmb(s: Any, me: Any, barrier: Barrier) -> None:
    """Read barrier.  Neither memory model reorders loads."""


def wmb(s: Any, me: Any, barrier: Barrier) -> None:
    """Write barrier.  Neither memory model reorders stores."""


def locked(s: Any, me: Any, name: str) -> None:
    """An atomic read-modify-write instruction of the guest, called `name` for systems built without its effect.

    On an SMP guest it carries the lock prefix and drains the store buffer; on a UP
    guest the prefix is patched away (Linux 6.1, arch/x86/kernel/alternative.c).
    """
    if s.cfg.memory == "tso" and s.cfg.guest == "smp" and name not in s.cfg.without:
        require(s.buffers[me.cpu].count == 0)


def line(s: Any, me: Any) -> None:
    """Signal the other side by a line (kick, interrupt): it never overtakes earlier stores of its sender."""
    if s.cfg.memory == "tso":
        require(s.buffers[me.cpu].count == 0)


def fresh(s: Any, place: Cell) -> None:
    """The element becomes another, new piece of memory: what it held is gone.  No access."""
    for name in place.loc.fields:
        getattr(getattr(s, place.loc.part), name)[place.at] = 0


def dead(s: Any, place: Cell) -> None:
    """Nobody reads the element until it is written again: it becomes zero, so that equal situations are equal.

    No access.  That nobody reads it is not taken on trust: taking an entry that its
    writer has not published is misuse (`spec.rx`), whatever value is read there.  The C
    writes nothing there, so with `stale` nothing happens.
    """
    if s.cfg.stale == "no":
        fresh(s, place)


def over(s: Any, owner: Any, *names: str, at: Any = None) -> None:
    """Local variables of `owner` at the end of their life: zero, so that equal situations are equal.

    The C writes nothing there and reads nothing before it writes; with `stale="all"` nothing happens here either.
    What a step sets to zero without `over` begins from there again (a counter of a loop), or says that something is
    gone.  at: the element of an array that is meant; None: all of it
    """
    if s.cfg.stale == "all":
        return
    for name in names:
        held = getattr(owner, name)
        if at is not None:
            held[at] = 0
        elif hasattr(held, "__setitem__"):
            clear(held)
        else:
            setattr(owner, name, 0)


def _count_access(s: Any, me: Any, cell: Cell) -> None:
    s.accesses += 1
    if s.accesses > 1:
        raise ModelError(f"a second shared access in one step, to {cell.loc.name}: make two steps of it")


def _peek(s: Any, name: str, cell: Cell) -> Any:
    held = getattr(getattr(s, cell.loc.part), name)
    return held[cell.at] if cell.loc.array else held


def _poke(s: Any, name: str, cell: Cell, value: Any) -> None:
    part = getattr(s, cell.loc.part)
    if cell.loc.array:
        getattr(part, name)[cell.at] = value
    else:
        setattr(part, name, value)


memory = Machine("the machine underneath")


@memory.step()
def store_drains(s: Any, me: StoreBuffer) -> None:
    """The oldest store of a CPU becomes visible to the others.

    C: none: x86-TSO (Sewell, Sarkar, Owens, Zappa Nardelli, Myreen: x86-TSO, CACM 53(7), 2010)
    Spec: VIRTIO 1.4, 6 (Reserved Feature Bits), VIRTIO_F_ORDER_PLATFORM
    """
    require(me.count > 0)
    code = me.where[0]
    for loc in me.locations:
        if code == loc.code:
            for name, part in zip(loc.fields, me.parts, strict=False):
                _poke(s, name, Cell(loc, me.at[0]), part[0])
            break
    depth = len(me.where)
    for entry in (me.where, me.at, *me.parts):
        for n in range(depth - 1):
            entry[n] = entry[n + 1]
        entry[depth - 1] = 0
    me.count = me.count - 1
