"""Tours: scenarios that take every edge of a model's control graph that the other side can bring about.

What may be done to a side leads from one situation of its model to another; each
such move takes edges of the model's control graph (from a program point by a step
to a program point).  The situations and moves that were tried are a graph of
networkx; a tour goes through it from the beginning, each time by the shortest way
to the move that takes most edges which no tour has taken.  What counts in the end
is what the tour itself takes, run from its beginning.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

import networkx as nx

from vrx.models.conformance.harness.outcome import Seen
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.targets.model.runner import Edge

Move = tuple[Operation, ...]
LONGEST: Final = 60
"""Operations of one tour; the next one begins where it is exceeded."""


@dataclass(frozen=True)
class Ground:
    """Where tours are looked for: a configuration, and what may be done in any situation."""

    setup: Setup
    moves: tuple[Move, ...]
    hostile: bool = False
    interleaved: bool = False

    def scenario(self, operations: Sequence[Operation]) -> Scenario:
        return Scenario("", self.setup, tuple(operations), self.hostile, "tour")


class Side(Protocol):
    """One side's model as a target.  tries: how many moves are tried on each ground: more find no further edge."""

    grounds: tuple[Ground, ...]
    tries: int

    def run(self, scenario: Scenario) -> tuple[frozenset[Edge], Any]:
        """The edges that a scenario takes, and the situation at its end: nothing else decides what moves do then."""

    def watch(self, scenario: Scenario) -> tuple[frozenset[Edge], Seen]:
        """The edges that it takes until everything has come to rest, and all that can be observed."""


@dataclass(frozen=True)
class Tour:
    """A scenario, the edges of the model that it takes, and what can be observed of the model.

    interleaved: it acts between two steps of the side
    """

    scenario: Scenario
    edges: frozenset[Edge]
    seen: Seen = ()
    interleaved: bool = False


def explore(side: Side, ground: Ground, control: Any) -> Any:
    """Situations as nodes, with the shortest way to each that was seen; moves as edges, with what they take.

    control: the control graph.  Situations come first that a short way leads to, and before them those whose way
    went over a point with an edge that was not taken yet.
    """
    graph = nx.MultiDiGraph()
    seen, first = side.run(ground.scenario(()))
    graph.add_node(first, way=())
    graph.graph["first"] = first
    number = count()
    tries = side.tries
    todo: list[tuple[int, int, Any, frozenset[Edge]]] = [(0, next(number), first, seen)]
    while todo and tries > 0:
        _, _, here, before = heapq.heappop(todo)
        way = graph.nodes[here]["way"]
        open_points = {a for a, b, step in control.edges(keys=True) if (a, step, b) not in seen}
        for move in ground.moves:
            tries -= 1
            after, there = side.run(ground.scenario(way + move))
            takes = after - before
            if there not in graph:
                passed = any(a in open_points or b in open_points for a, _, b in takes - seen)
                rank = len(way) + len(move) - (6 if passed else 3 if takes - seen else 0)
                graph.add_node(there, way=way + move)
                heapq.heappush(todo, (rank, next(number), there, after))
            graph.add_edge(here, there, move=move, takes=takes)
            seen |= after
    return graph


def tours(side: Side, ground: Ground, graph: Any, taken: set[Edge]) -> list[Tour]:
    """Walks through the situations until every edge that one of their moves takes is taken.  taken: by others."""
    out: list[Tour] = []
    wanted = {edge for *_, takes in graph.edges(data="takes") for edge in takes} - taken
    walk: Move = ()
    here = graph.graph["first"]
    while wanted:
        ways = nx.single_source_shortest_path(graph, here)
        best = min(
            ((len(ways[a]) - 4 * len(data["takes"] & wanted), n, a, b, data) for n, (a, b, data)
             in enumerate(graph.edges(data=True)) if a in ways and data["takes"] & wanted),
            default=None, key=lambda x: x[:2],
        )  # fmt: skip
        if best is not None:
            _, _, a, b, data = best
            for u, v in zip(ways[a], ways[a][1:], strict=False):
                walk += next(iter(graph.get_edge_data(u, v).values()))["move"]
            walk += data["move"]
            here = b
            wanted -= data["takes"]
        if best is None or len(walk) > LONGEST or not wanted:
            out.append(tour(side, ground, walk))
            walk, here = (), graph.graph["first"]
            if best is None:
                break
    return out


def tour(side: Side, ground: Ground, operations: Move) -> Tour:
    """The scenario with what it really takes."""
    scenario = ground.scenario(operations)
    return Tour(scenario, *side.watch(scenario), ground.interleaved)


def all_tours(side: Side, control: Any) -> list[Tour]:
    """Tours through every ground, and the shortest way to each edge that they miss."""
    out: list[Tour] = []
    for ground in side.grounds:
        graph = explore(side, ground, control)
        taken: set[Edge] = set()
        made = tours(side, ground, graph, taken)
        taken |= {e for t in made for e in t.edges}
        for here, _, data in graph.edges(data=True):
            if not data["takes"] <= taken:
                made.append(tour(side, ground, graph.nodes[here]["way"] + data["move"]))
                taken |= made[-1].edges
        out += made
    return out
