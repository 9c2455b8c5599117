"""The command line: check, prove, simulate, trace, bugs, conform, coverage, mutants.

Exit status: 0 everything as stated; 1 a verdict differs; 2 usage, or something
is missing; 3 undecided within the limits, or interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import monotonic
from typing import NoReturn

from vrx.models.claims import Claim, Exhibit, Outcome, Result, line
from vrx.models.conformance import command as conformance
from vrx.models.conformance.errors import ConformError
from vrx.models.deciding import printing
from vrx.models.deciding.counterexample import NoRun
from vrx.models.deciding.engine import Unfinished, cpus
from vrx.models.deciding.many_claims import prove
from vrx.models.deciding.user_file import BadFile
from vrx.models.engines.native.build import CompilerFailed
from vrx.models.systems.nearest_names import nearest
from vrx.models.terminal.output import (
    DIFFERS,
    OK,
    UNDECIDED,
    USAGE,
    CannotWrite,
    Progress,
    Usage,
    as_text,
    count_from_1,
    writable,
    write,
)
from vrx.models.traces.trace import Mismatch
from vrx.models.traces.trace_file import BadTrace
from vrx.proofs import all_claims, all_exhibits, exhibit_claims, pinned
from vrx.proofs.command import check, coverage, simulate, trace
from vrx.proofs.command import mutants as mutation
from vrx.proofs.command.trace import Library
from vrx.proofs.mutants import EXPLAINED
from vrx.proofs.unreachable import UNREACHABLE
from vrx.spec.config import BadConfiguration
from vrx.spec.steps import ModelError

LIBRARY = Library(lambda: all_claims(), lambda: all_exhibits())
BASELINES = "Debian 12's Linux 6.1.192 and QEMU 7.2.22 (1:7.2+dfsg-7+deb12u18), VIRTIO 1.4"


def _version() -> str:
    try:
        return f"vrx {version('vrx')}; models {BASELINES}"
    except PackageNotFoundError:
        return f"vrx, not installed; models {BASELINES}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        wrong = message.removeprefix("unrecognized arguments: ").split()
        if len(wrong) < len(message.split()) and wrong[0].startswith("--"):
            known = [o for a in self._every_action() for o in a.option_strings if o.startswith("--")]
            message += f"; {nearest(wrong[0].partition('=')[0], known)}"
        raise Usage(f"{message}; see {self.prog} --help")

    def _every_action(self) -> Iterator[argparse.Action]:
        """The options of this parser and of the commands below it."""
        for action in self._actions:
            yield action
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    yield from parser._actions


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tool; the result is the exit status."""
    return _guarded(lambda: _run(_parser().parse_args(arguments)))


def main_for(claims: Sequence[Claim]) -> int:
    """`python -m vrx.proofs.<module>`: the claims of one file, with the output and the status of `vrx prove`."""

    def run() -> int:
        name = Path(sys.argv[0]).stem
        parser = _Parser(prog=f"python -m vrx.proofs.{name}", description="Decide the claims of one file.")
        _prove_options(parser)
        options = parser.parse_args()
        of_tier = chosen([], [pinned(c) for c in claims], "full" if options.list else options.tier)
        if len(of_tier) < len(claims):
            print(f"{len(claims) - len(of_tier)} claims are left to --tier full", file=sys.stderr)
        return _prove(options, of_tier)

    return _guarded(run)


def _guarded(run: Callable[[], int]) -> int:
    """One line for everything that a user can do wrong, and no traceback."""
    try:
        return run()
    except (Usage, BadConfiguration, BadTrace, CompilerFailed, ConformError, CannotWrite, BadFile) as error:
        print(f"vrx: {' '.join(str(error).split())}", file=sys.stderr)
        return USAGE
    except (NoRun, ModelError) as error:
        print(f"vrx: {error}", file=sys.stderr)
        return DIFFERS
    except Mismatch as error:
        print(f"vrx: the trace does not replay: {error}", file=sys.stderr)
        return DIFFERS
    except (Unfinished, MemoryError) as error:
        print(f"vrx: undecided: {error or 'not enough memory'}", file=sys.stderr)
        return UNDECIDED
    except KeyboardInterrupt:
        print("vrx: interrupted", file=sys.stderr)
        return UNDECIDED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: no complaint at exit
        return OK


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="vrx", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("check", help="ask every standard question of a system of yours, or of a configuration")
    check.add_options(one)
    one = commands.add_parser("prove", help="decide claims and compare with what they say")
    one.add_argument("names", nargs="*", metavar="CLAIM", help="a claim, a property, a file of proofs/, or a pattern")
    _prove_options(one)
    simulate.add_options(commands.add_parser("simulate", help="one run on integers, of random or of real packets"))
    one = commands.add_parser("trace", help="show the shortest counterexample of a claim, a bug or a system of yours")
    trace.add_options(one)
    one = commands.add_parser("bugs", help="the museum: faulty versions refuted, fixed ones proved")
    one.add_argument("names", nargs="*", metavar="BUG", help="an exhibit, or a pattern; all of the tier without one")
    one.add_argument("--list", action="store_true", help="only list them")
    _tier_options(one)
    one = commands.add_parser("conform", help="test a real device or driver against the standard")
    conformance.add_options(one)
    one = commands.add_parser("coverage", help="what of the receive path and of the standard is modelled and checked")
    one.add_argument("--json", metavar="FILE", help="- for standard output")
    one = commands.add_parser("mutants", help="faults made by rule in the steps, and which question sees each of them")
    mutation.add_options(one)
    return parser


def _prove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", action="store_true", help="only list the claims")
    parser.add_argument("--lemmas", action="store_true", help="list the lemmas, and which step needs which; minutes")
    parser.add_argument("--junit", metavar="FILE")
    _tier_options(parser)


