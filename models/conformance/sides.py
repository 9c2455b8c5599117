"""The two sides that tours are made for: their models as targets, what may be done to them, and when they are alike."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import networkx as nx

from vrx.models.conformance.device_run import DeviceRun
from vrx.models.conformance.driver_run import DriverRun
from vrx.models.conformance.outcome import Seen
from vrx.models.conformance.protocol import Setup, setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.targets.spec_device import SpecDevice
from vrx.models.conformance.targets.spec_driver import SpecDriver
from vrx.models.conformance.targets.spec_model import Edge
from vrx.models.conformance.tours import Ground, Move, Side
from vrx.models.systems.system import rx
from vrx.models.traces.control_graph import RETURN, SIDES, add_edges

SIZE: Final = 4
"""Entries of the ring that tours are made for."""
SHOWN: Final = (("publish", 0), ("notify",))
RING: Final = "drivers/virtio/virtio_ring.c"


def near(a: int, b: int) -> int:
    """How far index a is ahead of b; far away is all the same."""
    ahead = (a - b + 0x8000 & 0xFFFF) - 0x8000
    return max(-SIZE - 1, min(SIZE + 1, ahead))


def _listening(setup: Setup) -> tuple[Move, ...]:
    if setup.event_idx:
        return tuple((("event", n),) for n in (0, -2, 5))
    return tuple((("quiet", n),) for n in (1, 0))


def _device_grounds() -> tuple[Ground, ...]:
    out = []
    for mergeable, indirect in ((False, False), (True, False), (False, True)):
        for event_idx in (False, True):
            chosen = setup(SIZE, mergeable=mergeable, indirect=indirect, event_idx=event_idx)
            posts: list[Move] = [(("refill", 1),), (("post", 0, 0, [64, 64], 1), *SHOWN)]
            if indirect:
                posts += [(("post", 0, 1, [64, 64], 1), *SHOWN), (("post", 0, 1, [64], 1), *SHOWN)]
            frames: list[Move] = [(("inject", n), ("settle",)) for n in (60, 3000)]
            calm: list[Move] = [(*move, ("settle",)) for move in (*posts, (("kick",),), (("go_on",),))]
            quiet: list[Move] = [(("post", 0, 0, [], 0), ("publish", 0)), (("take", 100),), (("stop",),)]
            out.append(Ground(chosen, (*calm, *frames, *quiet, *_listening(chosen))))
            between = [
                (("inject", n), ("steps", k), *post, ("settle",), ("take", 100))
                for n in (60, 3000) for k in range(3, 9) for post in posts
            ]  # fmt: skip
            out.append(Ground(chosen, (*between, *posts, *frames), interleaved=True))
            told: list[Move] = [(("lie", kind, 1), ("notify",), ("settle",)) for kind in sorted(SpecDevice.lies)]
            out.append(Ground(chosen, (*told, calm[0], *frames), hostile=True))
            amid = [(("inject", 60), ("steps", 3), *lie) for lie in told]
            out.append(Ground(chosen, (*amid, calm[0], *frames), hostile=True, interleaved=True))
    return tuple(out)


class DeviceSide:
    """QEMU's half."""

    tries = 150
    grounds = _device_grounds()

    def __init__(self) -> None:
        self.target = SpecDevice()

    def run(self, scenario: Scenario) -> tuple[frozenset[Edge], Any]:
        self.target.taken.clear()
        run = DeviceRun(self.target, scenario, judged=False)
        run.run()
        assert self.target.run is not None
        s, ring = self.target.state, self.target.ring
        dev, me = s.dev, s.main
        situation = (
            int(me.pc), me.held, me.filled, me.size > 1514, tuple(len(f) > 1514 for f in self.target.backlog),
            dev.broken, dev.notification, dev.signalled_used_valid, near(dev.signalled_used, dev.used_idx),
            s.net.queued > 1514, s.net.queued > 0, s.net.receive_disabled, s.net.running,
            near(ring.avail_idx, dev.last_avail_idx), ring.avail_flags,
            near(dev.shadow_avail_idx, dev.last_avail_idx), ring.used_flags, near(ring.used_event, dev.used_idx),
            near(ring.avail_event, ring.avail_idx), near(run.told, run.avail_idx), len(run.placed), len(run.free),
            tuple((run.out[h].kind, len(run.out[h].segments), run.out[h].capacity) for h in run.order), run.lied,
        )  # fmt: skip
        return frozenset(self.target.taken), situation

    def watch(self, scenario: Scenario) -> tuple[frozenset[Edge], Seen]:
        self.target.taken.clear()
        run = DeviceRun(self.target, scenario)
        run.watched = True
        run.run()
        return frozenset(self.target.taken), tuple(run.seen)


