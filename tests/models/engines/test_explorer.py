"""The reference explorer: every reachable state, shortest ways, rests, limits; and the runner of claims around it."""

from __future__ import annotations

from functools import partial
from typing import Any

import networkx as nx
import pytest

from vrx.models.claims import Figures, Outcome, Safety, Sentence, Statement, claims_of, reached, tag
from vrx.models.deciding.engine import Unreachable, decide
from vrx.models.deciding.many_claims import prove, prove_here
from vrx.models.engines.explorer import explore
from vrx.models.systems.fields import Values, View
from vrx.models.systems.system import System, litmus_test, rx
from vrx.models.traces.trace import replay
from vrx.proofs.museum.device import forgets_unpop
from vrx.spec import steps
from vrx.spec.litmus import SHAPES
from vrx.spec.properties import SPINE, Property, descriptors_conserved, single_owner

OWN = Sentence("own", "An engine of its own decides it.")
SMALL = [
    rx(arrivals=False),
    rx(arrivals=False, size=2, memory="tso", event_idx=True),
    litmus_test(SHAPES["SB"], "tso"),
    litmus_test(SHAPES["IRIW"], "tso"),
]
LEAKS = rx().replace("virtqueue_unpop", forgets_unpop)


def graph_of(system: System) -> nx.DiGraph[Values]:
    """All states, found without the explorer."""
    program = system.built()
    graph: nx.DiGraph[Values] = nx.DiGraph()
    graph.add_node(program.initial)
    todo = [program.initial]
    while todo:
        here = todo.pop()
        for _, after in list(program.successors(here)):
            if after not in graph:
                todo.append(after)
            graph.add_edge(here, after)
    return graph


@pytest.mark.parametrize("system", [*SMALL, rx(size=2, data=True, mergeable=True, irq="other")], ids=str)
def test_where_a_context_stands_is_what_its_counter_says(system: System) -> None:
    program = system.built()
    for number, actor in enumerate(program.actors):
        place = program.counters.get(number)
        assert (place is None) == (not hasattr(actor, "pc"))
        if place is not None:
            program.view.set([int(i == place) for i in range(len(program.view.fields))])
            assert [int(other.pc) for other in program.actors if hasattr(other, "pc")].count(1) == 1 == int(actor.pc)


@pytest.mark.parametrize("system", SMALL, ids=lambda s: s.name)
def test_states_depth_and_rests_are_those_of_the_graph(system: System) -> None:
    graph = graph_of(system)
    program = system.built()
    found = explore(system, keep_states=True)
    assert found.complete and found.seen == set(graph)
    assert found.states == len(graph)
    lengths = nx.single_source_shortest_path_length(graph, program.initial)
    assert found.depth == max(lengths.values())
    assert found.rests == sum(graph.out_degree(n) == 0 for n in graph)


def differs(target: Values, state: Any) -> bool:
    """The state is not the target."""
    return View(state).get() != target


@pytest.mark.parametrize("system", SMALL, ids=lambda s: s.name)
def test_ways_are_shortest(system: System) -> None:
    program = system.built()
    lengths = nx.single_source_shortest_path_length(graph_of(system), program.initial)
    for target in [max(lengths, key=lambda n: lengths[n]), next(n for n in lengths if lengths[n] == 3)]:
        elsewhere = Property("elsewhere", partial(differs, target), "always")
        path = explore(system, [elsewhere]).violations["elsewhere"].path
        assert len(path) == lengths[target]
        assert replay("x", system, elsewhere, path).states[-1] == target


def test_an_invariant_that_fails_at_once_has_no_steps() -> None:
    never = Property("never", lambda s: False, "always")
    found = explore(SMALL[0], [never])
    assert found.violations["never"].path == []
    assert replay("x", SMALL[0], never, []).steps == ()


def test_all_properties_in_one_search() -> None:
    found = explore(LEAKS, SPINE, limit=3000)
    assert "descriptors_conserved" in found.violations
    stopped = explore(LEAKS, SPINE, stop_at_violation=True)
    assert len(stopped.violations["descriptors_conserved"].path) == 12
    assert not stopped.complete and stopped.reason == "stopped at the first violation"


