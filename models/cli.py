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
from textwrap import wrap
from time import monotonic
from typing import Any, NoReturn

from vrx.models import check_command, coverage, report, simulate, trace_command
from vrx.models.claims import Claim, Exhibit, Outcome, Result
from vrx.models.conformance import command as conformance
from vrx.models.conformance.errors import ConformError
from vrx.models.counterexample import NoRun
from vrx.models.engine import Unfinished, cpus
from vrx.models.mutation import command as mutation
from vrx.models.native.build import CompilerFailed
from vrx.models.nearest import nearest
from vrx.models.prove import prove
from vrx.models.report import DIFFERS, OK, UNDECIDED, USAGE, Progress, Usage, as_text, writable, write
from vrx.models.trace import Mismatch
from vrx.models.trace_command import Library
from vrx.models.tracefile import BadTrace
from vrx.models.userfile import BadFile
from vrx.proofs import all_claims, all_exhibits, exhibit_claims, pinned
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


EXAMPLES = {
    "check": (
        ("vrx check my.py", "every standard question of each system that the file has"),
        ("vrx check my.py:fixed --family", "of one of them, under SC and TSO, flags and event index, ..."),
        ("vrx check --memory tso --event-idx --question no_lost_kick", "of the unmodified code in a configuration"),
        ("vrx check --list", "the standard questions, and where each has a meaning"),
    ),
    "prove": (
        ("vrx prove", "every claim of the quick tier"),
        ("vrx prove lost_wakeup", "the claims of proofs/lost_wakeup.py, of both tiers"),
        ("vrx prove 'refill-*' slot_axiom --json -", "by a pattern and by name, the answers as JSON"),
        ("vrx prove --tier full --resume", "all of them, with what earlier searches found"),
    ),
    "simulate": (
        ("vrx simulate --packets 5000 --memory tso", "random packets"),
        ("vrx simulate --pcap a.pcap --plot a.png", "the frames of a capture, and a picture"),
        ("vrx simulate --sizes sizes.txt --size 64 --schedule alone", "frames of these lengths, one after the other"),
    ),
    "trace": (
        ("vrx trace complete-without-poll", "the shortest run that shows a bug"),
        ("vrx trace my.py:faulty --question no_lost_interrupt", "the one that refutes a question about your system"),
        ("vrx trace complete-without-poll --json -o bug.json", "into a file"),
        ("vrx trace --replay bug.json", "and back"),
    ),
    "bugs": (
        ("vrx bugs", "every bug of the quick tier"),
        ("vrx bugs 'complete-*'", "those of a pattern"),
        ("vrx bugs --list", "names, properties, where each comes from"),
    ),
    "conform": (
        ("vrx conform linux-vring", "Linux's virtio_ring.c in user space"),
        ("vrx conform qemu --examples 100 --seed 7", "QEMU's virtio-net, more scenarios"),
        ("vrx conform my_device.py:TinyDevice", "a target of your own"),
        ("vrx conform qemu --replay qemu-num-buffers", "one known deviation"),
    ),
    "coverage": (("vrx coverage", "a row for each function and each rule"),),
    "mutants": (
        ("vrx mutants --sample 40 --seed 1", "forty, drawn"),
        ("vrx mutants --step virtqueue_poll", "every one of a step"),
    ),
}
"""For each command, what one might want of it."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Says the default of each option that has one and does not say it itself."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        told, default = action.help or "", action.default
        says_none = default is None or default is False or default in ([], argparse.SUPPRESS)
        return action.help if says_none or "(default" in told else f"{told} (default: %(default)s)"

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width, break_on_hyphens=False)  # names have hyphens


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **options})

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
    except (Usage, BadConfiguration, BadTrace, CompilerFailed, ConformError, report.CannotWrite, BadFile) as error:
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
    parser = _Parser(prog="vrx", description=__doc__, epilog=_examples([of[0] for of in EXAMPLES.values()]))
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    one = commands.add_parser("check", help="ask every standard question of a system of yours, or of a configuration")
    check_command.add_options(one)
    one = commands.add_parser("prove", help="decide claims and compare with what they say")
    about = "a claim, a property, a file of proofs/, or a pattern, of both tiers; without one, all claims of --tier"
    one.add_argument("names", nargs="*", metavar="CLAIM", help=about)
    _prove_options(one)
    simulate.add_options(commands.add_parser("simulate", help="one run on integers, of random or of real packets"))
    one = commands.add_parser("trace", help="show the shortest counterexample of a claim, a bug or a system of yours")
    trace_command.add_options(one)
    one = commands.add_parser("bugs", help="the museum: faulty versions refuted, fixed ones proved")
    one.add_argument("names", nargs="*", metavar="BUG", help="an exhibit, or a pattern; without one, all of --tier")
    one.add_argument("--list", action="store_true", help="only list them")
    _tier_options(one)
    one = commands.add_parser("conform", help="test a real device or driver against the standard")
    conformance.add_options(one)
    one = commands.add_parser("coverage", help="what of the receive path and of the standard is modelled and checked")
    one.add_argument("--json", metavar="FILE", help="- for standard output")
    one = commands.add_parser("mutants", help="faults made by rule in the steps, and which question sees each of them")
    mutation.add_options(one)
    for name, one in commands.choices.items():
        one.epilog = _examples(EXAMPLES[name])
    return parser


def _examples(examples: Sequence[tuple[str, str]]) -> str:
    width = max(len(command) for command, _ in examples)
    return "\n".join(["examples:", *(f"  {command:{width}}  {about}" for command, about in examples)])


def _prove_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--list", action="store_true", help="only list the claims")
    parser.add_argument("--lemmas", action="store_true", help="list the lemmas, and which step needs which; minutes")
    parser.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit's XML")
    _tier_options(parser)


def _tier_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tier", choices=("quick", "full"), default="quick", help="full: what is quick, and the rest")
    parser.add_argument("--jobs", type=report.count_from_1, default=cpus(), metavar="N", help="searches at a time")
    parser.add_argument("--resume", action="store_true", help="take what earlier searches found of the same C")
    parser.add_argument("--json", metavar="FILE", help="- for standard output")


def _run(options: argparse.Namespace) -> int:
    if options.command == "prove":
        return _prove(options, chosen(options.names, all_claims(), "full" if options.list else options.tier))
    if options.command == "simulate":
        return simulate.simulate(options)
    if options.command == "check":
        return check_command.run(options, LIBRARY.subjects, LIBRARY.names, UNREACHABLE)
    if options.command == "trace":
        return trace_command.run(options, LIBRARY)
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
        write(options.json, as_text(report.claims_json(results)))
    if options.junit:
        write(options.junit, report.junit(results))
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
                progress.line(report.line(result, width), out)
    except KeyboardInterrupt:
        interrupted = True
        known = {id(r.claim) for r in results}
        results += [c.judge(Outcome("undecided", "-", reason="interrupted")) for c in claims if id(c) not in known]
    progress.clear()
    if interrupted:
        left = sum(r.undecided for r in results)
        print(f"vrx: interrupted: {left} of {len(claims)} claims are left undecided", file=sys.stderr)
    for mend in report.mends(results):
        print(mend, file=sys.stderr)
    if not say:
        for failure in report.failures(results) if len(results) > 1 else ():
            print(failure, file=out)
        print(report.summary(results, monotonic() - began), file=out)
    return results, report.status(results)


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
            progress.line(report.line(result, 0), out, 0)
        elif all(c.name in found for c in claims[exhibit.id]):
            faulty, fixed = (found[c.name] for c in claims[exhibit.id])
            progress.line(report.bug_line(exhibit, faulty, fixed, width), out, 2)

    began = monotonic()
    results, status = _decide([c for pair in claims.values() for c in pair], options, False, say)
    by_name = {r.claim.name: r for r in results}
    shown = [(e, by_name[claims[e.id][0].name], by_name[claims[e.id][1].name]) for e in exhibits]
    good = sum(faulty.ok and fixed.ok for _, faulty, fixed in shown)
    print(f"{len(shown)} bugs: {good} as stated, {monotonic() - began:.1f} s", file=out)
    if options.json:
        write(options.json, as_text(report.bugs_json(shown)))
    return status


def _coverage(options: argparse.Namespace) -> int:
    if options.json:
        write(options.json, as_text(coverage.as_json()))
    if options.json != "-":
        print(coverage.text())
    return OK


if __name__ == "__main__":
    sys.exit(main())
