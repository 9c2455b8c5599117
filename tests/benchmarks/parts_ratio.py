"""States kept whole, and as the numbers of their parts: bytes a state and states a second, in one run.

    python -m tests.benchmarks.parts_ratio [--case mergeable] [--repeat 3] [--threads 1]
    python -m tests.benchmarks.parts_ratio --all [--name '*hostile*'] [--least 1000001] [--most 20000000] [--threads 1]
    python -m tests.benchmarks.parts_ratio --billion [--guest up] [--gib 19.5] [--threads 2]

The cases are systems of `proofs/` of more than a million states, and the small core, which is kept whole in any case.
Each way to keep a state searches in a process of its own, in turn; speeds are states a second of processor time, the
best of the repeats; bytes are what the search says it uses.  Both must find the same number of states, of the same
depth, with the same steps and rests, or the exit status is 1; the goals are printed with whether they are met.
--all searches every system of `proofs/` whose figures have more than a million states, as parts only: is each within
the bytes, and are there as many states, to the same depth, as its figures say?  One of each configuration comes first,
the small ones before the others, then its variants; what has the steps of one that was searched is not searched again.
It takes hours; --most leaves out the large ones, and those are counted; Ctrl-C ends it with what was measured so far.
--billion searches one system of more than 10 ** 9 states, once, and prints the largest resident set of its process.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from tests.benchmarks.spin_ratio import PROPERTIES, core_system
from vrx.models.engines.native.codegen import generate
from vrx.models.engines.native.explore import BYTES, COMPLETE, RESTS, STATES, TRANSITIONS, Native, library
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.system import System, rx
from vrx.proofs.command.searched import searched
from vrx.proofs.figures import SEARCHES
from vrx.spec.properties import SPINE, in_order, one_fate

CASES: dict[str, dict[str, Any]] = {
    "mergeable": {"size": 2, "mergeable": True},
    "event, TSO": {"event_idx": True, "memory": "tso"},
    "any CPU": {"irq": "any"},
    "data": {"size": 2, "data": True},
    "tables": {"size": 2, "data": True, "segments": 2, "indirect": True},
    "netpoll, TSO": {"size": 2, "memory": "tso", "max_packet": 1, "netpoll": "other"},
    "lying driver": {
        "data": True, "segments": 2, "indirect": True, "hostile": "driver", "notify": False, "idx_bits": 2,
        "max_packet": 1,
    },
}  # fmt: skip
CORE = "core"
BILLION: dict[str, Any] = {"size": 2, "event_idx": True, "memory": "tso", "watch": True}
"""Indices of 3 bits are the least for a ring of 2 with the event index."""
SPEED, MEMORY = 1.2, 16
MILLION, BILLIONS = 10**6, 10**12
VARIANT = r"-without-| with |-idx\d"
"""What follows in a name when the configuration is that of another system, but for a barrier, a step or a width."""


def system_of(case: str) -> tuple[System, Any]:
    """A case's system, or one of `proofs/` by its name in the figures, and what is asked of it."""
    if case not in (*CASES, CORE):
        return searched()[case].systems[0], ()
    return (core_system(size=2, idx_bits=3), PROPERTIES) if case == CORE else (rx(**CASES[case]), SPINE)


def search(case: str, apart: int | None, threads: int) -> dict[str, float]:
    """One search; called in a process of its own.  apart: as `generate` takes it."""
    system, properties = system_of(case)
    reading = Reading(system)
    source = generate(reading, properties, apart=apart)
    library(source)
    with Native(reading, source, threads=threads, limit=0, max_bytes=0, stop=False) as native:
        used = time.process_time()
        status = native.run()
        spent = time.process_time() - used
        assert status == COMPLETE, status
        found = {"states": native.count(STATES), "depth": native.depth(), "rests": native.count(RESTS)}
        found["steps"] = native.count(TRANSITIONS)
        return {**found, "speed": found["states"] / spent, "bytes": native.count(BYTES) / found["states"]}


def billion(guest: str, gib: float, threads: int) -> int:
    """Search the largest system to its end."""
    reading = Reading(rx(guest=guest, **BILLION))
    source = generate(reading, (*SPINE, in_order, one_fate))
    began, used = time.monotonic(), time.process_time()
    last = [began]

    def progress(states: int, depth: int) -> None:
        if time.monotonic() - last[0] > 10:
            last[0] = time.monotonic()
            print(f"  {states:,} states at depth {depth}", flush=True)

    with Native(reading, source, threads=threads, limit=0, max_bytes=int(gib * 2**30), stop=False) as native:
        status = native.run(progress)
        states = native.count(STATES)
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        failed = [p.name for i, p in enumerate(source.properties) if native.sight(0, i) is not None]
        print(f"{reading.program.system.name}: {states:,} states, depth {native.depth()}", end="")
        print(f", {'all of them' if status == COMPLETE else 'not all'}, refuted: {', '.join(failed) or 'nothing'}")
        print(f"  {time.monotonic() - began:,.0f} s, {time.process_time() - used:,.0f} s of processor time", end="")
        print(f", {resident / 2**30:.1f} GiB resident, {native.count(BYTES) / states:.1f} bytes a state")
        return 0 if status == COMPLETE and states > 10**9 else 1


