"""The mutants of the steps, by name."""

from __future__ import annotations

import inspect
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from vrx.models.mutation.operators import OPERATORS, Change, Operator
from vrx.models.mutation.rings import RINGS
from vrx.models.mutation.syntax import Run, built, lines_of, marked, parsed
from vrx.models.systems.step_errors import short
from vrx.models.systems.system import System
from vrx.spec.linux.busy_poll import busy_poll
from vrx.spec.linux.deferral import deferral
from vrx.spec.linux.napi import napi
from vrx.spec.linux.returns import returns as linux_returns
from vrx.spec.linux.virtio_net import receive as linux_receive
from vrx.spec.linux.virtio_net import virtio_net as linux_net
from vrx.spec.qemu.net_queue import net_queue
from vrx.spec.qemu.returns import returns as qemu_returns
from vrx.spec.qemu.virtio_net import virtio_net as qemu_net
from vrx.spec.steps import Machine, Replaced

MACHINES: tuple[Machine, ...] = (
    *(net_queue, qemu_net, qemu_returns),
    *(machine for ring in RINGS for machine in (*ring.layout.device, *ring.layout.driver)),
    *(napi, deferral, busy_poll, linux_net, linux_returns, linux_receive),
    *(ring.layout.gathering for ring in RINGS if ring.layout.gathering),
)
"""Both sides.  The memory underneath, the general caller and who sends through netpoll are the environment's."""
NOT_OURS = {
    "unread": "it chooses what is stored where nobody reads it: what the C has there is its own other answer",
    "drop_used_entry": "it makes dead values zero, and nothing else",
}
"""Functions that get no fault, and why."""
HERE = Replaced("the fault")
"""The mark that a mutant leaves where it comes to its fault; like others that exchanged functions leave, it is no
difference between two systems."""
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@dataclass(frozen=True)
class Mutant:
    """A step, or a helper between steps, with one fault.

    name: the function, the number of the changed line in it, the fault; number: counted without docstring, comments and
    line breaks, so that a name lasts while the code does.  A function whose name another layout has, too, has that of
    its layout before its own.
    function: its own name; layout: whose function it is, empty for one that is no layout's
    kind: the operator.  file, line: where it is read.  before, after: the source lines that differ.
    """

    name: str
    function: str
    layout: str
    kind: str
    file: str
    line: int
    before: str
    after: str
    run: Run

    def of(self, system: System) -> System:
        """The system with this fault."""
        return system.replace(self.function, self.run, called=self.name)

    @property
    def place(self) -> str:
        """File and line, for people."""
        return f"{self.file}:{self.line}"


def functions() -> Iterator[tuple[str, Run]]:
    """The steps and helpers that get faults, each once, in the order of the machines, with its layout, or without."""
    brought: dict[Run, set[str]] = {}
    for machine in MACHINES:
        own = {**{step.name: step.run for step in machine}, **{h.__name__: h for h in machine.helpers}}
        for name, run in own.items():
            if name not in NOT_OURS:
                brought.setdefault(run, set()).update(_layouts_of(machine))
    yield from ((next(iter(of)) if len(of) == 1 else "", run) for run, of in brought.items())


def _layouts_of(machine: Machine) -> set[str]:
    """The layouts that bring a machine: none, one, or for what the C has once, several."""
    layouts = (ring.layout for ring in RINGS)
    return {
        str(layout)
        for layout in layouts
        if any(machine is one for one in (*layout.device, *layout.driver, layout.gathering))
    }


@cache
def all_mutants() -> tuple[Mutant, ...]:
    """Every mutant, in the order of the machines, the functions and the lines."""
    several = Counter(run.__name__ for _, run in functions())
    return tuple(m for layout, run in functions() for m in mutants_of(run, layout, alone=several[run.__name__] == 1))


def function_of(name: str) -> str:
    """The function of a mutant, by the mutant's name."""
    return name.partition(":")[0].rpartition(".")[2]


def mutants_of(
    run: Run, layout: str = "", operators: Sequence[Operator] = OPERATORS, alone: bool = True
) -> list[Mutant]:
    """The mutants of one function, by line.  Two faults that make the same function of it are one.

    alone: no other layout has a function of this name
    """
    function = parsed(run)
    called = function.name if alone else f"{layout}.{function.name}"
    before = lines_of(function)
    seen = {"\n".join(before)}
    found: list[Mutant] = []
    names: dict[str, int] = {}
    for operator in operators:
        for change in operator(function):
            after = lines_of(change.function)
            if "\n".join(after) in seen:
                continue
            seen.add("\n".join(after))
            number, old, new = _difference(before, after)
            name = f"{called}:{number} {change.said}"
            names[name] = names.get(name, 0) + 1
            if names[name] > 1:
                name += f" ({names[name]})"
            marked(change.function, function, change.at, HERE)
            found.append(_mutant(name, run, layout, operator, change, old, new))
    return sorted(found, key=lambda m: m.line)


def _mutant(name: str, run: Run, layout: str, operator: Operator, change: Change, old: str, new: str) -> Mutant:
    inner = inspect.unwrap(run)
    file = os.path.realpath(inner.__code__.co_filename)
    made = built(change.function, run)
    kind = operator.__name__.replace("_", " ")
    here = os.path.relpath(file, ROOT) if file.startswith(ROOT + os.sep) else short(file)
    return Mutant(name, inner.__name__, layout, kind, here, change.at.lineno, old, new, made)


def _difference(before: list[str], after: list[str]) -> tuple[int, str, str]:
    """The number of the first line that differs, and the lines that differ, joined."""
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    end = 0
    while end < min(len(before), len(after)) - same and before[-1 - end] == after[-1 - end]:
        end += 1
    old, new = before[same : len(before) - end], after[same : len(after) - end]
    return same + 1, _joined(old), _joined(new)


def _joined(lines: list[str]) -> str:
    return "; ".join(line.strip() for line in lines)

