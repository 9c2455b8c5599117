"""Liveness: fair cycles, found by strongly connected components, in two engines.

A claim (`spec.liveness`) is refuted by a fair cycle, or by a rest.  In a graph
restricted to the situation of the claim, and to the steps that make no progress
(that leave its `same` as it is), a component is fair when each weakly
fair context steps inside it or is disabled somewhere in it, and each strongly
fair context steps inside it or is enabled nowhere in it; where a strongly fair
context starves, the states that enable it are taken out and what is left is
looked at again.  What a cycle has to come to (`again`) is one more weakly fair
context, the witness, which is enabled wherever that does not hold, and never steps.
`liveness` does this natively, `models.engines.liveness_reference` on a networkx graph; both
confirm what they found by running it on integers.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf
from time import monotonic
from typing import Any, Protocol

from vrx.models.claims import Why
from vrx.models.engines.explorer import out_of_time
from vrx.models.engines.native.codegen import Source, generate
from vrx.models.engines.native.explore import COMPLETE, FAILED, MARKED, RUNNING, STATES, WHY, Native
from vrx.models.engines.native.graph import CONTEXTS, NativeGraph, OutOfTime
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System
from vrx.models.systems.variant_names import whose_fault
from vrx.spec.liveness import Liveness, is_strong
from vrx.spec.properties import Property
from vrx.spec.steps import ModelError


@dataclass(frozen=True)
class Lasso:
    """A run that never leaves the situation: prefix from the initial state, then `loop` for ever.

    An empty loop is a rest: nothing can happen any more.
    """

    prefix: list[Move]
    loop: list[Move]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim.  complete: the whole system was searched; lasso: the refutation, if there is one.

    occurs: in how many states the situation is met; spoken_of: does what the claim is about occur?
    fired: action number -> how often it was taken
    covers: the marks that were passed; reason, why: it is not complete, in words and in one
    """

    claim: Liveness
    complete: bool
    states: int
    lasso: Lasso | None
    reason: str = ""
    occurs: int = 0
    spoken_of: bool = True
    fired: Counter[int] = field(default_factory=Counter)
    covers: frozenset[str] = frozenset()
    why: Why = ""

    @property
    def holds(self) -> bool:
        """The claim is proved for this system."""
        return self.complete and self.lasso is None


class Graph(Protocol):
    """A graph whose fair components are known.  Contexts are sets of bits."""

    def inside(self, node: int) -> Iterator[tuple[int, int]]:
        """The edges that stay in the node's component: action, other node."""

    def enabled(self, node: int) -> int:
        """The contexts that could take a step, and the witness where it waits."""

    def values(self, node: int) -> Values:
        """The state."""


@dataclass(frozen=True)
class Fairness:
    """The contexts of a program, by number: which are weakly and which strongly fair."""

    weak: int
    strong: int

    @classmethod
    def of(cls, program: Program) -> Fairness:
        """As `spec.liveness` says."""
        if len(program.actors) >= CONTEXTS:
            raise ModelError(f"{len(program.actors)} contexts: fewer than {CONTEXTS} fit")
        strong = sum(1 << i for i, actor in enumerate(program.actors) if is_strong(program.system.cfg, actor))
        return cls(2 * _witness(program) - 1 & ~strong, strong)

    def met(self, stepped: int, always: int, ever: int) -> bool:
        """Is a cycle fair in which these contexts step, are enabled in every state, are enabled in some?"""
        return not self.weak & always & ~stepped and not self.strong & ever & ~stepped


def allowed(program: Program, claim: Liveness) -> list[bool]:
    """Which actions a cycle of the claim may contain."""
    return [
        claim.side is None or (not a.step.environment and a.context.side == claim.side)
        for a in program.actions
    ]


def _witness(program: Program) -> int:
    """The context that waits for what a cycle has to come to, as a bit."""
    return 1 << len(program.actors)


def waits(program: Program, values: Values, claim: Liveness) -> int:
    """The witness, in a state that has not what a cycle of the claim has to come to; else nothing."""
    return _witness(program) if claim.again and not holds(program, values, claim.again) else 0


def doer(program: Program, action: int) -> int:
    """The context that takes a step, as a bit; none for the environment."""
    a = program.actions[action]
    return 0 if a.step.environment else 1 << a.actor


