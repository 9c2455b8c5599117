"""The memory models of the step language against an axiomatic oracle that shares no code with them.

The oracle enumerates executions (which store each load reads from, in which
order stores to one place take effect) and keeps those without a forbidden cycle
(Owens, Sarkar, Sewell: A better x86 memory model: x86-TSO, 2009; Alglave et al., 2014).
"""

from __future__ import annotations

from itertools import permutations, product

import networkx as nx
import pytest

from vrx.models.engines.explorer import explore
from vrx.models.systems.system import litmus_test, rx
from vrx.spec import core
from vrx.spec.litmus import SHAPES, Instruction, Outcome, fenced, outcome
from vrx.spec.memory import Memory

Event = tuple[int, int]


def reached(threads: tuple[tuple[Instruction, ...], ...], memory: str | Memory) -> set[Outcome]:
    system = litmus_test(threads, memory)
    found = explore(system, keep_states=True)
    assert found.complete and found.seen is not None
    program = system.built()
    ends = set()
    for values in found.seen:
        program.view.set(values)
        end = outcome(program.state)
        if end is not None:
            ends.add(tuple(int(v) for v in end))
    return ends


def allowed(threads: tuple[tuple[Instruction, ...], ...], memory: str) -> set[Outcome]:
    events = {(t, i): op for t, ops in enumerate(threads) for i, op in enumerate(ops)}
    stores = {p: [e for e, op in events.items() if op[:2] == ("store", p)] for p in "xy"}
    loads = [e for e, op in events.items() if op[0] == "load"]
    ends = set()
    orders = [list(permutations(stores[p])) for p in "xy"]
    for co_x, co_y in product(*orders):
        co = {"x": list(co_x), "y": list(co_y)}
        for sources in product(*([None, *stores[events[e][1]]] for e in loads)):
            rf = dict(zip(loads, sources, strict=True))
            if _consistent(events, co, rf, memory):
                registers = [[0, 0] for _ in threads]
                for e, source in rf.items():
                    registers[e[0]][events[e][2]] = events[source][2] if source else 0
                last = [events[co[p][-1]][2] if co[p] else 0 for p in "xy"]
                ends.add((*last, *(v for t in registers for v in t)))
    return ends


def _consistent(
    events: dict[Event, Instruction],
    co: dict[str, list[Event]],
    rf: dict[Event, Event | None],
    memory: str,
) -> bool:
    def communication(external_only: bool) -> list[tuple[Event, Event]]:
        edges = []
        for order in co.values():
            edges += [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
        for reader, source in rf.items():
            order = co[events[reader][1]]
            if source is not None and not (external_only and source[0] == reader[0]):
                edges.append((source, reader))
            after = order[order.index(source) + 1 :] if source is not None else order
            edges += [(reader, b) for b in after]
        return edges

    program = [(a, b) for a in events for b in events if a[0] == b[0] and a[1] < b[1]]
    same_place = [(a, b) for a, b in program if events[a][1] == events[b][1] and events[a][1]]
    if not nx.is_directed_acyclic_graph(nx.DiGraph(same_place + communication(False))):
        return False
    if memory == "sc":
        return bool(nx.is_directed_acyclic_graph(nx.DiGraph(program + communication(False))))

    def fenced_between(a: Event, b: Event, *kinds: str) -> bool:
        return any(op[0] in kinds and e[0] == a[0] and a[1] < e[1] < b[1] for e, op in events.items())

    def ordered(a: Event, b: Event) -> bool:
        if events[a][0] != "store":
            return True
        if events[b][0] == "load":
            return fenced_between(a, b, "mb")
        return memory == "tso" or events[a][1] == events[b][1] or fenced_between(a, b, "mb", "wmb")

    kept = [(a, b) for a, b in program if ordered(a, b)]
    return bool(nx.is_directed_acyclic_graph(nx.DiGraph(kept + communication(True))))


@pytest.mark.parametrize("memory", ["sc", "tso"])
@pytest.mark.parametrize("shape", SHAPES)
def test_exactly_the_outcomes_of_the_model(shape: str, memory: str) -> None:
    assert reached(SHAPES[shape], memory) == allowed(SHAPES[shape], memory)


@pytest.mark.parametrize("shape", ["SB", "R"])
def test_a_full_barrier_restores_sequential_consistency(shape: str) -> None:
    assert reached(fenced(shape), "tso") == reached(SHAPES[shape], "sc")


def test_store_buffering_tells_the_models_apart() -> None:
    both_zero = (1, 1, 0, 0, 0, 0)
    assert both_zero not in reached(SHAPES["SB"], "sc")
    assert both_zero in reached(SHAPES["SB"], "tso")


def test_places_that_share_a_store_buffer_have_codes_of_their_own() -> None:
    """The core has the same codes on both sides."""
    closed = (core.new_state(core.CoreConfig(memory="tso")), rx(memory="tso", guest="smp", data=True).built().state)
    for state in closed:
        for buffer in state.buffers:
            codes = [place.code for place in buffer.locations]
            assert codes and len(set(codes)) == len(codes), buffer.name
