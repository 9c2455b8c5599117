"""Fair cycles by the reference engine: a networkx graph of a small system, slow and simple, to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf
from time import monotonic

from vrx.models.engines.liveness import (
    Fairness,
    Lasso,
    Verdict,
    allowed,
    confirm,
    doer,
    fair_loop,
    holds,
    same_of,
    waits,
)
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System
from vrx.spec.liveness import Liveness


class _Plain:
    """The graph of a small system, built from the steps on integers."""

    def __init__(self, program: Program, ends: float) -> None:
        self.program = program
        self.fired: Counter[int] = Counter()
        self.covers: set[str] = set()
        self.complete = False
        self.states: list[Values] = [program.initial]
        self.number = {program.initial: 0}
        self.edges: list[list[tuple[Move, int]]] = []
        self.came: list[tuple[int, Move] | None] = [None]
        self._component: set[int] = set()
        self._permitted: list[bool] = []
        self._same: dict[int, int] = {}
        self._waits: dict[int, int] = {}
        for v, here in enumerate(self.states):
            if monotonic() >= ends:
                return
            out = []
            marks: list[str] = []
            for move, after in program.successors(here, marks):
                self.fired[move.action] += 1
                if after not in self.number:
                    self.number[after] = len(self.states)
                    self.states.append(program.checked(after, move))
                    self.came.append((v, move))
                out.append((move, self.number[after]))
            self.edges.append(out)
            self.covers.update(marks)
        self.complete = True

    def ask(self, claim: Liveness) -> None:
        """The claim whose edges are meant from now on."""
        self._permitted = allowed(self.program, claim)
        self._same = {v: same_of(self.program, values, claim) for v, values in enumerate(self.states)}
        self._waits = {v: waits(self.program, values, claim) for v, values in enumerate(self.states)}

    def choose(self, component: set[int]) -> None:
        """The component that `inside` is about."""
        self._component = component

    def inside(self, node: int) -> Iterator[tuple[int, int]]:
        return self.within(node, self._component)

    def within(self, node: int, nodes: set[int]) -> Iterator[tuple[int, int]]:
        """The edges of the claim from a node to some nodes: action, other node."""
        for move, other in self.edges[node]:
            if self._permitted[move.action] and other in nodes and self._same[other] == self._same[node]:
                yield move.action, other

    def enabled(self, node: int) -> int:
        bits = self._waits[node]
        for move, _ in self.edges[node]:
            bits |= doer(self.program, move.action)
        return bits

    def rests(self, node: int) -> bool:
        """Is no context enabled?"""
        return not any(doer(self.program, move.action) for move, _ in self.edges[node])

    def values(self, node: int) -> Values:
        return self.states[node]

    def path(self, node: int) -> list[Move]:
        """The shortest way to a node."""
        out: list[Move] = []
        while (step := self.came[node]) is not None:
            node, move = step
            out.append(move)
        return out[::-1]


def liveness_reference(system: System, claims: Sequence[Liveness], *, seconds: float = 0) -> list[Verdict]:
    """Decide claims on a networkx graph: slow and simple, for small systems and for comparison.

    seconds: stop after that time when the graph is not there yet; 0 for no limit
    """
    program = system.built()
    plain = _Plain(program, monotonic() + seconds if seconds else inf)
    states = len(plain.states)
    if not plain.complete:
        why = f"stopped after {seconds:g} s at {states:,} states"
        return [Verdict(claim, False, states, None, why, why="time") for claim in claims]
    fairness = Fairness.of(program)
    out = []
    for claim in claims:
        lasso = _stuck_reference(program, plain, claim)
        occurs = sum(holds(program, values, claim.lasts) for values in plain.states)
        plain.ask(claim)
        if lasso is None:
            component = _fair_component(program, plain, claim, fairness)
            if component:
                plain.choose(component)
                node = min(component)
                lasso = Lasso(plain.path(node), fair_loop(program, plain, node, fairness))
        if lasso:
            confirm(program, claim, lasso)
        said = claim.about is None or any(holds(program, values, claim.about) for values in plain.states)
        out.append(Verdict(claim, True, states, lasso, "", occurs, said, plain.fired, frozenset(plain.covers)))
    return out


def _stuck_reference(program: Program, plain: _Plain, claim: Liveness) -> Lasso | None:
    if claim.stuck is None:
        return None
    for node, values in enumerate(plain.states):
        if plain.rests(node) and holds(program, values, claim.stuck):
            return Lasso(plain.path(node), [])
    return None


def _fair_component(program: Program, plain: _Plain, claim: Liveness, fairness: Fairness) -> set[int]:
    """The fair component nearest to the initial state; empty when there is none."""
    import networkx as nx  # it takes its time to load, and most runs need none

    inside = {v for v, values in enumerate(plain.states) if holds(program, values, claim.lasts)}
    best: set[int] = set()
    work = [inside]
    while work:
        nodes = work.pop()
        graph = nx.MultiDiGraph()
        for v in nodes:
            for action, u in plain.within(v, nodes):
                graph.add_edge(v, u, action=action)
        for part in nx.strongly_connected_components(graph):
            sub = graph.subgraph(part)
            if sub.number_of_edges() == 0:
                continue
            stepped, always, ever = 0, -1, 0
            for _, _, action in sub.edges(data="action"):
                stepped |= doer(program, action)
            for v in part:
                always, ever = always & plain.enabled(v), ever | plain.enabled(v)
            starved = fairness.strong & ever & ~stepped
            if fairness.weak & always & ~stepped:
                continue
            if starved:
                work.append({v for v in part if not plain.enabled(v) & starved})
            elif not best or min(part) < min(best):
                best = set(part)
    return best
