"""Tours are run: which edges of its model's control graph a target was seen to take, and which not, and why.

Tours and what is to be seen on each come from the model alone; finding them takes
some seconds, so they are kept in the cache for the next run of this very tool.
An edge counts as taken by a target if a tour that takes it shows on the target all
that it shows on the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.protocol import About
from vrx.models.conformance.scenario import Scenario, from_json
from vrx.models.conformance.search.corpus import takes
from vrx.models.conformance.search.search import Finding, Search
from vrx.models.conformance.search.shrink import shrink
from vrx.models.conformance.search.tours import Tour, all_tours
from vrx.models.conformance.targets.model.runner import Edge
from vrx.models.conformance.wire.layout import Layout
from vrx.models.conformance.worker.supervisor import Worker
from vrx.models.terminal.cache import cache_dir, fingerprint, read, tool, write

Place = tuple[Layout, str, str, str]
"""An edge, behind the layout whose control graph it is of."""
BETWEEN: Final = "only where the driver acts between two steps of the device"
UNREACHABLE: Final[dict[Place, str]] = {
    ("split", "NUM_HEADS", "virtqueue_num_heads", "DISABLE_LOAD"): "enough is noticed before avail.idx is read again",
    ("split", "POP_HEAD", "virtqueue_split_pop__head", "POP_EVENT"): "virtio_net pops with notifications off",
    ("split", "POP_EVENT", "vring_set_avail_event", "POP_DESC"): "virtio_net pops with notifications off",
    ("split", "POP_NEXT", "virtqueue_split_pop__desc", "IOV_FROM_BUF"): "in the model, what merges has one descriptor",
    ("packed", "NUM_HEADS", "virtqueue_packed_get_avail_bytes", "DISABLE_LOAD"): "enough is noticed at a length",
}
"""Edges that no tour takes, and why: what a control graph draws, not looking at values, need not be possible."""


@dataclass(frozen=True)
class Guide:
    """The tours of a side, and the edges of its control graph."""

    tours: tuple[Tour, ...]
    edges: frozenset[Edge]


@dataclass
class Score:
    """What tours showed of a target that has a model: all edges, those it was seen to take, and why not the others."""

    edges: frozenset[Place] = frozenset()
    taken: set[Place] = field(default_factory=set)
    why: dict[Place, str] = field(default_factory=dict)

    def reasons(self) -> dict[str, list[str]]:
        """The edges that were not taken, by why not, each behind its layout."""
        out: dict[str, list[str]] = {}
        for edge, why in self.why.items():
            out.setdefault(why, []).append(" ".join(edge))
        return out


def guide(side: str, layout: Layout) -> Guide:
    """The tours of "qemu" or "linux" on rings of a layout: from the cache, or made and kept there."""
    place = cache_dir() / "tours" / f"{fingerprint(side, layout, tool())}.json"
    try:
        return _read(read(place))
    except (ValueError, KeyError, TypeError):
        made = _made(side, layout)
        write(place, _data(made))
        return made


def guides(about: About) -> Iterator[tuple[Layout, Guide]]:
    """The tours that say something of a target: by the layouts of its rings."""
    side = about.model or {"device": "qemu", "driver": "linux"}.get(about.side, "")
    for layout in dict.fromkeys(s.layout for s in about.setups) if side else ():
        yield layout, guide(side, layout)


def _made(side: str, layout: Layout) -> Guide:
    from vrx.models.conformance.search.tour_models import control, side_of  # they load an engine

    graph = control(side, layout)
    edges = frozenset((a, step, b) for a, b, step in graph.edges(keys=True))
    found = all_tours(side_of(side, layout), graph)
    return Guide(tuple(replace(t, edges=t.edges & edges) for t in found), edges)


def _data(made: Guide) -> dict[str, Any]:
    return {
        "edges": sorted(made.edges),
        "tours": [
            {"scenario": t.scenario.as_json(), "edges": sorted(t.edges), "seen": t.seen, "between": t.interleaved}
            for t in made.tours
        ],
    }


def _read(data: Any) -> Guide:
    def edges(listed: Sequence[Sequence[str]]) -> frozenset[Edge]:
        return frozenset((str(a), str(step), str(b)) for a, step, b in listed)

    return Guide(
        tuple(
            Tour(from_json(t["scenario"]), edges(t["edges"]), tuple(tuple(x) for x in t["seen"]), bool(t["between"]))
            for t in data["tours"]
        ),
        edges(data["edges"]),
    )


def follow(search: Search, target: str, about: About) -> Score:
    """Run the tours of its side on a target.

    Where the tour says something of the model that `about` names, a difference is a finding.
    """
    score = Score()
    for layout, tours in guides(about):
        here = {(layout, *edge) for edge in tours.edges}
        between = _follow(search, target, about, layout, tours, score.taken)
        score.edges |= here
        for edge in here - score.taken:
            score.why[edge] = UNREACHABLE.get(edge, BETWEEN if edge in between else "no tour showed it")
    return score if about.model else Score()  # else they were scenarios like others, and say nothing of this target


def _follow(
    search: Search, target: str, about: About, layout: Layout, tours: Guide, taken: set[Place]
) -> set[Place]:
    """Run the tours of a layout; the edges of those that this target cannot be held up in.  taken: gets the others."""
    between: set[Place] = set()
    for tour in tours.tours:
        if search.over:
            break
        if not takes(about, tour.scenario.setup):
            continue
        edges = {(layout, *edge) for edge in tour.edges}
        if tour.interleaved and "steps" not in about.can:
            between |= edges
            continue
        scenario = replace(tour.scenario, target=target)
        outcome = search.take(scenario, watched=True)
        if outcome.seen == tour.seen:
            taken |= edges
        elif about.model and "+" not in target and not outcome.deviations:
            _differs(search, about.model, scenario)
    return between


def _differs(search: Search, model: str, scenario: Scenario) -> None:
    """A target is not like its model: keep the shortest scenario that shows it."""
    if difference(search.worker, model, scenario) is None:
        return
    short = shrink(scenario, lambda s: difference(search.worker, model, s) is not None, tries=100)
    found = difference(search.worker, model, short)
    if found is not None:
        finding = Finding(found, short)
        search.findings.setdefault(finding.cause, finding)


def difference(worker: Worker, model: str, scenario: Scenario) -> Deviation | None:
    """The first observation in which a target is not like its model, after a scenario that nobody acts between in."""
    from vrx.models.conformance.search.tour_models import side_of

    _, expected = side_of(model, scenario.setup.layout).watch(scenario)
    seen = worker.run(scenario, watched=True).seen
    for at, (mine, its) in enumerate(zip(expected, seen, strict=False), 1):
        if mine != its:
            return deviation("model", f"{its} when it rests for the {at}. time", expected=str(mine))
    if len(seen) != len(expected):
        return deviation("model", f"it rests {len(seen)} times", expected=f"{len(expected)} times")
    return None
