"""What it takes to compare a sequential reference with the steps: a function of the C, and who runs alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.alone import Alone, simulator, walk
from vrx.models.simulation.undo_log import InPlace
from vrx.models.systems.fields import Values
from vrx.spec.layouts.split.memory import INDIRECT
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L
from vrx.spec.qemu.state import Q
from vrx.spec.steps import ModelError

TRIED: Counter[tuple[str, str]] = Counter()
"""How often a function had its entry, for a kind of buffer."""
DAMAGED = ("ring.desc_", "ring.table_", "ring.used_len", "contents.num", "vq.token", "vq.broken", "dev.broken")


@dataclass(frozen=True)
class Compared:
    """A function of the C.

    who: whose steps they are; ready: is the state one in which the function may begin; enter: goes to its entry
    steps: runs them and says what the function returns; reference: the same by the reference
    partial: the function ends inside another one, whose local variables are not compared
    where: the configurations that have it
    first: a run begins with it; packets: what it may do is a packet's size, else a budget
    """

    name: str
    who: Callable[[SplitState], Any]
    ready: Callable[[SplitState], bool]
    steps: Callable[[Alone], Any]
    reference: Callable[[SplitState, Alone], Any]
    enter: Callable[[SplitState, random.Random], None] = lambda s, rng: None
    partial: bool = False
    where: Callable[[Any], bool] = lambda cfg: True
    first: bool = False
    packets: bool = False


def softirq(s: SplitState) -> Any:
    return s.cpus[0].softirq


def hardirq(s: SplitState) -> Any:
    return s.cpus[-1].hardirq


def main(s: SplitState) -> Any:
    return s.main


def guest_idle(s: SplitState) -> bool:
    return softirq(s).pc == L.IDLE and s.cpus[0].hardirq.pc == L.IDLE and s.net.running


def main_idle(s: SplitState) -> bool:
    return s.main.pc == Q.IDLE and s.net.running


def stands(who: Callable[[SplitState], Any], *points: Any) -> Callable[[SplitState], bool]:
    """The context has come to one of the points by itself, and nothing holds it up."""

    def ready(s: SplitState) -> bool:
        held_up = who is softirq and (s.cpus[0].hardirq.pc != L.IDLE or not s.net.running)
        return who(s).pc in points and not held_up

    return ready


def ends(*points: Any) -> Callable[[Alone], None]:
    """The function returns nothing."""

    def run_to_the_end(run: Alone) -> None:
        run.until(*points)

    return run_to_the_end


def nothing(returned: Any) -> None:
    """What the reference returns is not part of the state."""


def compare(compared: Compared, kind: str, name: str, seed: int, length: int, damage: int) -> None:
    """Go to a situation and run both."""
    sim = simulator(name)
    if not walk(sim, seed, 0 if compared.first else length, compared.ready):
        return
    program = sim.program
    rng = random.Random(seed)
    compared.enter(program.state, rng)
    entry = damaged(program, damage, rng)
    program.put(entry)
    most = program.system.cfg.max_packet if compared.packets else 6
    run = Alone(program, compared.who(program.state), rng.randint(1, most))
    try:
        returned = compared.steps(run)
    except (IndexError, ModelError):
        assert damage  # a state that nobody can reach, in which a step reaches outside an array
        return
    TRIED[compared.name, kind] += 1
    after = program.view.get()
    program.put(entry)
    marks: list[str] = []
    program.state.marks = marks
    assert compared.reference(program.state, run) == returned
    differing = {
        f.name: (f.show(int(a)), f.show(int(b)))
        for f, a, b in zip(program.view.fields, after, program.view.get(), strict=True)
        if a != b and not ignored(f.name, compared)
    }
    assert not differing, f"{differing} {compared.name} in {name} after {run.seen}: steps, reference"
    if not compared.partial:
        assert Counter(run.marks) == Counter(marks)


def damaged(program: InPlace, changes: int, rng: random.Random) -> Values:
    """The state with some fields changed that the other side, or a broken ring, would have written: error exits."""
    values = list(program.view.get())
    fields = [i for i, f in enumerate(program.view.fields) if f.name.startswith(DAMAGED)]
    for i in rng.sample(fields, min(changes, len(fields))):
        name, top = program.view.fields[i].name, program.view.fields[i].top
        plain = "flags" in name and not program.system.cfg.indirect  # INDIRECT is not known there
        values[i] = rng.randint(0, INDIRECT - 1 if plain else top)
    return tuple(values)


def ignored(name: str, compared: Compared) -> bool:
    """The ghost; where the context stands; of a part of a function its local variables, and a packet queued later."""
    mine = "main." if compared.who is main else "cpus"
    if name.startswith("ghost.") or (name.startswith(mine) and name.endswith((".pc", ".ret0", ".ret1"))):
        return True
    return compared.partial and name.startswith(("main.", "net.") if compared.who is main else "cpus0.softirq.")
