"""Where the processor time of a tier goes: searches, graphs, inductions, second opinions, the rest.

    python -m tests.benchmarks.tier_time [--tier full] [--every 1] [--time SECONDS] [--keep FILE] [NAME...]
    python -m tests.benchmarks.tier_time --compare [--most 20000000] [the same options]

Each group of claims that share a search is decided in a process of its own, one after the other, and that process's
time, compilers included, is counted for what it did.  --every 10 takes one group in ten, the largest first: a tenth of
the picture in a tenth of the time.  The cache of compiled searches is used where it is warm; for an empty one set
XDG_CACHE_HOME.  Ctrl-C and --time end it with what was counted so far; on a terminal or not, standard error says how
far it is.  --keep FILE writes down what was measured, a line of JSON for each group, and measures the others when it is
called again: a tier in parts.

--compare asks the searches of states alone, each twice: with states kept whole, as they were before they were kept as
the numbers of their parts, and as they are now; the compilers' time is left out.  It prints how many times as fast the
searches are, by their size and together.  --most leaves out what is known to have more states.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vrx.models.claims import Claim, Lasting, Tier
from vrx.models.deciding.engine import decide
from vrx.models.deciding.schedule import work
from vrx.models.engines.native import codegen
from vrx.models.terminal import ending
from vrx.models.terminal.cache import own_dir
from vrx.models.terminal.output import seconds
from vrx.proofs import all_claims, all_exhibits, exhibit_claims
from vrx.proofs.running import TIERS, beforehand, chosen, guarded, too_long

KINDS = (
    ("induction-in-bits-", "second opinion: induction in bit-vectors"),
    ("z3-confirms-", "second opinion: traces confirmed by Z3"),
    ("induction-", "inductions of faulty systems"),
)
"""How the names of claims with an engine of their own begin, and what that engine does."""
SEARCHES = "searches of states"


def kind(claims: Sequence[Claim]) -> str:
    """What deciding a group of claims is."""
    first = claims[0]
    if first.decide is None:
        return "graphs and their cycles" if isinstance(first, Lasting) else SEARCHES
    if first.module == "induction":
        return next((what for begins, what in KINDS if first.name.startswith(begins)), "inductions and ranks, any size")
    return next((what for begins, what in KINDS if first.name.startswith(begins)), "other engines")


WAYS = ("whole", "parts")
SPEED = 1.2
SIZES = (10**5, 10**6, 10**7, 10**12)


def spent(claims: list[Claim], way: str = "") -> float:
    """Processor seconds that deciding them takes, in a process of its own; 0 where it did not come to an end.

    way: how states are kept; then the time of compilers is left out
    """
    note = own_dir() / "compilers"  # where the process leaves word of the time that its compilers took
    child = os.fork()
    if not child:
        status = 1
        try:
            ending.left_to_the_parent()
            if way == "whole":
                setattr(codegen, "key_words", lambda layout: 0)  # noqa: B010
            decide(claims, threads=1)
            status = 0
        finally:
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            if way and not status:
                note.write_text(str(usage.ru_utime + usage.ru_stime))
            os._exit(status)
    try:
        _, status, usage = os.wait4(child, 0)
    except KeyboardInterrupt:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    if status:
        print(f"{claims[0].name}: not decided, status {status}", file=sys.stderr)
        return 0.0
    compilers = float(note.read_text()) if way else 0.0
    return usage.ru_utime + usage.ru_stime - compilers


@dataclass
class Kept:
    """What was measured, in this run and before: (claim, how many, way) -> seconds.  file: where it is written"""

    file: str
    seconds: dict[tuple[str, int, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file and Path(self.file).exists():
            for line in Path(self.file).read_text(encoding="utf-8").splitlines():
                name, many, way, seconds = json.loads(line)
                self.seconds[name, many, way] = seconds

    def of(self, group: list[Claim], way: str = "") -> float:
        """Measured before, or now."""
        key = group[0].name, len(group), way
        if key not in self.seconds:
            self.seconds[key] = spent(group, way)
            if self.file:
                with open(self.file, "a", encoding="utf-8") as out:
                    print(json.dumps([*key, self.seconds[key]]), file=out)
        return self.seconds[key]


def states_of(group: Sequence[Claim]) -> int:
    """As many as the figures say that its search has; 0 where they say nothing."""
    return max((c.figures.states or 0 for c in group), default=0)


def compare(groups: Sequence[list[Claim]], kept: Kept, most: int) -> int:
    """Searches of states kept whole, and as parts."""
    asked = [g for g in groups if kind(g) == SEARCHES and 0 < states_of(g) <= most]
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    try:
        for number, group in enumerate(asked, 1):
            whole, parts = (kept.of(group, way) for way in WAYS)
            if whole and parts:
                found[next(size for size in SIZES if states_of(group) < size)].append((whole, parts))
            about = f"{whole:7.1f} -> {parts:7.1f} s  {states_of(group):12,} states  {group[0].name}"
            print(f"{number}/{len(asked)}  {about}", file=sys.stderr)
    except KeyboardInterrupt:
        print("ended: what follows is of the searches so far", file=sys.stderr)
    for size, times in sorted(found.items()):
        whole, parts = (sum(column) for column in zip(*times, strict=True))
        print(f"below {size:17,} states{len(times):5} searches{whole:9.1f} -> {parts:9.1f} s  {whole / parts:5.2f}")
    whole, parts = (sum(t[i] for times in found.values() for t in times) for i in (0, 1))
    met = "met    " if whole >= SPEED * parts else "NOT MET"
    print(f"  {met} {SPEED} times the speed: all of them together {whole / max(parts, 0.001):.2f}")
    return 0


def main() -> int:
    """Decide and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these claims; all of the tier")
    parser.add_argument("--tier", choices=TIERS, default="full")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--time", type=seconds, default=0, metavar="SECONDS", help="of the whole")
    parser.add_argument("--keep", default="", metavar="FILE", help="what was measured, and is not measured again")
    parser.add_argument("--compare", action="store_true", help="states kept whole beside states kept as parts")
    parser.add_argument("--most", type=int, default=10**12, metavar="STATES", help="of --compare")
    options = parser.parse_args()
    tier: Tier = options.tier
    claims = [*all_claims(), *(c for e in all_exhibits() for c in exhibit_claims(e))]
    wanted = chosen(options.names, claims, tier)
    left = [] if options.names else too_long(wanted)
    for warning in beforehand(wanted, left):
        print(warning, file=sys.stderr)
    groups = [one.claims for one in work([c for c in wanted if c not in left])][:: options.every]
    kept = Kept(options.keep)
    with ending.within(options.time):
        return compare(groups, kept, options.most) if options.compare else picture(groups, kept)


def picture(groups: Sequence[list[Claim]], kept: Kept) -> int:
    """What each kind of deciding takes."""
    found: dict[str, list[float]] = defaultdict(list)
    try:
        for number, group in enumerate(groups, 1):
            found[kind(group)].append(kept.of(group))
            print(f"{number}/{len(groups)}  {found[kind(group)][-1]:7.1f} s  {group[0].name}", file=sys.stderr)
    except KeyboardInterrupt:
        print("ended: what follows is of the groups so far, the largest", file=sys.stderr)
    total = sum(map(sum, found.values()))
    for name, times in sorted(found.items(), key=lambda item: -sum(item[1])):
        share = f"{sum(times) / max(total, 0.001):4.0%}"
        print(f"{name:44}{len(times):5} groups{sum(times) / 60:8.2f} min {share}, the longest {max(times):.1f} s")
    print(f"{'together':44}{sum(map(len, found.values())):5} groups{total / 60:8.2f} min of processor time")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main))
