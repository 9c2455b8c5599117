"""One long run on one target: does it slow down, does memory grow?"""

from __future__ import annotations

import os
import sys
from random import Random

from vrx.models.conformance.entrances import OWN, Entrances
from vrx.models.conformance.errors import NoTarget
from vrx.models.conformance.grammar import for_long_runs, random_operations
from vrx.models.conformance.harness.outcome import Outcome
from vrx.models.conformance.known_deviations import recognise
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.worker.supervisor import Worker, resident_kib
from vrx.models.terminal.output import DIFFERS, OK

LENGTH = 1000
"""Operations of one scenario."""
TENTHS = 10


def soak(target: str, operations: int, seed: int, entrances: Entrances = OWN) -> int:
    """Run until so many operations were judged, in all configurations in turn; the exit status.

    Prints the rate (of processor time) and the resident memory for each tenth, of the target's process and of this one.
    """
    r = Random(seed)
    new: set[tuple[str, str]] = set()
    with Worker(target, entrances=entrances) as worker:
        about = worker.about()
        setups, grammar = list(about.setups), for_long_runs(about.side, about.can)
        print(f"{target}: {about.version}")
        done = at = 0
        seconds = 0.0
        hung = False
        for tenth in range(1, TENTHS + 1):
            before, spent = done, seconds
            while done < operations * tenth // TENTHS and not hung:
                drawn = random_operations(grammar, r, LENGTH)
                chosen = setups[at % len(setups)]
                scenario = Scenario(target, chosen, drawn, origin="soak")
                outcome: Outcome = worker.run(scenario)
                if outcome.unsupported:
                    setups.remove(chosen)
                    if not setups:
                        raise NoTarget(f"{target} takes none of its configurations: {outcome.unsupported}")
                    continue
                at += 1
                done += max(1, outcome.operations)
                seconds += outcome.seconds
                hung = any(d.clause == "hang" for d in outcome.deviations)
                new |= {d.cause for d in outcome.deviations if d.counts and not recognise(target, d, scenario)}
            rate = (done - before) / (seconds - spent) if seconds > spent else 0.0
            memory = f"{worker.resident_kib():>10,} KiB  {resident_kib(os.getpid()):>10,} KiB here"
            print(f"{done:>12,} operations  {rate:>8,.0f}/s  {memory}", flush=True)
            if hung:
                break
    for clause, summary in sorted(new):
        print(f"DEVIATES  {clause}: {summary}; vrx conform {target} shows it", file=sys.stderr)
    return DIFFERS if new else OK

