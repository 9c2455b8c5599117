"""Situations that z3 solves for: each has a solution, and the scenarios made of them find faults that hide there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.needs import need
from vrx.models.conformance.search.search import Search
from vrx.models.conformance.search.situations import (
    DEVICE,
    DRIVER,
    NoSolution,
    Situation,
    config_of,
    scenarios,
    solve,
)
from vrx.models.conformance.wire.layouts import WIRES
from vrx.models.conformance.worker.supervisor import Worker
from vrx.proofs.command.conform import WITH_EXHIBITS


@pytest.mark.parametrize("situation", [*DRIVER, *DEVICE], ids=lambda s: s.name)
@pytest.mark.parametrize(("layout", "size"), [("split", 16), ("split", 1024), ("packed", 16), ("packed", 1000)])
def test_each_situation_has_a_solution(situation: Situation, layout: str, size: int) -> None:
    wire = WIRES[layout]
    found = solve(situation, wire, size)
    assert all(situation.holds(wire, config_of(wire, size), found))
    assert all(low <= found[name] <= top for name, (low, top) in situation.unknowns.items())


def test_a_situation_without_a_solution_is_told() -> None:
    asked = replace(DRIVER[0], holds=lambda w, c, x: [x["n"] < 3])
    with pytest.raises(NoSolution, match="unsat"):
        solve(asked, WIRES["packed"], 16)


@pytest.mark.parametrize(
    ("target", "clauses"),
    [
        ("spec-driver+kick-test-equality", {"2.7.10.1-6"}),
        ("spec-device+event-test-equality", {"2.7.7.2-5"}),
        ("linux-vring+kick-event-old-late", {"2.7.10.1-6"}),
        ("linux-vring+kick-event-old-early", {"2.7.10.1-7"}),
        ("linux-vring+room-off-by-one", {"descriptors_conserved"}),
        ("linux-vring+more-used-less-than", {"no_lost_interrupt"}),
        ("linux-vring+packed-kick-old-late", {"P-2.8.10-3"}),
        ("linux-vring+packed-table-counter-keeps-its-lap", {"P-2.8.10-3"}),
    ],
)
def test_faults_at_the_edge_are_found_there(target: str, clauses: set[str]) -> None:
    need(target.partition("+")[0])
    with Worker(target, entrances=WITH_EXHIBITS) as worker:
        search = Search(worker)
        search.try_all(scenarios(target, worker.about()))
    assert clauses <= {f.deviation.clause for f in search.findings.values()}


def test_the_index_of_qemu_goes_all_the_way_round() -> None:
    """Without a `begin` of its own: 65,536 buffers and more go through it, and it is judged behind them."""
    need("qemu")
    with Worker("qemu") as worker:
        made = [s for s in scenarios("qemu", worker.about()) if s.operations[0][0] == "begin"]
        wrapping = [s for s in made if s.operations[0][1] > 65500]
        seen = worker.run(wrapping[0], watched=True)
    assert len(wrapping) >= 20 and not seen.deviations
    assert any(0 < row[0] < 100 for row in seen.seen), "used.idx behind the wrap"