def by_shape(there: Mapping[str, tuple[int, int, str]]) -> list[str]:
    """The names of systems, each transition system once: one of each configuration first, then the rest; by size."""
    sizes = sorted(there, key=lambda name: (there[name][0], name))
    once = list({there[name][2]: name for name in reversed(sizes)}.values())[::-1]
    first = list({re.split(VARIANT, name)[0]: name for name in reversed(once)}.values())[::-1]
    return list(dict.fromkeys([*first, *once]))


def every(name: str, least: int, most: int, threads: int) -> int:
    """Search every large system of `proofs/`, kept as parts, beside what its figures say."""
    there = {n: found for n, found in SEARCHES.items() if found[0] >= least and fnmatchcase(n, name)}
    names = by_shape({n: found for n, found in there.items() if found[0] <= most})
    wrong, heavy, largest, done = 0, [], 0.0, 0
    try:
        for n in names:
            states, depth, _ = there[n]
            found = child(n, None, threads)
            same = found["states"] == states and depth in (0, found["depth"])
            wrong += not same
            done += 1
            largest = max(largest, found["bytes"])
            heavy += [n] if found["bytes"] > MEMORY else []
            print(f"{states:13,} states  {found['speed'] / 1e6:5.2f} M/s  {found['bytes']:5.1f} bytes a state", end="")
            print(f"  {'the same' if same else 'DIFFERENT'}  {n}", flush=True)
    except KeyboardInterrupt:
        print("interrupted: what follows is of the systems so far")
    alike = len({found[2] for found in there.values()})
    print(f"{done} of {alike} transition systems, which are {len(there)} systems: ", end="")
    print(f"{largest:.1f} bytes a state at most, {wrong} with other figures")
    print(f"  {'NOT MET' if heavy else 'met    '} at most {MEMORY} bytes a state", *heavy, sep="\n    ")
    return 1 if wrong else 0


def child(case: str, apart: int | None, threads: int) -> dict[str, float]:
    """One search in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.parts_ratio", "--child", json.dumps([case, apart, threads])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=[*CASES, CORE])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--name", default="*", help="of --all: only those whose name in the figures is such")
    parser.add_argument("--least", type=int, default=MILLION + 1, help="of --all: states")
    parser.add_argument("--most", type=int, default=BILLIONS, help="of --all: states")
    parser.add_argument("--billion", action="store_true")
    parser.add_argument("--guest", choices=["up", "smp"], default="up", help="of --billion: smp has fewer states")
    parser.add_argument("--gib", type=float, default=19.5, help="of --billion: the memory of the search itself")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(search(*json.loads(options.child))))
        return 0
    if options.all:
        return every(options.name, options.least, options.most, options.threads)
    if options.billion:
        return billion(options.guest, options.gib, options.threads)
    spent = {"whole": 0.0, "parts": 0.0}
    wrong = 0
    for case in options.case or [*CASES, CORE]:
        runs = [(child(case, 0, options.threads), child(case, None, options.threads)) for _ in range(options.repeat)]
        whole, parts = ([r[i] for r in runs] for i in (0, 1))
        same = all(a[k] == whole[0][k] for a in (*whole, *parts) for k in ("states", "depth", "rests", "steps"))
        wrong += not same
        was, now = max(r["speed"] for r in whole), max(r["speed"] for r in parts)
        if case != CORE:
            spent["whole"] += whole[0]["states"] / was
            spent["parts"] += parts[0]["states"] / now
        print(f"{case:14} {int(whole[0]['states']):11,} states", end="")
        print(f"  {was / 1e6:5.2f} -> {now / 1e6:5.2f} M/s ({now / was:.2f})", end="")
        print(f"  {whole[0]['bytes']:5.1f} -> {parts[0]['bytes']:5.1f} bytes a state", end="")
        print(f"  {'the same' if same else 'DIFFERENT'}", flush=True)
        if case != CORE:
            met = parts[0]["bytes"] <= MEMORY
            print(f"  {'met    ' if met else 'NOT MET'} at most {MEMORY} bytes a state")
    if spent["parts"]:
        ratio = spent["whole"] / spent["parts"]
        print(f"  {'met    ' if ratio >= SPEED else 'NOT MET'} {SPEED} times the speed: all cases together {ratio:.2f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
