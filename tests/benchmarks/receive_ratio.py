"""The receive path beside the small core and beside Spin; the reference explorer beside minicheck and a plain search.

    python -m tests.benchmarks.receive_ratio [--case ring1] [--repeat 3] [--states 40000]

Native searches on one thread.  Spin searches the text that `vrx export --promela` writes of the same system, without
and with its partial-order reduction, without and with COLLAPSE: all must find the same states.  The reference is
`models/engines/explorer.py`; minicheck (`pip install minicheck`) and a breadth-first search of ten lines get the same
successors from the same functions.  Processor time, the best of the repeats, all in one run; the exit status is 1 where
numbers of states differ.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.spin_ratio import CASES as CORE
from tests.benchmarks.spin_ratio import core_system, run_pan
from vrx.models.engines.explorer import explore
from vrx.models.engines.native.codegen import generate
from vrx.models.engines.native.explore import BYTES, COMPLETE, STATES, Native
from vrx.models.engines.promela import promela
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System, rx

CASES: dict[str, Callable[[], System]] = {
    "core": lambda: core_system(**CORE["N2-sc"]),
    "ring1": lambda: rx(),
    "ring1-event-tso": lambda: rx(event_idx=True, memory="tso", idx_bits=2, max_packet=1),
    "ring2": lambda: rx(size=2, idx_bits=3, max_packet=1),
}
VARIANTS = {
    "spin": ["-DNOREDUCE"],
    "spin, reduction": [],
    "spin, COLLAPSE": ["-DNOREDUCE", "-DCOLLAPSE"],
    "spin, both": ["-DCOLLAPSE"],
}
"""What the verifier is compiled with."""
Row = dict[str, float]


def native(case: str) -> Row:
    """One native search; called in a process of its own."""
    reading = Reading(CASES[case]())
    with Native(reading, generate(reading), threads=1, limit=0, max_bytes=0, stop=False) as search:
        used = time.process_time()
        assert search.run() == COMPLETE
        return {
            "states": search.count(STATES),
            "cpu": time.process_time() - used,
            "bytes": search.count(BYTES) / search.count(STATES),
            "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }


def in_own_process(case: str) -> Row:
    """A native search in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.receive_ratio", "--child", case]
    found: Row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def verifier(case: str, flags: list[str], folder: Path) -> Path:
    """Spin's verifier of a case, compiled with some flags."""
    folder.mkdir()
    (folder / "model.pml").write_text(promela(CASES[case]()), encoding="utf-8")
    compiler = os.environ.get("CC", "gcc").split()
    for command in (
        ["spin", "-a", "-o2", "-o3", "model.pml"],
        [*compiler, "-O2", "-DSAFETY", "-DMEMLIM=20000", "-w", *flags, "-o", "pan", "pan.c"],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "pan"


def compare(case: str, repeat: int) -> bool:
    """Print one case; True where all found the same states."""
    rows: dict[str, list[Row]] = {"vrx": [in_own_process(case)]}
    states = int(rows["vrx"][0]["states"])
    with tempfile.TemporaryDirectory() as work:
        made = {}
        if shutil.which("spin"):
            made = {name: verifier(case, flags, Path(work) / name) for name, flags in VARIANTS.items()}
        depth = {name: int(run_pan(pan, states, 10_000_000)["depth"]) + 1000 for name, pan in made.items()}
        for _ in range(repeat):
            rows["vrx"].append(in_own_process(case))
            for name, pan in made.items():
                rows.setdefault(name, []).append(run_pan(pan, states, depth[name]))
    best = {name: min(of, key=lambda r: r["cpu"]) for name, of in rows.items()}
    print(f"{case}: {CASES[case]().name}")
    print(f"  {'':18}{'states':>10}{'seconds':>10}{'M states/s':>12}{'MB':>7}{'time':>8}{'memory':>8}")
    for name, r in best.items():
        rate = r["states"] / max(r["cpu"], 0.001) / 1e6
        ratios = f"{r['cpu'] / best['vrx']['cpu']:>7.1f}x{r['rss'] / best['vrx']['rss']:>7.1f}x"
        print(f"  {name:18}{int(r['states']):>10}{r['cpu']:>10.3f}{rate:>12.2f}{r['rss'] / 1e6:>7.0f}{ratios}")
    print(f"  {best['vrx']['bytes']:.1f} bytes a state in vrx's table", flush=True)
    return len({int(r["states"]) for r in best.values()}) == 1


def plain(system: System, most: int) -> int:
    """Breadth first, and nothing else."""
    program = system.built()
    seen = {program.initial}
    level = [program.initial]
    while level and len(seen) < most:
        following = []
        for values in level:
            for _, after in program.successors(values):
                if after not in seen:
                    seen.add(after)
                    following.append(after)
        level = following
    return len(seen)


def by_minicheck(system: System, most: int) -> int:
    """The same by minicheck, which says how many states it has seen."""
    from minicheck import Protocol, check_safety

    program = system.built()
    protocol = Protocol(
        name="vrx", candidate=False, fields=tuple(f.name for f in program.view.fields), initial=program.initial,
        transitions=lambda values: [(str(move.action), after) for move, after in program.successors(values)],
        invariants={"nothing": lambda values: True},
    )  # fmt: skip
    return int(check_safety(protocol, max_states=most)["reachable_states"])


def references(most: int, repeat: int) -> None:
    """Print the reference explorer beside others in Python."""
    system = rx(idx_bits=2, max_packet=1)
    runs: dict[str, Callable[[], int]] = {
        "reference": lambda: explore(system, limit=most).states,
        "plain search": lambda: plain(system, most),
        "minicheck": lambda: by_minicheck(system, most),
    }
    print(f"in Python: {system.name}, {most:,} states")
    for name, run in runs.items():
        try:
            rates = []
            for _ in range(repeat):
                used = time.process_time()
                states = run()
                rates.append(states / (time.process_time() - used))
        except ImportError:
            print(f"  {name:18}is not installed: pip install {name}")
            continue
        print(f"  {name:18}{states:>10} states{max(rates):>12,.0f} states/s", flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--states", type=int, default=40_000, help="of the searches in Python")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(native(options.child)))
        return 0
    if not shutil.which("spin"):
        print("spin is not installed: apt-get install spin", file=sys.stderr)
    equal = [compare(case, options.repeat) for case in options.case or CASES]
    references(options.states, options.repeat)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 0 if all(equal) else 1


if __name__ == "__main__":
    sys.exit(main())
