"""Tours take all of a model's control graph that can be taken, and tell a target that is not like its model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vrx.models.conformance.search.search import Search
from vrx.models.conformance.search.tour_runs import UNREACHABLE, difference, follow, guide
from vrx.models.conformance.wire.layout import Layout
from vrx.models.conformance.worker.supervisor import Worker
from vrx.proofs.command.conform import WITH_EXHIBITS


@pytest.mark.parametrize("target", ["spec-driver", "spec-device"])
def test_a_model_takes_every_edge(target: str) -> None:
    with Worker(target) as worker:
        search = Search(worker)
        score = follow(search, target, worker.about())
    model = "linux" if target == "spec-driver" else "qemu"
    assert {edge[0] for edge in score.edges} == {"split", "packed"}
    assert score.edges - score.taken == {edge for edge in UNREACHABLE if model == "qemu"}
    assert set(score.why) == score.edges - score.taken
    assert all(d.deviation.clause != "model" for d in search.findings.values())


def test_tours_of_a_model_are_the_same_each_time() -> None:
    assert guide("linux", "packed") == guide("linux", "packed")


@pytest.mark.parametrize(
    ("target", "model", "layout"),
    [
        ("spec-device+drop-without-unpop", "qemu", "split"),
        ("spec-driver+free-list-head-only", "linux", "split"),
        ("spec-driver+mask-on-odd-ring", "linux", "packed"),
    ],
)
def test_one_that_is_not_like_its_model_is_told(target: str, model: str, layout: Layout) -> None:
    """Its clause is `model`: where it differs, not whether the standard allows it."""
    with Worker(target, entrances=WITH_EXHIBITS) as worker:
        tours = [replace(t.scenario, target=target) for t in guide(model, layout).tours if not t.interleaved]
        found = [d for t in tours if (d := difference(worker, model, t)) is not None]
    assert found and all(d.clause == "model" and d.expected != d.seen for d in found)
