"""Memory that both sides can see: locations, loads, stores, barriers, store buffers.

A memory model is an object, chosen when a system is composed (`Memory`).  Under `SC`
a store is seen at once.  Under `TSO` it waits in the store buffer of its CPU: the
CPU's own loads see it (forwarding), the others see it when the buffer drains, oldest
first.  A full barrier waits until the own buffer is empty; read and write barriers
order nothing that these two models could reorder, and stand in the steps for a weaker
model: another object, given in the same place (`docs/architecture.md`).

One step makes at most one access; a second one raises ModelError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, NamedTuple

from vrx.spec.sizes import BUFFER_DEPTH, LAST_CELL, LENGTH_BITS, VALUE_BITS
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
    count: Annotated[int, Upto(BUFFER_DEPTH)] = 0
    where: Annotated[Array[int], Of(Bits(5))] = field(default_factory=Array)
    at: Annotated[Array[int], Of(Upto(LAST_CELL))] = field(default_factory=Array)
    value: Annotated[Array[int], Of(Bits(VALUE_BITS))] = field(default_factory=Array)
    extra: Annotated[Array[int], Of(Bits(LENGTH_BITS))] = field(default_factory=Array)
    third: Annotated[Array[int], Of(Bits(LENGTH_BITS))] = field(default_factory=Array)

    @property
    def parts(self) -> tuple[Array[int], Array[int], Array[int]]:
        """What is stored: a structure has up to three numbers."""
        return self.value, self.extra, self.third


def new_store_buffer(name: str, cpu: int, side: str, locations: tuple[Location, ...], depth: int) -> StoreBuffer:
    """An empty store buffer of `depth` entries for the locations that its side writes."""
    mine = (x for x in locations if x.code and x.writer in ("", side))
    in_order = tuple(sorted(mine, key=lambda x: x.code))
    return StoreBuffer(name, cpu, side, in_order, 0, *(Array([0] * depth) for _ in range(5)))


class Memory:
    """A memory model.  This one is sequential consistency, where nothing waits and nothing is to be ordered; others
    say what is different with them.

    name: what options and the names of systems call it
    orders: the kinds of barriers that order something under it
    steps: those that it takes by itself; they run on what `new_buffers` gives
    """

    name = "sc"
    orders: tuple[str, ...] = ()
    steps = Machine("the machine underneath")

    def __str__(self) -> str:
        return self.name

    def new_buffers(
        self, cfg: Any, owners: Iterable[tuple[str, str]], locations: tuple[Location, ...]
    ) -> tuple[StoreBuffer, ...]:
        """What keeps the stores of each CPU that others do not see yet.  owners: by CPU, its name and its side."""
        return ()

    def load(self, s: Any, me: Any, cell: Cell) -> Any:
        """What the context sees there: a number, or a tuple for a structure."""
        value = tuple(_peek(s, name, cell) for name in cell.loc.fields)
        return value if len(value) > 1 else value[0]

    def store(self, s: Any, me: Any, cell: Cell, values: tuple[Any, ...]) -> None:
        """Write the fields of a location."""
        for name, part in zip(cell.loc.fields, values, strict=True):
            _poke(s, name, cell, part)

    def mb(self, s: Any, me: Any) -> None:
        """Order everything before with everything behind."""

    def rmb(self, s: Any, me: Any) -> None:
        """Order loads."""

    def wmb(self, s: Any, me: Any) -> None:
        """Order stores."""

    def locked(self, s: Any, me: Any) -> None:
        """An instruction with the lock prefix: a full barrier."""
        self.mb(s, me)

    def line(self, s: Any, me: Any) -> None:
        """The other side is signalled: it sees whatever was stored before."""
        self.mb(s, me)


class TotalStoreOrder(Memory):
    """A store buffer for each CPU, which drains in order: x86-TSO."""

    name = "tso"
    orders: tuple[str, ...] = ("mb",)
    steps = Machine("the machine underneath")

    def new_buffers(
        self, cfg: Any, owners: Iterable[tuple[str, str]], locations: tuple[Location, ...]
    ) -> tuple[StoreBuffer, ...]:
        """One for each CPU, for the locations that its side writes."""
        depth = cfg.buffer_depth
        return tuple(new_store_buffer(name, cpu, side, locations, depth) for cpu, (name, side) in enumerate(owners))

    def load(self, s: Any, me: Any, cell: Cell) -> Any:
        """What memory holds, or the youngest store that waits in the own buffer."""
        value = super().load(s, me, cell)
        buffer: StoreBuffer = s.buffers[me.cpu]
        if cell.loc.writer in ("", buffer.side):
            if len(cell.loc.fields) > 1:
                raise ModelError(f"{cell.loc.name}: a structure is not loaded by its own writer")
            for n in range(len(buffer.where)):  # the youngest store wins
                waits = (n < buffer.count) & (buffer.where[n] == cell.loc.code)
                if cell.loc.array:
                    waits = waits & (buffer.at[n] == cell.at)
                value = pick(waits, buffer.value[n], value)
        return value

    def store(self, s: Any, me: Any, cell: Cell, values: tuple[Any, ...]) -> None:
        """Put it behind the own stores that wait; not enabled while the buffer is full."""
        buffer: StoreBuffer = s.buffers[me.cpu]
        n = buffer.count
        require(n < s.cfg.buffer_depth)
        buffer.where[n] = cell.loc.code
        buffer.at[n] = cell.at
        for part, number in zip(buffer.parts, (*values, 0, 0), strict=False):
            part[n] = number
        buffer.count = n + 1

    def mb(self, s: Any, me: Any) -> None:
        """Wait until the own buffer is empty."""
        require(s.buffers[me.cpu].count == 0)


SC: Final = Memory()
"""Sequential consistency: a store is seen at once."""
TSO: Final = TotalStoreOrder()
"""x86-TSO."""
_NAMED: Final = {one.name: one for one in (SC, TSO)}


def model(cfg: Any) -> Memory:
    """The memory model of a configuration, which has its name or the object itself."""
    chosen = cfg.memory
    return chosen if isinstance(chosen, Memory) else _NAMED[chosen]


def new_buffers(
    cfg: Any, owners: Iterable[tuple[str, str]], locations: tuple[Location, ...]
) -> tuple[StoreBuffer, ...]:
    """The store buffers of a system, if its memory model has any.  owners: by CPU, the buffer's name and the side."""
    return model(cfg).new_buffers(cfg, owners, locations)


