"""How long it takes from a system to its compiled C, with an empty cache.

    python -m tests.benchmarks.compile_time [--repeat 3]

The largest systems, without data and with it, and the small core beside Spin: `spin -a`, and its verifier
compiled as Spin's manual says (-O2).  Seconds of wall-clock time, the best of the repeats.  In haste is
without optimization: so begins every search that is not known to visit more than half a million states.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.spin_ratio import CASES, PROPERTIES, build_pan, core_system
from vrx.models.engines.native.codegen import Source, generate
from vrx.models.engines.native.explore import library
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System, rx
from vrx.spec.properties import CONTENTS, SPINE, Property

GOAL = 1.0
BIG: dict[str, Any] = {"memory": "tso", "size": 2}
SYSTEMS: dict[str, tuple[Callable[[], System], Sequence[Property]]] = {
    "event index, interrupts anywhere": (lambda: rx(event_idx=True, irq="any", **BIG), SPINE),
    "mergeable buffers with data": (
        lambda: rx(mergeable=True, max_packet=3, data=True, **BIG), (*SPINE, *CONTENTS)),
    "tables of two pieces with data": (
        lambda: rx(segments=2, indirect=True, data=True, **BIG), (*SPINE, *CONTENTS)),
    "the core": (lambda: core_system(**CASES["N2-tso"]), PROPERTIES),
}  # fmt: skip


def seconds(action: Callable[[], Any]) -> tuple[float, Any]:
    """How long something takes, and what it gives."""
    began = time.perf_counter()
    found = action()
    return time.perf_counter() - began, found


def compiling(source: Source, hasty: bool) -> float:
    """How long the compiler takes, with an empty cache."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        try:
            return seconds(lambda: library(source, hasty))[0]
        finally:
            del os.environ["XDG_CACHE_HOME"]
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before


def measured(build: Callable[[], System], properties: Sequence[Property], repeat: int) -> tuple[float, float, float]:
    """Generated, compiled, compiled in haste: the best of each."""
    made = [seconds(lambda: generate(Reading(build()), properties)) for _ in range(repeat)]
    source = made[0][1]
    well, hasty = (min(compiling(source, h) for _ in range(repeat)) for h in (False, True))
    return min(spent for spent, _ in made), well, hasty


def spin() -> float:
    """How long Spin and the compiler take for the core."""
    with tempfile.TemporaryDirectory() as where:
        return seconds(lambda: build_pan(CASES["N2-tso"], Path(where)))[0]


def main() -> None:
    """Print a line for each system."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    repeat = max(1, parser.parse_args().repeat)
    total = 0.0
    for name, (build, properties) in SYSTEMS.items():
        generated, well, hasty = measured(build, properties, repeat)
        total = generated + well
        met = "met" if total < GOAL else "NOT met"
        print(f"{name:34} generated {generated:.2f} s, compiled {well:.2f} s, in haste {hasty:.2f} s; "
              f"together {total:.2f} s: goal of {GOAL:.0f} s {met}")  # fmt: skip
    if shutil.which("spin") is None:
        print("spin is not installed: `apt-get install spin` for the comparison")
        return
    peer = min(spin() for _ in range(repeat))
    print(f"{'the core by Spin':34} {peer:.2f} s: {peer / total:.1f} times as long")


if __name__ == "__main__":
    main()
