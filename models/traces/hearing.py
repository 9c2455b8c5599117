"""What steps do to shared memory, heard while they are taken: where each load has its value from, who sees each store
from when on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from vrx.models.systems.system import Program
from vrx.models.traces.events import Access, Barrier, Change, Step
from vrx.spec.memory import Cell, Listener, StoreBuffer
from vrx.spec.steps import ModelError

Heard = list[tuple[Literal["load", "store", "drain"], Cell, Any]]


class Hearing(Listener):
    """What one step does to memory, in order.

    orders: the kinds of barriers that order something in the system's memory model; a locked instruction is a full one
    """

    def __init__(self, orders: Container[str]) -> None:
        self.accesses: Heard = []
        self.barriers: list[Barrier] = []
        self._orders = orders

    def accessed(self, kind: Literal["load", "store"], cell: Cell, value: Any) -> None:
        """One more access."""
        self.accesses.append((kind, cell, value))

    def ordered(self, kind: Literal["mb", "rmb", "wmb", "lock"], name: str) -> None:
        """One more barrier."""
        self.barriers.append(Barrier(kind, name, ("mb" if kind == "lock" else kind) in self._orders))


@dataclass(frozen=True)
class _Waiting:
    """A store that waits in a store buffer: which access of which step."""

    cell: Cell
    step: int
    which: int


class Stores:
    """The stores of a run, followed from step to step."""

    def __init__(self, program: Program) -> None:
        self._buffered = bool(program.state.buffers)
        self._waiting: dict[int, list[_Waiting]] = defaultdict(list)
        self._visible: dict[tuple[int, int], int] = {}
        self._writer: dict[str, int | None] = {}

    def step(self, number: int, actor: Any, heard: Heard, changes: Iterable[Change]) -> tuple[Access, ...]:
        """The accesses of the next step.  heard: what it did, or the drain that it is; actor: whose step it is."""
        accesses: list[Access] = []
        written: set[str] = set()
        for kind, cell, value in heard:
            access = self._access(number, len(accesses), actor.cpu, kind, cell, value)
            accesses.append(access)
            if kind == "drain" or (kind == "store" and not access.waits):
                self._writer.update(dict.fromkeys(access.fields, access.source if kind == "drain" else number))
                written.update(access.fields)
        made_new = (c.field.name for c in changes if c.field.name not in written)
        self._writer.update(dict.fromkeys(made_new))  # changed without an access
        return tuple(accesses)

    def _access(self, number: int, which: int, cpu: int, kind: Any, cell: Cell, value: Any) -> Access:
        at = int(cell.at) if cell.loc.array else None
        end = "" if at is None else f"[{at}]"
        fields = tuple(f"{cell.loc.part}.{name}{end}" for name in cell.loc.fields)
        numbers = tuple(int(v) for v in value) if isinstance(value, tuple) else int(value)
        mine = [w for w in self._waiting[cpu] if w.cell.loc.code == cell.loc.code and w.cell.at == cell.at]
        waits, source = False, None
        visible: int | None = number
        if kind == "store":
            waits, visible = self._buffered, None if self._buffered else number
            if waits:
                self._waiting[cpu].append(_Waiting(cell, number, which))
        elif kind == "drain":
            if mine:
                self._waiting[cpu].remove(mine[0])
                self._visible[mine[0].step, mine[0].which] = number
                source = mine[0].step
        elif mine:
            waits, source = True, mine[-1].step
        else:
            writers = [w for name in fields if (w := self._writer.get(name, 0)) is not None]
            source = max(writers, default=None)
        return Access(kind, cell.loc.name, at, fields, numbers, waits, source, visible)

    def seen(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The steps of the whole run, where each store says when the others see it."""
        told = list(steps)
        for (number, which), visible in self._visible.items():
            step = told[number - 1]
            accesses = list(step.accesses)
            accesses[which] = replace(accesses[which], visible=visible)
            told[number - 1] = replace(step, accesses=tuple(accesses))
        return tuple(told)


def stores_of(buffer: StoreBuffer) -> list[tuple[int, ...]]:
    """The stores that wait in a store buffer, as they stand in the state: code, element, and what is stored."""
    everything = zip(buffer.where, buffer.at, *buffer.parts, strict=True)
    return [tuple(int(x) for x in store) for store in everything][: int(buffer.count)]


def drained(buffer: StoreBuffer, before: Sequence[tuple[int, ...]], left: Sequence[tuple[int, ...]]) -> Heard:
    """The store that a store buffer has let go.  before, left: what waited then, and what waits now."""
    gone = next((store for n, store in enumerate(before) if store not in left[n : n + 1]), None)
    if gone is None:
        return []
    for loc in buffer.locations:
        if loc.code == gone[0]:
            parts = gone[2 : 2 + len(loc.fields)]
            value: Any = parts if len(parts) > 1 else parts[0]
            return [("drain", Cell(loc, gone[1]), value)]
    raise ModelError(f"{buffer.name}: no location has the code {gone[0]}")