def _tier_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tier", choices=("quick", "full"), default="quick", help="full: what is quick, and the rest")
    parser.add_argument("--jobs", type=count_from_1, default=cpus(), metavar="N", help="searches at a time")
    parser.add_argument("--resume", action="store_true", help="take what earlier searches found of the same C")
    parser.add_argument("--json", metavar="FILE", help="- for standard output")


def _run(options: argparse.Namespace) -> int:
    if options.command == "prove":
        return _prove(options, chosen(options.names, all_claims(), "full" if options.list else options.tier))
    if options.command == "simulate":
        return simulate.simulate(options)
    if options.command == "check":
        return check.run(options, LIBRARY.subjects, LIBRARY.names, UNREACHABLE)
    if options.command == "trace":
        return trace.run(options, LIBRARY)
    if options.command == "conform":
        return conformance.run(options)
    if options.command == "coverage":
        return _coverage(options)
    if options.command == "mutants":
        return mutation.run(options, EXPLAINED, UNREACHABLE)
    return _bugs(options)


def chosen(names: Sequence[str], claims: Sequence[Claim], tier: str) -> list[Claim]:
    """The claims that names mean; the claims of the tier where none is named.

    A name is that of a claim, of a property or of a file of proofs/, or a pattern with * and ?.
    """
    if not names:
        return [c for c in claims if tier == "full" or c.tier == "quick"]
    out: dict[str, Claim] = {}
    for name in names:
        exact = [c for c in claims if c.name == name]
        found = exact or [c for c in claims if name in (c.property.name, c.module) or fnmatchcase(c.name, name)]
        if not found:
            words = [w for c in claims for w in (c.name, c.property.name, c.module)]
            raise Usage(f"no claim is called {name!r}; {nearest(name, words)}; --list shows all")
        out.update((c.name, c) for c in found)
    return list(out.values())


def _prove(options: argparse.Namespace, claims: Sequence[Claim]) -> int:
    if options.lemmas:
        from vrx.proofs.induction.table import told

        for line in told():
            print(line, flush=True)
        return OK
    if options.list:
        for c in claims:
            print(f"{c.name:60} {c.expected:9} {c.tier:5}  {c.property.sentence or c.note}")
        return OK
    for path in (options.json, options.junit):
        if path:
            writable(path)
    results, status = _decide(claims, options, options.json == "-")
    if options.json:
        write(options.json, as_text(printing.claims_json(results)))
    if options.junit:
        write(options.junit, printing.junit(results))
    return status


def _decide(
    claims: Sequence[Claim],
    options: argparse.Namespace,
    quiet: bool,
    say: Callable[[Result, Progress], None] | None = None,
) -> tuple[list[Result], int]:
    """Decide claims and print each as it comes.  After Ctrl-C the rest is undecided."""
    results: list[Result] = []
    began = monotonic()
    width = max((len(c.name) for c in claims), default=0)
    out = sys.stderr if quiet else sys.stdout
    progress = Progress(len(claims), "claims")
    interrupted = False
    try:
        for result in prove(
            claims, jobs=options.jobs, unreachable=UNREACHABLE, resume=options.resume, watch=progress.searching
        ):
            results.append(result)
            if say:
                say(result, progress)
            else:
                progress.line(line(result, width), out)
    except KeyboardInterrupt:
        interrupted = True
        known = {id(r.claim) for r in results}
        results += [c.judge(Outcome("undecided", "-", reason="interrupted")) for c in claims if id(c) not in known]
    progress.clear()
    if interrupted:
        left = sum(r.undecided for r in results)
        print(f"vrx: interrupted: {left} of {len(claims)} claims are left undecided", file=sys.stderr)
    for mend in printing.mends(results):
        print(mend, file=sys.stderr)
    if not say:
        for failure in printing.failures(results) if len(results) > 1 else ():
            print(failure, file=out)
        print(printing.summary(results, monotonic() - began), file=out)
    return results, printing.status(results)


def exhibits_of(names: Sequence[str], tier: str) -> list[Exhibit]:
    """The bugs that names or patterns mean; those of the tier where none is named."""
    exhibits = all_exhibits()
    if not names:
        return [e for e in exhibits if tier == "full" or e.tier == "quick"]
    wanted: dict[str, Exhibit] = {}
    for name in names:
        found = [e for e in exhibits if fnmatchcase(e.id, name)]
        if not found:
            raise Usage(f"no bug is called {name!r}; {nearest(name, (e.id for e in exhibits))}")
        wanted.update((e.id, e) for e in found)
    return list(wanted.values())


def _bugs(options: argparse.Namespace) -> int:
    exhibits = exhibits_of(options.names, "full" if options.list else options.tier)
    width = max((len(e.id) for e in exhibits), default=0)
    if options.list:
        for e in exhibits:
            print(f"{e.id:{width}}  {e.tier:5}  {e.property.name:24}  {e.origin}")
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
    results, status = _decide([c for pair in claims.values() for c in pair], options, False, say)
    by_name = {r.claim.name: r for r in results}
    shown = [(e, by_name[claims[e.id][0].name], by_name[claims[e.id][1].name]) for e in exhibits]
    good = sum(faulty.ok and fixed.ok for _, faulty, fixed in shown)
    print(f"{len(shown)} bugs: {good} as stated, {monotonic() - began:.1f} s", file=out)
    if options.json:
        write(options.json, as_text(printing.bugs_json(shown)))
    return status


def _coverage(options: argparse.Namespace) -> int:
    if options.json:
        write(options.json, as_text(coverage.as_json()))
    if options.json != "-":
        print(coverage.text())
    return OK


if __name__ == "__main__":
    sys.exit(main())
