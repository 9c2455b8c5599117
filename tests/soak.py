"""Search for faults: the tests that draw at random, again and again, each time with another seed.

    make soak MINUTES=10                     # or: python -m tests.soak --minutes 10 [--first-seed S] [TEST ...]

What gates a change draws the same every time (`conftest.py`), so it finds nothing new.  This does: run it by hand, and
before a release.  Each round prints its seed; one that fails prints the command that repeats each of its failures, and
the search goes on.  Exit status: 0 nothing found, 1 something, 2 the tests could not be run.
"""

from __future__ import annotations

import argparse
import re
import secrets
import shlex
import subprocess
import sys
import time
from pathlib import Path

from vrx.models.terminal.ending import in_order

ROOT = Path(__file__).parent.parent
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


def command(seed: int, *which: str) -> list[str]:
    """The tests that draw, or some of them, with a seed."""
    chosen = [*which] if which else ["-m", "draws"]
    return [sys.executable, "-m", "pytest", "-q", "--hypothesis-profile=soak", f"--hypothesis-seed={seed}", *chosen]


def main(arguments: list[str] | None = None) -> int:
    """Search until the time is over; the result is the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="begin no round after so long; 10")
    parser.add_argument("--first-seed", type=int, help="of the first round; the others count up from there")
    parser.add_argument("tests", nargs="*", metavar="TEST", help="only these, as pytest names them")
    options = parser.parse_args(arguments)
    first = secrets.randbelow(1 << 31) if options.first_seed is None else options.first_seed
    began = time.monotonic()
    found: list[str] = []
    rounds = 0
    try:
        while rounds == 0 or time.monotonic() - began < 60 * options.minutes:
            seed = first + rounds
            rounds += 1
            print(f"round {rounds}, seed {seed} ... ", end="", flush=True)
            failures, closing = one_round(seed, options.tests)
            print(closing, flush=True)
            for line in failures:
                print(f"  again: {line}", flush=True)
            found += failures
            if not failures and "passed" not in closing:
                return 2
    except KeyboardInterrupt:
        print("interrupted")
    minutes = (time.monotonic() - began) / 60
    print(f"soak: {rounds} rounds, seeds {first} to {first + rounds - 1}, {minutes:.1f} min, {len(found)} failures")
    for line in found:
        print(f"  again: {line}")
    return 1 if found else 0


def one_round(seed: int, tests: list[str]) -> tuple[list[str], str]:
    """Commands that repeat the failures of a round, and how pytest closed it."""
    run = subprocess.run(
        [*command(seed, *tests), "-n", "2"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    failures = [shlex.join(command(seed, test)) for test in FAILED.findall(run.stdout)]
    if run.returncode:
        print(run.stdout + run.stderr, flush=True)
    return failures, (run.stdout.strip().splitlines() or ["no tests ran"])[-1]


if __name__ == "__main__":
    with in_order():
        sys.exit(main())
