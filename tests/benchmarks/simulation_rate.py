"""How many steps a second a simulation takes, compiled and in Python: the same run.

    python -m tests.benchmarks.simulation_rate [--packets 20000] [--repeat 3]

With every property asked after every step that changes what it reads.  Steps per second of processor time, compiling
left out, the best of the repeats; Python takes a fiftieth of the packets, the beginning of the same run.  The goal is
a million steps a second on a ring of 256 with data.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import rx
from vrx.proofs.command.simulate import BUFFERS
from vrx.spec.properties import ALL
from vrx.spec.questions import meaningful

GOAL = 1e6
REAL: dict[str, Any] = {"size": 256, "idx_bits": 16, "event_idx": True, "memory": "tso", "max_packet": 1514}
SYSTEMS: dict[str, dict[str, Any]] = {
    "ring of 4, no data, SC": {"size": 4, "idx_bits": 16},
    "ring of 64, no data, SC": {"size": 64, "idx_bits": 16},
    **{f"ring of 256, {kind} buffers with data, TSO": {**REAL, **BUFFERS[kind]} for kind in BUFFERS},
    "ring of 1024, mergeable buffers with data, TSO": {**REAL, **BUFFERS["mergeable"], "size": 1024},
}


def rate(kind: type[Simulator], options: dict[str, Any], packets: int, repeat: int) -> float:
    """Steps per second of processor time."""
    system = rx(**options)
    best = 0.0
    for _ in range(repeat):
        simulator = kind(system, meaningful(system.cfg, ALL), 1, budget=64)
        began = time.process_time()
        run = simulator.run(packets)
        best = max(best, run.steps / (time.process_time() - began))
        if run.violated:
            raise SystemExit(run.text())
    return best


def main() -> None:
    """Print a line for each system."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    for name, system in SYSTEMS.items():
        fast = rate(NativeSimulator, system, options.packets, options.repeat)
        slow = rate(Simulator, system, max(1, options.packets // 50), 1)
        met = "" if "with data" not in name else f": goal {'met' if fast >= GOAL else 'NOT met'}"
        print(f"{name:47} {fast / 1e6:5.1f} M steps/s, in Python {slow / 1e3:5.1f} k: {fast / slow:,.0f} times{met}",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