def test_covers_are_shortest_and_replay() -> None:
    found = explore(rx(), limit=5000)
    for mark, length in (("the device parks", 7), ("a packet is dropped", 12)):
        assert len(found.covers[mark].path) == length
        replay("x", rx(), reached(mark), found.covers[mark].path)


def test_a_limit_is_no_proof() -> None:
    found = explore(rx(), SPINE, limit=1000)
    assert not found.complete and found.states >= 1000 and "limit of 1000" in found.reason


def test_ctrl_c_keeps_what_was_found() -> None:
    def interrupt(states: int, depth: int) -> None:
        if states > 500:
            raise KeyboardInterrupt

    found = explore(rx(), SPINE, progress=interrupt)
    assert (found.complete, found.reason) == (False, "interrupted") and found.states > 500


def test_results_come_in_one_process_or_several() -> None:
    claims = [
        *claims_of(SMALL[0], *(p for p in SPINE if p.about is None)),
        *claims_of(SMALL[1], single_owner),
        Safety("leak", LEAKS, descriptors_conserved, "refuted", figures=Figures(steps=12)),
        Statement("own", None, OWN, "bounded", decide=lambda c: Outcome("bounded", "own", depth=9)),
    ]

    for results in (prove_here(claims), list(prove(claims, jobs=1)), list(prove(claims, jobs=3))):
        decided = {r.claim.name: r for r in results if r.claim.asks.name != "every_step_fires"}
        assert set(decided) == {c.name for c in claims}
        assert all(r.ok for r in decided.values()), [r.as_json() for r in results]


def test_steps_that_fire_must_not_be_listed_and_others_must() -> None:
    claims = claims_of(SMALL[0], single_owner)
    ((about, complaint),) = decide(claims, unreachable=()).complaints
    assert about == 0
    assert complaint.startswith("never fired: ") and "virtqueue_split_flush" in complaint
    missing = complaint.removeprefix("never fired: ").split(", ")
    listed = [Unreachable(step, "nothing arrives", lambda cfg: not cfg.arrivals) for step in missing]
    assert decide(claims, unreachable=listed).complaints == ()
    wrong = [*listed, Unreachable("virtnet_open", "a mistake")]
    assert decide(claims, unreachable=wrong).complaints == ((0, "listed as unreachable, but fired: virtnet_open"),)


def test_a_broken_model_is_no_verdict() -> None:
    def too_large(s: object, me: object) -> None:
        s.vq.num_free = 7  # type: ignore[attr-defined]

    system = rx().replace("virtnet_open", too_large)
    (outcome,) = decide([Safety("x", system, single_owner, "proved")]).outcomes
    assert outcome.verdict == "undecided" and outcome.fault and "num_free" in outcome.reason


def test_names_of_systems_tell_them_apart() -> None:
    systems = [rx(), rx(size=2), rx(memory="tso"), rx(guest="up"), rx(event_idx=True), rx(data=True), rx(idx_bits=4),
               rx(stops=True), rx(irq="any"), rx(mergeable=True, size=2), rx(buffer_depth=3), rx(arrivals=False),
               rx(busy_poll="same"), rx(busy_poll="other"), rx(netpoll="same"), rx(gro_flush_timeout=True),
               rx(gro_flush_timeout=True, defer_hard_irqs=1),
               rx(memory="tso").without("virtqueue_poll__mb")]
    assert len({tag(s) for s in systems}) == len(systems)


def test_a_step_that_is_not_taken_reaches_no_mark() -> None:
    def stops_late(s: Any, _me: Any, **_choices: int) -> None:
        steps.mark(s, "not taken")
        steps.require(False)

    system = rx(arrivals=False)
    program = system.built()
    for name in {program.actions[number].step.name for number in explore(system).fired}:
        assert "not taken" not in explore(system.replace(name, stops_late)).covers
