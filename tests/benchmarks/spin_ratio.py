"""How vrx's native explorer compares with Spin on the same system: states, states a second, memory.

    python -m tests.benchmarks.spin_ratio [--case N2-sc] [--threads 2] [--repeat 3]

`core.pml` is the twin of `spec/core.py`, transition by transition: both must find the same number of
states.  Spin searches depth first without reduction (-O2 -DNOREDUCE -DSAFETY), with a hash table and a
stack of just the size that it needs; vrx breadth first, and checks two properties besides.  Both run in
turn, in processes of their own.  Speeds are states per second of processor time (of wall-clock time with
several threads), the best of the repeats; memory is the largest resident set of the whole process, on
vrx's side Python included (some 22 MB).  The goals are printed with whether they are met; the exit status
is 1 where the numbers of states differ.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from vrx.models.engines.native.codegen import generate
from vrx.models.engines.native.explore import BYTES, COMPLETE, STATES, Native
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System
from vrx.spec import core
from vrx.spec.memory import model
from vrx.spec.properties import Property

CASES: dict[str, dict[str, Any]] = {
    "N2-sc": {"size": 2, "idx_bits": 3},
    "N2-tso": {"size": 2, "idx_bits": 3, "memory": "tso"},
    "N2-sc-wide": {"size": 2, "idx_bits": 4},
    "N2-tso-wide": {"size": 2, "idx_bits": 4, "memory": "tso"},
}
PROPERTIES = (
    Property("no_lost_wakeup", core.no_lost_wakeup, "rest"),
    Property("windows", core.windows, "always"),
)


def core_system(**options: Any) -> System:
    """The closed system of `spec.core`."""
    cfg = core.CoreConfig(**options)
    return System(cfg, (model(cfg).steps, core.core), core.new_state, core.actors, core.may_run, core.BARRIERS)


def run_vrx(options: dict[str, Any], threads: int) -> dict[str, float]:
    """One native search; called in a process of its own."""
    began = time.perf_counter()
    reading = Reading(core_system(**options))
    source = generate(reading, PROPERTIES)
    with Native(reading, source, threads=threads, limit=0, max_bytes=0, stop=False) as native:
        ready = time.perf_counter()
        used = time.process_time()
        status = native.run()
        assert status == COMPLETE
        assert not any(native.sight(0, i) for i in range(len(PROPERTIES)))
        return {
            "states": native.count(STATES),
            "cpu": time.process_time() - used,
            "wall": time.perf_counter() - ready,
            "prepare": ready - began,
            "bytes_per_state": native.count(BYTES) / native.count(STATES),
            "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }


def vrx(options: dict[str, Any], threads: int) -> dict[str, float]:
    """One native search in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.spin_ratio", "--child", json.dumps([options, threads])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def build_pan(options: dict[str, Any], where: Path) -> Path:
    """Spin's verifier for a case.  -o3: Spin merges no steps, so that both count the same states."""
    defines = [f"-DN={options['size']}", f"-DW={options['idx_bits']}"]
    defines += ["-DTSO"] if options.get("memory") == "tso" else []
    model = Path(__file__).with_name("core.pml").read_text(encoding="utf-8")
    (where / "core.pml").write_text(model, encoding="utf-8")
    subprocess.run(["spin", "-a", "-o3", *defines, "core.pml"], cwd=where, check=True, capture_output=True)
    compiler = os.environ.get("CC", "gcc").split()
    flags = ["-O2", "-DNOREDUCE", "-DSAFETY", "-DMEMLIM=20000", "-w"]
    subprocess.run([*compiler, *flags, "-o", "pan", "pan.c"], cwd=where, check=True)
    return where / "pan"


def run_pan(pan: Path, states: int, depth: int) -> dict[str, float]:
    """One run of the verifier."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(pan), f"-m{depth}", f"-w{max(16, states.bit_length())}"], stdout=subprocess.PIPE, text=True, cwd=pan.parent
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    wall = time.perf_counter() - began
    if "errors: 0" not in text or "max search depth too small" in text:
        raise SystemExit(f"Spin did not search everything:\n{text}")
    found = {name: int(m.group(1)) for name, m in ((n, re.search(p, text)) for n, p in _PAN.items()) if m}
    return {**found, "cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "rss": usage.ru_maxrss * 1024}


_PAN = {"states": r"(\d+) states, stored", "depth": r"depth reached (\d+)"}


SPEED, MEMORY = 8, 0.5


def _goal(text: str, met: bool) -> None:
    print(f"  {'met    ' if met else 'NOT MET'} {text}")


def compare(name: str, threads: int, repeat: int) -> bool:
    """Print one case; True where both found the same states."""
    options = CASES[name]
    ours, spins, more = [vrx(options, 1)], [], []
    states = int(ours[0]["states"])
    with tempfile.TemporaryDirectory() as work:
        pan = build_pan(options, Path(work))
        depth = int(run_pan(pan, states, 100_000_000)["depth"]) + 1000
        for _ in range(repeat):
            spins.append(run_pan(pan, states, depth))
            # Twice, so that one and several threads each run once after the other: a virtual machine gives memory
            # back to its host that was free for some seconds, and who touches it first afterwards waits.
            for _ in range(2):
                ours.append(vrx(options, 1))
                if threads > 1:
                    more.append(vrx(options, threads))
    mine, spin = min(ours, key=lambda r: r["cpu"]), min(spins, key=lambda r: r["cpu"])
    several = min(more, key=lambda r: r["wall"]) if more else None
    equal = mine["states"] == spin["states"]
    print(f"{name}: {core_system(**options).name}")
    print(f"  {'':14}{'states':>12}{'seconds':>10}{'M states/s':>12}{'MB':>9}{'B/state':>9}")
    rows = [("spin", spin, "cpu"), ("vrx", mine, "cpu")]
    rows += [(f"vrx {threads} threads", several, "wall")] if several else []
    for label, r, clock in rows:
        speed = r["states"] / r[clock] / 1e6
        per_state = r.get("bytes_per_state", r["rss"] / r["states"])
        print(
            f"  {label:14}{int(r['states']):>12}{r[clock]:>10.3f}{speed:>12.2f}{r['rss'] / 1e6:>9.0f}{per_state:>9.1f}"
        )
    print(f"  generated and compiled in {mine['prepare']:.2f} s (0.0x: from the cache)")
    _goal("states equal", equal)
    speed, memory_ratio = spin["cpu"] / mine["cpu"], mine["rss"] / spin["rss"]
    _goal(f"speed x{speed:.1f} of Spin's on one thread, by processor time; goal x{SPEED}", speed >= SPEED)
    _goal(f"memory x{memory_ratio:.2f} of Spin's; goal x{MEMORY}", memory_ratio <= MEMORY)
    if several:
        gain = min(r["wall"] for r in ours) / several["wall"]
        _goal(f"{threads} threads x{gain:.2f} of one, by wall-clock time; goal more than x1", gain > 1)
    print(f"  load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    return equal


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(run_vrx(*json.loads(args.child))))
        return 0
    if not shutil.which("spin"):
        print("spin is not installed: apt-get install spin", file=sys.stderr)
        return 2
    results = [compare(name, args.threads, args.repeat) for name in args.case or CASES]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
