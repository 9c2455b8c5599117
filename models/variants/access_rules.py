"""What a step of a variant may look at: its own side, and shared memory through `load` and `store`.

That a step makes one access, sees its own store buffer and keeps to its side is what
makes its interleavings those of a machine.  The functions of `spec/` are written so,
and read by people; a variant's are not.  So the reading of each exchanged step is
compared with the accesses that it made: what it depends on, or writes, in shared memory
without an access, or on the other side, is refused, unless the step that it stands for
does the same.

The ghost is different: what a step writes there may depend on everything, and nothing
else may depend on it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable
from typing import Any

from vrx.models.symbolic.reading import Reading, Traced
from vrx.models.symbolic.terms import NO, YES, Num, Truth
from vrx.models.symbolic.trees import Fork, Leaf, Tree, folded
from vrx.models.symbolic.walk import in_order
from vrx.models.systems import fields
from vrx.models.systems.system import Action, System, step_of
from vrx.models.systems.variant_names import exchanged_helpers, exchanged_steps
from vrx.models.variants.canonical import original
from vrx.models.variants.hidden_inputs import calls_exchanged
from vrx.spec import memory
from vrx.spec.linux.state import HardIrq, Softirq
from vrx.spec.memory import SHARED, Cell, Listener
from vrx.spec.qemu.state import MainLoop
from vrx.spec.rx import State

Term = Num | Truth
ACCESS = (memory.__file__, fields.__file__)
"""Who reads memory for others: accesses, and the state as a whole."""
OTHERS = {"driver": ("dev", "net", "main"), "device": ("vq", "napi", "cpus", "opener", "busy", "netpoll", "deferral")}
"""What is private to the other side: parts of the state."""
LINES: dict[str, dict[str, tuple[str, ...]]] = {
    "driver": {"lines.kick": ("raises",)},
    "device": {"lines.irq": ("raises",), "lines.kick": ("reads", "clears")},
}
"""What a side may do with a line between them; that an interrupt reaches a CPU is nobody's step but the machine's."""


def looks_behind(system: System, callers: Iterable[str] | None = None) -> str:
    """What an exchanged step of a receive system reads or writes that it has no access to; an empty string where none
    does.  callers: the steps that call an exchanged helper, where that is known.  Raises ModelError where the system
    cannot be read."""
    names, helpers = exchanged_steps(system), exchanged_helpers(system)
    if not (names or helpers) or not isinstance(system.state(), State):
        return ""
    wanted = (None if callers is None else {*callers, *names}) if helpers else names
    reading, plain = Listening(system, wanted), Listening(original(system), wanted)
    before = {t.action.key: plain.touched(t) for t in plain.actions}
    behind = {t.action.key: plain.behind[t.number] for t in plain.actions}
    for traced in reading.actions:
        if traced.action.step.name not in names and not calls_exchanged(traced.tree):
            continue
        if reading.most[traced.number] > 1 and not memory.is_indivisible(traced.action.step.run):
            return f"{step_of(traced.action)}: more than one shared access in one step: make two steps of it"
        if foreign := reading.foreign[traced.number]:
            return f"{step_of(traced.action)}: stores to {foreign[0]}, which only the other side writes"
        done = reading.touched(traced)
        for how, field in sorted(done):
            if field.partition(".")[0] not in SHARED and (how, field) in before.get(traced.action.key, ()):
                continue
            if text := reading.wrong(traced, how, field, behind.get(traced.action.key, set())):
                return f"{step_of(traced.action)}: {text}"
    return ""


def guarded(kind: Any, part: str, touched: set[str]) -> Any:
    """The class of a memory that notes which of its fields others touch than the functions of `spec.memory`."""

    def noting(self: Any, name: str) -> Any:
        if sys._getframe(1).f_code.co_filename not in ACCESS and not name.startswith("__"):
            touched.add(f"{part}.{name}")
        return object.__getattribute__(self, name)

    return type("Guarded", (kind,), {"__slots__": (), "__getattribute__": noting})


class Listening(Reading, Listener):
    """A reading that hears the accesses of each action.

    most: the most accesses of a path, by the number of the action; made: fields of memory that were loaded or stored;
    behind: those that were touched without an access; foreign: places that were stored to and are the other side's
    """

    def __init__(self, system: System, steps: Container[str] | None) -> None:
        self.most: dict[int, int] = {}
        self.made: dict[int, set[tuple[str, str]]] = {}
        self._now: list[tuple[str, Cell]] = []
        self._all: list[tuple[str, Cell]] = []
        self._longest = 0
        self.behind: dict[int, set[str]] = {}
        self.foreign: dict[int, list[str]] = {}
        self._touched: set[str] = set()
        self._guarded = False
        super().__init__(system, steps, self)

    def accessed(self, kind: str, cell: Cell, value: Any) -> None:
        """One more access of the path."""
        self._now.append((kind, cell))

    def _trace(self, number: int, action: Action) -> Traced:
        self._all, self._longest = [], 0
        self._guard()
        self._touched.clear()
        traced = super()._trace(number, action)
        self.behind[number] = set(self._touched)
        self.most[number] = self._longest
        self.made[number] = {(kind, f"{cell.loc.part}.{name}") for kind, cell in self._all for name in cell.loc.fields}
        side = _side(self._actors[action.actor])
        stored = {cell.loc for kind, cell in self._all if kind == "store"}
        self.foreign[number] = sorted(place.name for place in stored if side and place.writer not in ("", side))
        return traced

    def _guard(self) -> None:
        """From now on hear who touches memory without an access."""
        if not self._guarded:
            for part in SHARED:
                if held := getattr(self._state, part, None):
                    held.__class__ = guarded(type(held), part, self._touched)
        self._guarded = True

    def _explore(self, run: Callable[[Any], Leaf]) -> Tree:
        def heard(state: Any) -> Leaf:
            self._now = []
            try:
                return run(state)
            finally:
                self._longest = max(self._longest, len(self._now))
                self._all += self._now

        return super()._explore(heard)

    def touched(self, traced: Traced) -> frozenset[tuple[str, str]]:
        """What an action reads and writes, arrays whole: ("reads", field), and what its other new values depend on; a
        line it "raises" or "clears"."""
        both = zip(self.variables, self.fields, strict=True)
        names = {id(v): _whole(f.name) for v, f in both if v.op != "const"}  # a field of one value is no field
        ghost = {i for i, f in enumerate(self.fields) if f.name.startswith("ghost.")}
        asked: list[Term] = []
        written: set[str] = set()
        lines: set[tuple[str, str]] = set()

        def leaf(node: Leaf) -> object:
            """What tells ends apart, the ghost aside; notes what it depends on."""
            if node.updates is None:
                return None
            kept = {i: term for i, term in node.updates.items() if i not in ghost}
            for i, term in kept.items():
                conditions, values = _chosen(term, self.variables[i])
                asked.extend((*conditions, *values))
                name = self.fields[i].name
                if name.startswith("lines."):
                    lines.update((how, name) for how, not_so in (("raises", NO), ("clears", YES)) if term is not not_so)
                    continue
                gone = "[" in name and all(v.op == "const" and not v.data for v in values)
                if not (gone and name.partition(".")[0] in SHARED):  # an element that is dead or fresh
                    written.add(_whole(name))
            return tuple(sorted((i, id(term)) for i, term in kept.items()))

        def fork(node: Fork, yes: object, no: object) -> object:
            if yes == no:
                return yes
            asked.append(node.condition)
            return id(node.condition), yes, no

        folded(traced.tree, leaf, fork)
        reads = {names[id(t)] for t in in_order(asked) if id(t) in names}
        return frozenset({*(("reads", name) for name in reads), *(("writes", name) for name in written), *lines})

    def wrong(self, traced: Traced, how: str, field: str, behind: set[str]) -> str:
        """Why the action may not read or write the field; an empty string where it may.

        behind: fields of memory that the original touches without an access, for the ghost or as dead
        """
        actor = self.program.actors[traced.action.actor]
        part = field.partition(".")[0]
        if part in SHARED:
            access = "load" if how == "reads" else "store"
            made = (access, field) in self.made[traced.number]
            if not made or (how == "reads" and field in self.behind[traced.number] - behind):
                return f"{how} s.{field} without an access: write {access}(s, me, loc. ...), the one access of a step"
        elif part == "ghost" and how == "reads":
            return f"goes by s.{field}: the ghost is written by steps and read by properties only"
        elif part.startswith("buffers") and _side(actor) and part != f"buffers{actor.cpu}":
            return f"{how} s.{field}: the store buffer of another CPU, which nobody sees"
        elif part.startswith("buffers") and how == "writes":
            if not any(kind == "store" for kind, _ in self.made[traced.number]):
                return f"writes s.{field}, a store buffer: write store(s, me, loc. ...)"
        elif side := _side(actor):
            if part == "lines" and how not in LINES[side].get(field, ()):
                may = " and ".join(f"{' or '.join(done)} s.{line}" for line, done in LINES[side].items())
                return f"{how} s.{field}, a line between both sides: a {side} only {may}"
            if part.rstrip("0123456789") in OTHERS[side]:
                return f"{how} s.{field}, which is private to the other side: a {side} sees shared memory and its own"
        return ""


def _side(actor: Any) -> str:
    if isinstance(actor, MainLoop):
        return "device"
    return "driver" if isinstance(actor, (HardIrq, Softirq)) else ""


def _chosen(term: Term, old: Term) -> tuple[list[Term], list[Term]]:
    """The conditions and the values of a new value that is chosen, without the old one."""
    conditions: list[Term] = []
    values: list[Term] = []
    stack = [term]
    while stack:
        here = stack.pop()
        if here.op == "ite":
            condition, yes, no = here.args
            conditions.append(condition)
            stack += [yes, no]
        elif here is not old:
            values.append(here)
    return conditions, values


def _whole(name: str) -> str:
    return name.partition("[")[0]
