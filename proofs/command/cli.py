"""The command line: check, prove, simulate, trace, bugs, conform, coverage, mutants, export.

Exit status: 0 everything as stated; 1 a verdict differs; 2 usage, or something
is missing; 3 undecided within the limits, or interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from time import monotonic

from vrx.models.claims import Exhibit, Result, in_tier, line
from vrx.models.conformance import command as conformance
from vrx.models.deciding import printing
from vrx.models.deciding.counted import several
from vrx.models.systems.nearest_names import nearest
from vrx.models.terminal import ending
from vrx.models.terminal.output import (
    OK,
    Progress,
    Usage,
    as_text,
    writable,
    write,
)
from vrx.proofs import all_claims, all_exhibits, exhibit_claims
from vrx.proofs.command import check, conform, coverage, export, simulate, trace
from vrx.proofs.command import mutants as mutation
from vrx.proofs.command.examples import EXAMPLES, told
from vrx.proofs.command.trace import Library
from vrx.proofs.mutants import EXPLAINED
from vrx.proofs.running import (
    TIERS,
    Parser,
    chosen,
    decide,
    guarded,
    prove_claims,
    prove_options,
    ring_option,
    tier_options,
)
from vrx.proofs.unreachable import UNREACHABLE

LIBRARY = Library(lambda: all_claims(), lambda: all_exhibits())
BASELINES = "Debian 12's Linux 6.1.192 and QEMU 7.2.22 (1:7.2+dfsg-7+deb12u18), VIRTIO 1.4"


def _version() -> str:
    try:
        return f"vrx {version('vrx')}; models {BASELINES}"
    except PackageNotFoundError:
        return f"vrx, not installed; models {BASELINES}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tool; the result is the exit status."""
    return guarded(lambda: _run(_options(arguments)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What is asked of the tool.  Whoever ends it now does not keep it from knowing where to write."""
    with ending.later():
        options: argparse.Namespace = _parser().parse_args(arguments)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="vrx", description=__doc__, epilog=told([of[0] for of in EXAMPLES.values()]))
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("check", help="ask every standard question of a system of yours, or of a configuration")
    check.add_options(one)
    one = commands.add_parser("prove", help="decide claims and compare with what they say")
    about = "a claim, a property, a file of proofs/, or a pattern, of all tiers; without one, all claims of --tier"
    one.add_argument("names", nargs="*", metavar="CLAIM", help=about)
    prove_options(one)
    simulate.add_options(commands.add_parser("simulate", help="one run, or many, of random or of real packets"))
    one = commands.add_parser("trace", help="show the shortest counterexample of a claim, a bug or a system of yours")
    trace.add_options(one)
    one = commands.add_parser("bugs", help="the museum: faulty versions refuted, fixed ones proved")
    one.add_argument("names", nargs="*", metavar="BUG", help="an exhibit, or a pattern; without one, all of --tier")
    one.add_argument("--list", action="store_true", help="only list them")
    tier_options(one)
    one = commands.add_parser("conform", help="test a real device or driver against the standard")
    conformance.add_options(one)
    one = commands.add_parser("coverage", help="what of the receive path and of the standard is modelled and checked")
    ring_option(one, "what is about a ring")
    one.add_argument("--json", metavar="FILE", help="- for standard output")
    one = commands.add_parser("mutants", help="faults made by rule in the steps, and which question sees each of them")
    mutation.add_options(one)
    one = commands.add_parser("export", help="a system for another tool: Promela, for Spin")
    export.add_options(one)
    for name, one in commands.choices.items():
        one.epilog = told(EXAMPLES[name])
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.command == "prove":
        with ending.later():
            claims = chosen(options.names, all_claims(), TIERS[-1] if options.list else options.tier, options.ring)
        return prove_claims(options, claims)
    if options.command == "check":
        return check.run(options, LIBRARY.subjects, LIBRARY.names, UNREACHABLE)
    ending.now()
    if options.command == "trace":
        return trace.run(options, LIBRARY)
    if options.command == "simulate":
        return simulate.simulate(options, LIBRARY)
    if options.command == "conform":
        return conform.run(options)
    if options.command == "coverage":
        return _coverage(options)
    if options.command == "export":
        return export.run(options, LIBRARY)
    if options.command == "mutants":
        return mutation.run(options, EXPLAINED, UNREACHABLE)
    return _bugs(options)


def exhibits_of(names: Sequence[str], tier: str, ring: str | None = None) -> list[Exhibit]:
    """The bugs that names or patterns mean; those of the tier where none is named.

    ring: only those of a layout
    """
    of_all = all_exhibits()
    exhibits = [e for e in of_all if ring in (None, e.ring)]
    if not names:
        return [e for e in exhibits if in_tier(e.tier, tier)]
    wanted: dict[str, Exhibit] = {}
    for name in names:
        found = [e for e in exhibits if fnmatchcase(e.id, name)]
        if not found and (others := {e.ring for e in of_all if fnmatchcase(e.id, name)}):
            there = " and ".join(sorted(others))
            raise Usage(f"{name} is a bug on a {there} ring, not on a {ring} one: leave --ring {ring} out")
        if not found:
            raise Usage(f"no bug is called {name!r}; {nearest(name, (e.id for e in exhibits))}")
        wanted.update((e.id, e) for e in found)
    return list(wanted.values())


def _bugs(options: argparse.Namespace) -> int:
    exhibits = exhibits_of(options.names, TIERS[-1] if options.list else options.tier, options.ring)
    width = max((len(e.id) for e in exhibits), default=0)
    if options.list:
        for e in exhibits:
            print(f"{e.id:{width}}  {e.tier:5}  {e.asks.name:24}  {e.origin}")
        return OK
    if options.json:
        writable(options.json)
    claims = {e.id: exhibit_claims(e) for e in exhibits}
    about = {c.name: e for e in exhibits for c in claims[e.id]}
    found: dict[str, Result] = {}
    out = sys.stderr if options.json == "-" else sys.stdout

    def say(result: Result, progress: Progress) -> None:
        found[result.claim.name] = result
        exhibit = about.get(result.claim.name)
        if exhibit is None:
            progress.line(line(result, 0), out, 0)
        elif all(c.name in found for c in claims[exhibit.id]):
            faulty, fixed = (found[c.name] for c in claims[exhibit.id])
            progress.line(printing.bug_line(exhibit, faulty, fixed, width), out, 2)

    began = monotonic()
    results, status = decide([c for pair in claims.values() for c in pair], options, False, say)
    by_name = {r.claim.name: r for r in results}
    shown = [(e, by_name[claims[e.id][0].name], by_name[claims[e.id][1].name]) for e in exhibits]
    good = sum(faulty.ok and fixed.ok for _, faulty, fixed in shown)
    print(f"{several(len(shown), 'bug')}: {good} as stated, {monotonic() - began:.1f} s", file=out)
    if options.json:
        write(options.json, as_text(printing.bugs_json(shown)))
    return status


def _coverage(options: argparse.Namespace) -> int:
    if options.json:
        write(options.json, as_text(coverage.as_json(options.ring)))
    if options.json != "-":
        print(coverage.text(options.ring))
    return OK


if __name__ == "__main__":
    sys.exit(main())
