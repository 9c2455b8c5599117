"""Litmus shapes: small programs that tell memory models apart, in the step language.

They use `load`, `store` and `mb` of `spec.memory` exactly as the receive path
does, so what they show of SC and TSO holds for it.  The shapes and their names
are those of the literature (Alglave, Maranget, Tautschnig: Herding Cats, 2014).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Any, Literal

from vrx.spec.contexts import Context
from vrx.spec.memory import Barrier, Listener, Location, Memory, StoreBuffer, load, mb, new_buffers, rmb, store, wmb
from vrx.spec.steps import Machine, require
from vrx.spec.words import Array, Bits, Of, Upto

Instruction = tuple[str, str, int]
"""("store", location, value), ("load", location, register), or one of ("mb", "", 0), ("rmb", "", 0), ("wmb", "", 0)."""

X = Location("x", ("x",), 1, part="variables")
Y = Location("y", ("y",), 2, part="variables")
PLACES = {"x": X, "y": Y}
FENCES = {kind: Barrier(f"litmus__{kind}", kind, "none") for kind in ("mb", "rmb", "wmb")}


def w(place: str, value: int) -> Instruction:
    """Store a value, 1..3."""
    return ("store", place, value)


def r(place: str, register: int) -> Instruction:
    """Load into a register of the thread, 0 or 1."""
    return ("load", place, register)


SHAPES: dict[str, tuple[tuple[Instruction, ...], ...]] = {
    "SB": ((w("x", 1), r("y", 0)), (w("y", 1), r("x", 0))),
    "MP": ((w("x", 1), w("y", 1)), (r("y", 0), r("x", 1))),
    "LB": ((r("x", 0), w("y", 1)), (r("y", 0), w("x", 1))),
    "R": ((w("x", 1), w("y", 1)), (w("y", 2), r("x", 0))),
    "S": ((w("x", 2), w("y", 1)), (r("y", 0), w("x", 1))),
    "2+2W": ((w("x", 1), w("y", 2)), (w("y", 1), w("x", 2))),
    "WRC": ((w("x", 1),), (r("x", 0), w("y", 1)), (r("y", 0), r("x", 1))),
    "IRIW": ((w("x", 1),), (w("y", 1),), (r("x", 0), r("y", 1)), (r("y", 0), r("x", 1))),
}


def fenced(shape: str) -> tuple[tuple[Instruction, ...], ...]:
    """The shape with a full barrier between the accesses of each thread."""
    fence = ("mb", "", 0)
    return tuple(
        tuple(x for op in thread for x in (op, fence))[:-1] if len(thread) > 1 else thread
        for thread in SHAPES[shape]
    )


class P(IntEnum):
    """How far a thread is."""

    START = 0
    ONE = 1
    TWO = 2
    DONE = 3


@dataclass(frozen=True)
class LitmusConfig:
    """Which program, under which memory model.  The fields that `spec.memory` asks for."""

    threads: tuple[tuple[Instruction, ...], ...]
    memory: Literal["sc", "tso"] | Memory = "sc"
    buffer_depth: int = 2
    guest: Literal["smp", "up"] = "smp"
    value_bits: int = 2
    last_cell: int = 0
    length_bits: int = 0
    without: frozenset[str] = frozenset()

    def describe(self) -> str:
        text = " || ".join("; ".join(_text(op) for op in t) for t in self.threads)
        return f"litmus({text}, {self.memory})"


def _text(op: Instruction) -> str:
    kind, place, n = op
    return {"store": f"{place}={n}", "load": f"r{n}={place}"}.get(kind, kind)


@dataclass(slots=True)
class Cells:
    """The two shared variables."""

    x: Annotated[int, Bits(2)] = 0
    y: Annotated[int, Bits(2)] = 0


@dataclass(slots=True)
class Thread(Context):
    """One thread: its program, how far it is, two registers."""

    points = (P,)
    program: tuple[Instruction, ...] = ()
    pc: P = P.START
    registers: Annotated[Array[int], Of(Upto(3))] = field(default_factory=lambda: Array([0, 0]))


@dataclass(slots=True)
class LitmusState:
    """Everything of one litmus run."""

    cfg: LitmusConfig
    variables: Cells
    threads: tuple[Thread, ...]
    buffers: tuple[StoreBuffer, ...]
    marks: list[str] | None = None
    accesses: int = 0
    listener: Listener | None = None


litmus = Machine("litmus")


@litmus.step(at=(P.START, P.ONE, P.TWO))
def instruction(s: LitmusState, me: Thread) -> None:
    """The next instruction of a thread.

    C: none
    Spec: VIRTIO 1.4, 6 (Reserved Feature Bits)
    """
    here = int(me.pc)
    require(here < len(me.program))
    kind, place, n = me.program[here]
    if kind == "store":
        store(s, me, PLACES[place], n)
    elif kind == "load":
        me.registers[n] = load(s, me, PLACES[place])
    else:
        {"mb": mb, "rmb": rmb, "wmb": wmb}[kind](s, me, FENCES[kind])
    me.goto(P(here + 1))


def new_litmus(cfg: LitmusConfig) -> LitmusState:
    """All threads at their start, both variables 0."""
    threads = tuple(Thread(f"thread {i}", i, program) for i, program in enumerate(cfg.threads))
    buffers = new_buffers(cfg, ((f"thread {t.cpu} stores", t.name) for t in threads), (X, Y))
    return LitmusState(cfg, Cells(), threads, buffers)


def litmus_actors(s: LitmusState) -> list[Any]:
    """The threads and their store buffers."""
    return [*s.threads, *s.buffers]


def always_runs(s: LitmusState, me: Any) -> None:
    """Every thread has a CPU of its own."""


Outcome = tuple[int, ...]


def outcome(s: LitmusState) -> Outcome | None:
    """x, y and the registers where the run is over and every store is visible; None before."""
    if any(int(t.pc) < len(t.program) for t in s.threads) or any(b.count for b in s.buffers):
        return None
    return (s.variables.x, s.variables.y, *(v for t in s.threads for v in t.registers))