class DriverSide:
    """Linux's half of the queue."""

    tries = 300
    grounds = tuple(
        Ground(
            chosen,
            (
                (("post", 0, [64], []),), (("post", 0, [64, 64], []),), (("post", 0, [64, 64, 64], []),), (("kick",),),
                (("use", 0, -1), ("publish", 0)), (("use", 0, -1), ("publish", 0), ("take", 1)), (("take", 1),),
                (("use", 0, 12), ("publish", 0), ("take", 1)), (("disable",),), (("enable",),), (("prepare",),),
                (("poll",),), (("use", 0, -1), ("publish", 0), ("interrupt",)), (("interrupt",),),
                *((("event", n),) for n in ((0, -1, 5) if chosen.event_idx else ())),
                *((("quiet", n),) for n in (() if chosen.event_idx else (1, 0))),
                *(((("lie", 2, 3), ("take", 1)),) if hostile else ()),
            ),
            hostile,
        )
        for indirect in (False, True)
        for event_idx in (False, True)
        for hostile in (False, True)
        for chosen in (setup(SIZE, indirect=indirect, event_idx=event_idx),)
    )  # fmt: skip

    def __init__(self) -> None:
        self.target = SpecDriver()

    def run(self, scenario: Scenario) -> tuple[frozenset[Edge], Any]:
        self.target.taken.clear()
        run = DriverRun(self.target, scenario, judged=False)
        run.run()
        vq, ring = self.target.state.vq, self.target.ring
        situation = (
            vq.num_free, vq.num_added, vq.no_interrupt, vq.event_triggered, near(ring.used_idx, vq.last_used_idx),
            ring.avail_flags, near(ring.used_event, ring.used_idx), ring.used_flags,
            near(ring.avail_event, ring.avail_idx), len(run.offered), len(run.filled), run.prepared is not None,
            tuple(len(run.posted[t].segments) for t in run.posted),
        )  # fmt: skip
        return frozenset(self.target.taken), situation

    def watch(self, scenario: Scenario) -> tuple[frozenset[Edge], Seen]:
        self.target.taken.clear()
        run = DriverRun(self.target, scenario)
        run.watched = True
        run.run()
        return frozenset(self.target.taken), tuple(run.seen)


@cache
def side_of(model: str) -> Side:
    """The side of "qemu" or "linux"."""
    return DeviceSide() if model == "qemu" else DriverSide()


def control(side: str) -> Any:
    """The control graph of "qemu" or "linux" in the configurations that its target has, without what others do there.

    Of Linux only the functions of the queue: the target is not the rest of the driver.
    """
    context, points, _ = SIDES[side]
    graph = nx.MultiDiGraph()
    for kind in ({"mergeable": side == "qemu"}, {"segments": 2}, {"segments": 2, "indirect": True}):
        for event_idx in (False, True):
            system = rx(size=2, data=True, stops=True, event_idx=event_idx, **kind)
            add_edges(graph, system, context, points)
    of_queue = {s.name for m in system.machines if m.name == RING for s in m}
    out = nx.MultiDiGraph()
    for a, b, step in graph.edges(keys=True):
        if side == "qemu" or step in of_queue:
            out.add_edge(a, "IDLE" if b == RETURN else b, step)  # who calls a function of the queue is the harness
    return out