class Listener:
    """Who hears what a step does to memory, where somebody is to (`s.listener`): what tells a trace, for one."""

    def accessed(self, kind: Literal["load", "store"], cell: Cell, value: Any) -> None:
        """An access.  value: what is seen or written, a tuple for a structure"""

    def ordered(self, kind: Literal["mb", "rmb", "wmb", "lock"], name: str) -> None:
        """A barrier that the system has.  kind: "lock" for a locked instruction; name: in the system's table"""


def indivisible(run: Callable[..., None]) -> Callable[..., None]:
    """Decorator: the step makes several accesses at once on purpose (`s.accesses = 0` between them), to ask what a
    machine that could do that would be like."""
    run.__dict__["indivisible"] = True
    return run


def is_indivisible(run: Callable[..., None]) -> bool:
    """Does the step say so?"""
    return "indivisible" in getattr(run, "__dict__", ())


def whole(place: Location) -> Cell:
    """A location that is no array, as a cell.  Raises ModelError for an array: which element is meant?"""
    if place.array:
        raise ModelError(f"{place.name} is an array: say which element, as in loc.NAME[slot(s.cfg, index)]")
    return Cell(place)


def load(s: Any, me: Any, place: Location | Cell) -> Any:
    """Read a location: a number, or a tuple for a structure that is read at once."""
    cell = place if isinstance(place, Cell) else whole(place)
    _count_access(s, me, cell)
    value = model(s.cfg).load(s, me, cell)
    if s.listener is not None:
        s.listener.accessed("load", cell, value)
    return value


def store(s: Any, me: Any, place: Location | Cell, value: Any) -> None:
    """Write a location: a number, or a tuple for a structure that is written at once."""
    cell = place if isinstance(place, Cell) else whole(place)
    _count_access(s, me, cell)
    if s.listener is not None:
        s.listener.accessed("store", cell, value)
    if cell.loc.code == 0:
        raise ModelError(f"{cell.loc.name} is only loaded: a store to it would never drain")
    model(s.cfg).store(s, me, cell, value if isinstance(value, tuple) else (value,))


def mb(s: Any, me: Any, barrier: Barrier) -> None:
    """Full barrier.  Nothing if the system is built without it; so with the others."""
    if barrier.name not in s.cfg.without:
        model(s.cfg).mb(s, me)
        _ordered(s, "mb", barrier.name)


def rmb(s: Any, me: Any, barrier: Barrier) -> None:
    """Read barrier."""
    if barrier.name not in s.cfg.without:
        model(s.cfg).rmb(s, me)
        _ordered(s, "rmb", barrier.name)


def wmb(s: Any, me: Any, barrier: Barrier) -> None:
    """Write barrier."""
    if barrier.name not in s.cfg.without:
        model(s.cfg).wmb(s, me)
        _ordered(s, "wmb", barrier.name)


def locked(s: Any, me: Any, name: str) -> None:
    """An atomic read-modify-write instruction of the guest, called `name` for systems built without its effect.

    On an SMP guest it carries the lock prefix and drains the store buffer; on a UP
    guest the prefix is patched away (Linux 6.1, arch/x86/kernel/alternative.c).
    """
    if s.cfg.guest == "smp" and name not in s.cfg.without:
        model(s.cfg).locked(s, me)
        _ordered(s, "lock", name)


def _ordered(s: Any, kind: Literal["mb", "rmb", "wmb", "lock"], name: str) -> None:
    if s.listener is not None:
        s.listener.ordered(kind, name)


def line(s: Any, me: Any) -> None:
    """Signal the other side by a line (kick, interrupt): it never overtakes earlier stores of its sender."""
    model(s.cfg).line(s, me)


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


def all_dead(s: Any, *places: Location) -> None:
    """Likewise of every element of some arrays."""
    if s.cfg.stale == "no":
        for place in places:
            for name in place.fields:
                clear(getattr(getattr(s, place.part), name))


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


@TSO.steps.step()
def store_drains(s: Any, me: StoreBuffer) -> None:
    """The oldest store of a CPU becomes visible to the others.

    C: none: x86-TSO (Sewell, Sarkar, Owens, Zappa Nardelli, Myreen: x86-TSO, CACM 53(7), 2010)
    Spec: VIRTIO 1.4, 6 (Reserved Feature Bits), VIRTIO_F_ORDER_PLATFORM
    """
    require(me.count > 0)
    drain(s, me, 0)


def drain(s: Any, me: StoreBuffer, n: int) -> None:
    """The n-th store that waits takes effect; those behind it move up."""
    code = me.where[n]
    for loc in me.locations:
        if code == loc.code:
            for name, part in zip(loc.fields, me.parts, strict=False):
                _poke(s, name, Cell(loc, me.at[n]), part[n])
            break
    depth = len(me.where)
    for entry in (me.where, me.at, *me.parts):
        for k in range(depth - 1):
            if k >= n:
                entry[k] = entry[k + 1]
        entry[depth - 1] = 0
    me.count = me.count - 1
