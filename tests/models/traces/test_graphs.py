"""The control graphs in docs/ are those of the steps, and every step of both sides is in them."""

from __future__ import annotations

import networkx as nx
import pytest

from tests import ROOT
from vrx.models.systems.system import rx
from vrx.models.traces.control_graph import RETURN, SIDES, control_graph, page

DOCS = ROOT / "docs"


@pytest.mark.parametrize("side", SIDES)
def test_the_page_is_up_to_date(side: str) -> None:
    written = (DOCS / f"control-{side}.md").read_text(encoding="utf-8")
    assert written == page(side), "run python -m vrx.models.traces.control_graph"


@pytest.mark.parametrize("side", SIDES)
def test_every_point_leads_back_to_idle(side: str) -> None:
    graph = control_graph(side)
    graph.add_edges_from((RETURN, b) for b in list(graph) if b != RETURN)
    assert all(nx.has_path(graph, node, "IDLE") for node in graph)


def test_every_step_is_drawn() -> None:
    drawn = {name for side in SIDES for _, _, name in control_graph(side).edges(keys=True)}
    assert {s.name for s in rx(memory="tso").steps} - drawn == {"store_drains"}