def liveness(
    system: System,
    claims: Sequence[Liveness],
    *,
    max_bytes: int = 0,
    limit: int = 0,
    seconds: float = 0,
    reading: Reading | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Decide claims natively, all on one search.  reading: the system's, where that is there already.

    limit, seconds: stop after that many states, that time (compiling and graphs included); 0 for no limit.
    """
    ends = monotonic() + seconds if seconds else inf
    reading = reading or Reading(system)
    program = reading.program
    stuck = [(number, p) for number, c in enumerate(claims) if (p := _not_stuck(c))]
    source = written(reading, claims)
    fairness = Fairness.of(program)
    with Native(reading, source, threads=1, limit=limit, max_bytes=max_bytes, stop=False) as native:
        status = native.run(progress, ends=ends)
        complete, states = status == COMPLETE, native.count(STATES)
        reason = "" if complete else f"stopped after {states} states: the graph is not complete"
        if status == RUNNING:
            reason = out_of_time(seconds, states, native.depth())
        actions = range(len(program.actions))
        fired = Counter({i: n for i in actions if (n := int(native.lib.vrx_fired(native.handle, i)))})
        covers = frozenset(mark for i, mark in enumerate(source.marks) if native.sight(MARKED, i))
        spoken = [number for number, c in enumerate(claims) if c.about]
        silent = {number for i, number in enumerate(spoken) if native.sight(FAILED, i) is None}
        sights = {number: native.sight(FAILED, i) for i, (number, _) in enumerate(stuck, len(spoken))}
        rests = {number: at for number, at in sights.items() if at is not None}
        out = []
        for number, claim in enumerate(claims):
            lasso, told, why, occurs = None, reason, WHY[status], 0
            if (at := rests.get(number)) is not None:
                lasso = Lasso(native.path(at.state), [])
            elif complete:
                try:
                    graph = NativeGraph(native, number, allowed(program, claim), progress, ends)
                    try:
                        occurs = graph.nodes
                        node = graph.fair(fairness.weak, fairness.strong)
                        if node is not None:
                            loop = fair_loop(program, graph, node, fairness)
                            lasso = Lasso(native.path(graph.number(node)), loop)
                    finally:
                        graph.close()
                except OutOfTime:
                    told, why = f"stopped after {seconds:g} s in the graph of {states:,} states", "time"
            if lasso:
                confirm(program, claim, lasso)
            said = number not in silent
            out.append(Verdict(claim, not told, states, lasso, told, occurs, said, fired, covers, why))
        return out


def written(reading: Reading, claims: Sequence[Liveness], *, anywhere: bool = False) -> Source:
    """A system as C, with its graph and all that claims ask.  anywhere: of any state, not only of reachable ones"""
    stuck = [p for c in claims if (p := _not_stuck(c))]
    about = [p for c in claims if (p := _not_about(c))]
    lasting = [Property(c.name, c.lasts, "always") for c in claims]
    repeated = [Property(c.name, c.again, "always") if c.again else None for c in claims]
    return generate(
        reading, [*about, *stuck], graph=lasting, same=[c.same for c in claims], again=repeated, anywhere=anywhere
    )


def situations(claims: Sequence[Liveness]) -> list[Property]:
    """What claims ask of states, as properties: situations, what may not happen again, and the rests that refute."""
    lasting = [Property(c.name, c.lasts, "always") for c in claims]
    repeated = [Property(c.name, c.again, "always") for c in claims if c.again]
    return [*lasting, *repeated, *(Property(c.name, c.stuck, "rest") for c in claims if c.stuck)]


@cache
def _not_stuck(claim: Liveness) -> Property | None:
    stuck = claim.stuck
    return Property(claim.name, lambda s: not stuck(s), "rest") if stuck else None


@cache
def _not_about(claim: Liveness) -> Property | None:
    about = claim.about
    return Property(f"{claim.name}, about", lambda s: not about(s), "always") if about else None


def fair_loop(program: Program, graph: Graph, start: int, fairness: Fairness) -> list[Move]:
    """A fair cycle through a node of a fair component: on its way it does every context justice."""
    edges: list[tuple[int, int, int]] = []  # from, action, to
    here, done = start, 0

    def go(goal: Callable[[int, int, int], bool]) -> bool:
        nonlocal here
        way = _way(graph, here, goal)
        if way:
            edges.extend(way)
            here = way[-1][2]
        return way is not None

    every = fairness.weak | fairness.strong
    for bit in (1 << i for i in range(every.bit_length())):
        for v, action, _ in edges:
            done |= doer(program, action) | ~graph.enabled(v) & fairness.weak
        if bit & every & ~done and not go(lambda v, a, u, bit=bit: bool(doer(program, a) & bit)):  # type: ignore[misc]
            if bit & fairness.weak and graph.enabled(here) & bit:
                go(lambda v, a, u, bit=bit: not graph.enabled(u) & bit)  # type: ignore[misc]
    if here != start or not edges:
        go(lambda v, a, u: u == start)
    if here != start:
        raise ModelError("a component that is not strongly connected")
    states = [graph.values(start), *(graph.values(u) for _, _, u in edges)]
    return moves(program, states, [a for _, a, _ in edges])


def _way(graph: Graph, start: int, goal: Callable[[int, int, int], bool]) -> list[tuple[int, int, int]] | None:
    """The shortest way inside the component whose last edge is wanted."""
    came: dict[int, tuple[int, int, int]] = {}
    seen = {start}
    queue = deque([start])
    while queue:
        v = queue.popleft()
        for action, u in graph.inside(v):
            if goal(v, action, u):
                way = [(v, action, u)]
                while v != start:
                    way.append(came[v])
                    v = came[v][0]
                return way[::-1]
            if u not in seen:
                seen.add(u)
                came[u] = (v, action, u)
                queue.append(u)
    return None


def moves(program: Program, states: Sequence[Values], actions: Iterable[int]) -> list[Move]:
    """The moves from each state to the next, by running the steps on integers."""
    out = []
    for before, after, action in zip(states[:-1], states[1:], actions, strict=True):
        found = (m for m, to in program.successors(before) if m.action == action and to == after)
        move = next(found, None)
        if move is None:
            name = program.actions[action].name
            raise ModelError(f"{name} does not lead there on integers{whose_fault(program.system)}")
        out.append(move)
    return out


def confirm(program: Program, claim: Liveness, lasso: Lasso) -> None:
    """Run a lasso on integers: it closes, stays in the situation without progress, comes to what it has to come to, and
    is fair; or ModelError."""
    here = program.initial
    for move in lasso.prefix:
        here = _taken(program, here, move)
    if not lasso.loop:
        program.view.set(here)
        system_moves = [m for m, _ in program.successors(here) if not program.actions[m.action].step.environment]
        program.view.set(here)
        if system_moves or claim.stuck is None or not claim.stuck(program.state):
            raise ModelError(f"{claim.name}: the end is not a rest that refutes it")
        return
    start, stepped, always, ever = here, 0, -1, 0
    values = set()
    permitted = allowed(program, claim)
    for move in lasso.loop:
        enabled = waits(program, here, claim)
        for m, _ in program.successors(here):
            enabled |= doer(program, m.action)
        always, ever, stepped = always & enabled, ever | enabled, stepped | doer(program, move.action)
        program.view.set(here)
        if not permitted[move.action] or not claim.lasts(program.state):
            raise ModelError(f"{claim.name}: the loop leaves the situation")
        values.add(same_of(program, here, claim))
        here = _taken(program, here, move)
    if len(values) > 1:
        raise ModelError(f"{claim.name}: the loop makes progress")
    if here != start or not Fairness.of(program).met(stepped, always, ever):
        raise ModelError(f"{claim.name}: the loop does not close, or is not fair, or does not come to what is asked")


def same_of(program: Program, values: Values, claim: Liveness) -> int:
    """The number of a state that progress changes; 0 where the claim has none."""
    if claim.same is None:
        return 0
    program.view.set(values)
    return int(claim.same(program.state))


def _taken(program: Program, here: Values, move: Move) -> Values:
    after = program.take(here, move)
    if after is None:
        raise ModelError(f"{program.actions[move.action].name} is not enabled where the lasso takes it")
    return after


def holds(program: Program, values: Values, predicate: Callable[[Any], bool]) -> bool:
    program.view.set(values)
    return predicate(program.state)
