"""Many packets of mixed sizes through large rings, step by step, with every property asked after every step.

    python -m tests.benchmarks.receive_soak [--packets 10000] [--seed 1] [--rings 256 1024] [--buffers small big]

Real sizes: 16-bit indices, which begin a ring before their end; event index, TSO; bytes as on a real machine.  Every
hundred packets the schedule changes: who is picked how often, whether packets come in bursts, one by one, or at any
time, and the budget of a poll.  Sizes are what the Internet has, 1.5 to 64 KiB, and shorter than a header of Ethernet;
small buffers do not hold all of them.  The script fails where a property does, or where a packet has no fate.  Compiled
steps, seconds for each of the six; `tests/models/simulation/test_simulator.py` runs five of them with fewer packets.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import get_args

from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.simulator import ENVIRONMENT, Schedule, Simulator
from vrx.models.simulation.statistics import Run
from vrx.models.systems.system import System, rx
from vrx.proofs.command.simulate import BUFFERS
from vrx.spec.config import BadConfiguration
from vrx.spec.properties import CONTENTS, SPINE

LARGEST = 65536
"""The largest packet of a sender with GSO, in bytes."""
CHANGES = 100
"""Packets after which the schedule is another one."""
INDICES = (
    *("ring.avail_idx", "ring.used_idx", "vq.avail_idx_shadow", "vq.last_used_idx"),
    *("dev.shadow_avail_idx", "dev.last_avail_idx", "dev.used_idx"),
)
SCHEDULES = get_args(Schedule)


@dataclass
class Soak:
    """What many runs, one after the other on the same rings, saw."""

    system: System
    steps: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    wraps: int = 0

    def text(self) -> str:
        """One line."""
        shown = [name for name, n in self.counts.items() if n and name.startswith(("dropped", "packets del", "parked"))]
        said = ", ".join(f"{self.counts[name]:,} {name}" for name in shown)
        return f"{self.steps:,} steps, {self.wraps} wraps of an index; {said}"


class Broken(Exception):
    """A property failed, or a packet has no fate; the text is the run's."""


def mixed(count: int, rng: random.Random) -> list[int]:
    """Sizes in bytes: mostly what the Internet has, some large, some too short."""
    usual = [64] * 6 + [594] * 4 + [1514] * 2
    return [
        rng.randint(1, 13) if draw < 0.02 else rng.randint(1515, LARGEST) if draw < 0.22 else rng.choice(usual)
        for draw in (rng.random() for _ in range(count))
    ]


def begin_at(simulator: Simulator, index: int) -> None:
    """The rings have been in use before: every index of both sides is another one, a multiple of the ring's size."""
    view = simulator.program.view
    values = list(view.get())
    for name in INDICES:
        values[view.index[name]] = index
    simulator.program.put(tuple(values))


def soak(buffers: str, ring: int, packets: int, seed: int, kind: type[Simulator] = Simulator) -> Soak:
    """Let the packets through; raises Broken.  kind: what takes the steps, which makes no other run"""
    rng = random.Random(seed)
    system = rx(size=ring, idx_bits=16, event_idx=True, memory="tso", max_packet=LARGEST, **BUFFERS[buffers])
    simulator = kind(system, (*SPINE, *CONTENTS), seed)
    begin_at(simulator, (1 << 16) - ring)
    found = Soak(system)
    actors = [*dict.fromkeys(a.actor_name for a in simulator.program.actions), ENVIRONMENT]
    sizes = mixed(packets, rng)
    for first in range(0, packets, CHANGES):
        weights = {actor: 2.0 ** rng.uniform(-4, 4) for actor in actors}
        simulator.schedule_as(rng.choice(SCHEDULES), weights, budget=rng.choice((0, 1, 8, 64)))
        run = simulator.run(sizes[first : first + CHANGES])
        _add(found, run)
    return found


def _add(found: Soak, run: Run) -> None:
    counts = run.counts()
    lost = sum(n for name, n in counts.items() if name.startswith("dropped"))
    if not run.finished or counts["packets accepted"] != counts["packets delivered"] + lost + run.waiting:
        raise Broken(run.text())
    found.steps += run.steps
    found.counts.update(counts)
    found.wraps += run.events["[driver index wraps]"] + run.events["[device index wraps]"]


def main() -> int:
    """Run and print; the result is the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rings", type=int, nargs="+", default=[256, 1024])
    parser.add_argument("--buffers", nargs="+", choices=tuple(BUFFERS), default=list(BUFFERS))
    parser.add_argument("--python", action="store_true", help="take the steps in Python: minutes for each of the six")
    options = parser.parse_args()
    kind = Simulator if options.python else NativeSimulator
    for buffers in options.buffers:
        for ring in options.rings:
            began = time.process_time()
            try:
                found = soak(buffers, ring, options.packets, options.seed, kind)
            except BadConfiguration as error:
                print(error, file=sys.stderr)
                return 2
            except Broken as error:
                print(f"{buffers}, ring of {ring}:\n{error}")
                return 1
            rate = options.packets / (time.process_time() - began)
            what = f"{buffers:9}  ring of {ring:5}  {options.packets:,} packets, {rate:,.0f} a second"
            print(f"{what}: {found.text()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
