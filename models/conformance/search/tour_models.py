"""The two sides that tours are made for: their models as targets, what may be done to them, and when they are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

import networkx as nx

from vrx.models.conformance.harness.device_operations import DeviceOperations
from vrx.models.conformance.harness.device_watch import DeviceWatch
from vrx.models.conformance.harness.driver_operations import DriverOperations
from vrx.models.conformance.harness.driver_watch import DriverWatch
from vrx.models.conformance.harness.outcome import Seen
from vrx.models.conformance.harness.record import Record
from vrx.models.conformance.harness.run import Run
from vrx.models.conformance.harness.wiring import has_quiet
from vrx.models.conformance.protocol import Setup, setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.search.tours import Ground, Move, Side
from vrx.models.conformance.targets.model.runner import Edge
from vrx.models.conformance.targets.model.spec_device import REFUSALS, SpecDevice
from vrx.models.conformance.targets.model.spec_driver import SpecDriver
from vrx.models.conformance.wire.layout import Layout
from vrx.models.conformance.wire.lies import DRIVER_LIES
from vrx.models.systems.system import rx
from vrx.models.traces.control_graph import RETURN, SIDES, add_edges

SIZES: Final[Mapping[Layout, int]] = {"split": 4, "packed": 3}
"""Entries of the ring that tours are made for."""
SHOWN: Final = (("publish", 0), ("notify",))
RING: Final = "drivers/virtio/virtio_ring.c"


def _listening(setup: Setup, events: tuple[int, ...]) -> tuple[Move, ...]:
    """The other side says what it wants to hear of."""
    wishes = [*(("event", n) for n in events if setup.event_idx), *(("quiet", n) for n in (1, 0) if has_quiet(setup))]
    return tuple((wish,) for wish in wishes)


def _device_grounds(layout: Layout) -> tuple[Ground, ...]:
    out = []
    packed = layout == "packed"
    for mergeable, indirect in ((False, False), (True, False), (False, True)):
        for event_idx in (False, True):
            chosen = setup(
                SIZES[layout], packed=packed, mergeable=mergeable, indirect=indirect, event_idx=event_idx
            )
            posts: list[Move] = [(("refill", 1),), (("post", 0, 0, [64, 64], 1), *SHOWN)]
            if indirect:
                posts += [(("post", 0, 1, [64, 64], 1), *SHOWN), (("post", 0, 1, [64], 1), *SHOWN)]
            frames: list[Move] = [(("inject", n), ("settle",)) for n in (60, 3000)]
            calm: list[Move] = [(*move, ("settle",)) for move in (*posts, (("kick",),), (("go_on",),))]
            quiet: list[Move] = [(("post", 0, 0, [], 0), ("publish", 0)), (("take", 100),), (("stop",),)]
            wishes = _listening(chosen, (0, -2, 5))
            heard: list[Move] = [(*wish, ("refill", 1), ("inject", 60), ("settle",)) for wish in wishes if packed]
            out.append(Ground(chosen, (*heard, *calm, *frames, *quiet, *wishes)))
            between = [
                (("inject", n), ("steps", k), *post, ("settle",), ("take", 100))
                for n in (60, 3000) for k in range(3, 9) for post in posts
            ]  # fmt: skip
            out.append(Ground(chosen, (*between, *posts, *frames), interleaved=True))
            lies = (kind for kind in range(DRIVER_LIES) if kind not in REFUSALS[layout](chosen))
            told: list[Move] = [(("lie", kind, 1), ("notify",), ("settle",)) for kind in lies]
            out.append(Ground(chosen, (*told, calm[0], *frames), hostile=True))
            amid = [(("inject", 60), ("steps", 3), *lie) for lie in told]
            out.append(Ground(chosen, (*amid, calm[0], *frames), hostile=True, interleaved=True))
    return tuple(out)


def _by_flags() -> list[Move]:
    """Where flags say whether a position counts, they are set anew, and a buffer is taken that is too short."""
    anew: Move = (("disable",), ("enable",))
    return [anew, (*anew, ("post", 0, [64], []), ("use", 0, 12), ("publish", 0), ("take", 1))]


def _driver_grounds(layout: Layout) -> tuple[Ground, ...]:
    packed = layout == "packed"
    return tuple(
        Ground(
            chosen,
            (
                (("post", 0, [64], []),), (("post", 0, [64, 64], []),), (("post", 0, [64, 64, 64], []),), (("kick",),),
                (("use", 0, -1), ("publish", 0)), (("use", 0, -1), ("publish", 0), ("take", 1)), (("take", 1),),
                (("use", 0, 12), ("publish", 0), ("take", 1)), (("disable",),), (("enable",),), (("prepare",),),
                (("poll",),), (("use", 0, -1), ("publish", 0), ("interrupt",)), (("interrupt",),),
                *_listening(chosen, (0, -1, 5)), *(_by_flags() if packed else []),
                *(((("lie", 2, 3), ("take", 1)),) if hostile else ()),
            ),
            hostile,
        )
        for indirect in (False, True)
        for event_idx in (False, True)
        for hostile in (False, True)
        for chosen in (setup(SIZES[layout], packed=packed, indirect=indirect, event_idx=event_idx),)
    )  # fmt: skip


class Model(Protocol):
    """A model as a target.  taken: the edges of its control graph that it took."""

    taken: Counter[Edge]

    def situation(self) -> tuple[object, ...]:
        """Equal where it will do the same, whatever is done to it."""


class Watch(Protocol):
    """What a harness remembers beside such a target."""

    def situation(self) -> tuple[object, ...]:
        """Equal where it will do the same."""


@dataclass
class ModelSide:
    """A `Side`.  begin: a harness around the model for a scenario: what it remembers, and what runs it."""

    grounds: tuple[Ground, ...]
    tries: int
    target: Model
    begin: Callable[[Record], tuple[Watch, Run]]

    def run(self, scenario: Scenario) -> tuple[frozenset[Edge], Any]:
        self.target.taken.clear()
        watch, run = self.begin(Record(scenario, judged=False))
        run.run()
        return frozenset(self.target.taken), (self.target.situation(), watch.situation())

    def watch(self, scenario: Scenario) -> tuple[frozenset[Edge], Seen]:
        self.target.taken.clear()
        _, run = self.begin(Record(scenario, watched=True))
        run.run()
        return frozenset(self.target.taken), tuple(run.record.seen)


def _device(layout: Layout) -> Side:
    """QEMU's half."""
    target = SpecDevice()

    def begin(record: Record) -> tuple[Watch, Run]:
        watch = DeviceWatch(target, record)
        return watch, Run(DeviceOperations(watch))

    return ModelSide(_device_grounds(layout), 150, target, begin)


