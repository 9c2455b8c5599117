"""Free buffers with numbers and without: states and processor time of both searches, in one run (docs/symmetry.md).

    python -m tests.benchmarks.symmetry_ratio [--large]

Both searches must end and find nothing, or the exit status is 1.  --large adds a ring of 4 with numbers, 10 minutes.
"""

from __future__ import annotations

import argparse
import sys
from time import process_time
from typing import Any

from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.system import rx
from vrx.spec.properties import SPINE
from vrx.spec.questions import meaningful

CASES: dict[str, dict[str, Any]] = {
    "ring of 2": {"size": 2},
    "ring of 2, any caller": {"size": 2, "caller": "any"},
    "ring of 4, no notifications": {"size": 4, "notify": False},
}
LARGE: dict[str, dict[str, Any]] = {"ring of 4, packets that fit": {"size": 4, "max_packet": 1}}


def searched(options: dict[str, Any], symmetry: bool) -> tuple[int, float, bool]:
    """States, seconds of processor time with compiling, and whether the search ended and found nothing."""
    began, system = process_time(), rx(symmetry=symmetry, **options)
    found = explore_native(system, meaningful(system.cfg, SPINE))
    return found.states, process_time() - began, found.complete and not found.violations


def main() -> int:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    sound = True
    for name, options in (CASES | LARGE if parser.parse_args().large else CASES).items():
        (states, seconds, well), (fewer, less, held) = (searched(options, symmetry) for symmetry in (False, True))
        sound = sound and well and held
        ratio = f"{states / fewer:.2f} times the states, {seconds / less:.2f} times the time"
        print(f"{name}: {states:,} states with numbers, {fewer:,} without: {ratio}", flush=True)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
