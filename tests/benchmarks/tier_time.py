"""Where the processor time of a tier goes: searches, graphs, inductions, second opinions, the rest.

    python -m tests.benchmarks.tier_time [--tier full] [--every 1] [NAME...]

Each group of claims that share a search is decided in a process of its own, one after the other, and that process's
time, compilers included, is counted for what it did.  --every 10 takes one group in ten, the largest first: a tenth of
the picture in a tenth of the time.  The cache of compiled searches is used where it is warm; for an empty one set
XDG_CACHE_HOME.  Ctrl-C ends it with what was counted so far; on a terminal or not, standard error says how far it is.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Sequence

from vrx.models.claims import Claim, Lasting, Tier
from vrx.models.deciding.engine import decide
from vrx.models.deciding.schedule import work
from vrx.proofs import all_claims, all_exhibits, exhibit_claims
from vrx.proofs.running import TIERS, beforehand, chosen, too_long

KINDS = (
    ("induction-in-bits-", "second opinion: induction in bit-vectors"),
    ("z3-confirms-", "second opinion: traces confirmed by Z3"),
    ("induction-", "inductions of faulty systems"),
)
"""How the names of claims with an engine of their own begin, and what that engine does."""


def kind(claims: Sequence[Claim]) -> str:
    """What deciding a group of claims is."""
    first = claims[0]
    if first.decide is None:
        return "graphs and their cycles" if isinstance(first, Lasting) else "searches of states"
    if first.module == "induction":
        return next((what for begins, what in KINDS if first.name.startswith(begins)), "inductions and ranks, any size")
    return next((what for begins, what in KINDS if first.name.startswith(begins)), "other engines")


def spent(claims: list[Claim]) -> float:
    """Processor seconds that deciding them takes, in a process of its own."""
    child = os.fork()
    if not child:
        status = 1
        try:
            decide(claims, threads=1)
            status = 0
        finally:
            os._exit(status)
    _, status, usage = os.wait4(child, 0)
    if status:
        print(f"{claims[0].name}: not decided, status {status}", file=sys.stderr)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Decide and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these claims; all of the tier")
    parser.add_argument("--tier", choices=TIERS, default="full")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    options = parser.parse_args()
    tier: Tier = options.tier
    claims = [*all_claims(), *(c for e in all_exhibits() for c in exhibit_claims(e))]
    wanted = chosen(options.names, claims, tier)
    left = [] if options.names else too_long(wanted)
    for warning in beforehand(wanted, left):
        print(warning, file=sys.stderr)
    groups = [one.claims for one in work([c for c in wanted if c not in left])][:: options.every]
    found: dict[str, list[float]] = defaultdict(list)
    try:
        for number, group in enumerate(groups, 1):
            found[kind(group)].append(spent(group))
            print(f"{number}/{len(groups)}  {found[kind(group)][-1]:7.1f} s  {group[0].name}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted: what follows is of the groups so far, the largest", file=sys.stderr)
    total = sum(map(sum, found.values()))
    for name, times in sorted(found.items(), key=lambda item: -sum(item[1])):
        share = f"{sum(times) / max(total, 0.001):4.0%}"
        print(f"{name:44}{len(times):5} groups{sum(times) / 60:8.2f} min {share}, the longest {max(times):.1f} s")
    print(f"{'together':44}{sum(map(len, found.values())):5} groups{total / 60:8.2f} min of processor time")


if __name__ == "__main__":
    main()