def _driver(layout: Layout) -> Side:
    """Linux's half of the queue."""
    target = SpecDriver()

    def begin(record: Record) -> tuple[Watch, Run]:
        watch = DriverWatch(target, record)
        return watch, Run(DriverOperations(watch))

    return ModelSide(_driver_grounds(layout), 300, target, begin)


@cache
def side_of(model: str, layout: Layout) -> Side:
    """The side of "qemu" or "linux", on rings of a layout."""
    return _device(layout) if model == "qemu" else _driver(layout)


KINDS: Final[Sequence[Mapping[str, Any]]] = ({}, {"segments": 2}, {"segments": 2, "indirect": True})
"""Configurations of the models, merging apart."""


def control(side: str, layout: Layout) -> Any:
    """The control graph of "qemu" or "linux" in the configurations that its target has, without what others do there.

    Of Linux only the functions of the queue: the target is not the rest of the driver.
    """
    context, _ = SIDES[side]
    graph = nx.MultiDiGraph()
    for kind in (*([{"mergeable": True}] if side == "qemu" else []), *KINDS):
        for event_idx in (False, True):
            system = rx(ring=layout, size=2, stops=True, event_idx=event_idx, data=True, **kind)
            add_edges(graph, system, context)
    of_queue = {s.name for m in system.machines if m.name == RING for s in m}
    out = nx.MultiDiGraph()
    for a, b, step in graph.edges(keys=True):
        if side == "qemu" or step in of_queue:
            out.add_edge(a, "IDLE" if b == RETURN else b, step)  # who calls a function of the queue is the harness
    return out
