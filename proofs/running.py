"""Claims decided and printed: what `vrx prove` does, and `python -m vrx.proofs.<module>` with the claims of one file.

Exit status: 0 everything as stated; 1 a verdict differs; 2 usage, or something
is missing; 3 undecided within the limits, or interrupted.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from textwrap import wrap
from time import monotonic
from typing import Any, NoReturn, cast, get_args

from vrx.models.claims import Claim, Lasting, Outcome, Result, Tier, in_tier, line
from vrx.models.conformance.errors import ConformError
from vrx.models.deciding import printing
from vrx.models.deciding.counterexample import NoRun
from vrx.models.deciding.engine import REFERENCE_GRAPH, REFERENCE_LIMIT, Unfinished, cpus
from vrx.models.deciding.many_claims import prove
from vrx.models.deciding.user_file import BadFile
from vrx.models.engines.native.build import CompilerFailed, NoCompiler, find_compiler
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.system import RINGS
from vrx.models.terminal import ending
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
    seconds,
    writable,
    write,
)
from vrx.models.traces.trace import Mismatch
from vrx.models.traces.trace_file import BadTrace
from vrx.proofs import beginning, pinned
from vrx.proofs.unreachable import UNREACHABLE
from vrx.spec.config import BadConfiguration
from vrx.spec.steps import ModelError


class _Help(argparse.RawDescriptionHelpFormatter):
    """Says the default of each option that has one and does not say it itself."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        told, default = action.help or "", action.default
        says_none = default is None or default is False or default in ([], argparse.SUPPRESS)
        return action.help if says_none or "(default" in told else f"{told} (default: %(default)s)"

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(text, width, break_on_hyphens=False)  # names have hyphens


class Parser(argparse.ArgumentParser):
    """A parser that says a wrong use in one line, with what may have been meant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **options})

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        given = sys.argv[1:] if args is None else list(args)
        options, rest = self.parse_known_args(given, namespace)
        if rest:
            self._command_of(options)._unknown(rest, given)
        return options

    def error(self, message: str) -> NoReturn:
        if found := re.fullmatch(r"argument (\S+): ignored explicit argument .*", message):
            flags = found[1].split("/")
            message = f"{flags[0]} takes no value: write {' or '.join(flags)}{self._where_to(flags)}"
        raise Usage(f"{message}; see {self.prog} --help")

    def _command_of(self, options: argparse.Namespace) -> Parser:
        """The parser of the command that was named; this one where none was."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                return cast(Parser, action.choices.get(getattr(options, action.dest, ""), self))
        return self

    def _unknown(self, words: Sequence[str], given: Sequence[str]) -> NoReturn:
        """What was said and has no place.  given: all that was said."""
        message = f"unrecognized arguments: {' '.join(words)}"
        if words[0].startswith("--"):
            known = [o for a in self._actions for o in a.option_strings if o.startswith("--")]
            message += f"; {nearest(words[0].partition('=')[0], known)}"
        elif "--json" in given:
            message += self._where_to(["--json"])
        self.error(message)

    def _where_to(self, flags: Sequence[str]) -> str:
        """What to write instead of a file behind a `--json` that takes none."""
        takes_none = any("--json" in a.option_strings and a.nargs == 0 for a in self._actions)
        return "; --json takes no file here: -o FILE says where it goes" if takes_none and "--json" in flags else ""


def guarded(run: Callable[[], int]) -> int:
    """One line for everything that a user can do wrong, and no traceback; Ctrl-C and SIGTERM end a run in order."""
    try:
        with ending.in_order():
            for number in beginning.NOTED[:1]:
                ending.note(number)
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


TIERS = get_args(Tier)
RESUME = "--resume takes what the searches have found"


def prove_options(parser: argparse.ArgumentParser) -> None:
    """The options of whatever decides claims."""
    parser.add_argument("--list", action="store_true", help="only list the claims")
    parser.add_argument("--lemmas", action="store_true", help="list the lemmas, and which step needs which; minutes")
    parser.add_argument("--junit", metavar="FILE", help="write the verdicts as JUnit's XML")
    tier_options(parser)


def ring_option(parser: argparse.ArgumentParser, what: str) -> None:
    """`--ring`, where it chooses among what there is.  what: what is chosen"""
    parser.add_argument("--ring", choices=tuple(RINGS), help=f"only {what} of this layout (default: of every layout)")


def tier_options(parser: argparse.ArgumentParser) -> None:
    """The options of whatever has tiers."""
    ring_option(parser, "what is about a ring")
    about = "full: what is quick, and the rest; night: that, and what is larger"
    parser.add_argument("--tier", choices=TIERS, default="quick", help=about)
    parser.add_argument("--jobs", type=count_from_1, default=cpus(), metavar="N", help="searches at a time")
    parser.add_argument("--resume", action="store_true", help="take what earlier runs found of the same C, or code")
    about = "of the whole run: then it ends as after Ctrl-C, with what was decided"
    parser.add_argument("--time", type=seconds, metavar="SECONDS", help=about)
    parser.add_argument("--json", metavar="FILE", help="- for standard output")


def main_for(claims: Sequence[Claim]) -> NoReturn:
    """`python -m vrx.proofs.<module>`: the claims of one file, with the output and the status of `vrx prove`."""

    def run() -> int:
        name = Path(sys.argv[0]).stem
        parser = Parser(prog=f"python -m vrx.proofs.{name}", description="Decide the claims of one file.")
        prove_options(parser)
        options = parser.parse_args()
        if not claims:
            raise Usage("there is no claim in the list: nothing would be decided")
        if wrong := [c for c in claims if not isinstance(c, Claim)]:
            raise Usage(f"{wrong[0]!r} is no claim: write Safety(name, system, property, verdict), or cover(...)")
        if twice := [n for n, count in Counter(c.name for c in claims).items() if count > 1]:
            raise Usage(f"two claims are called {twice[0]!r}: give one of them another name")
        known = [pinned(c) for c in claims]
        ending.now()
        of_tier = chosen([], known, TIERS[-1] if options.list else options.tier, options.ring)
        for tier in TIERS[TIERS.index(options.tier) + 1 :]:
            left = sum(c.tier == tier for c in known)
            if left and not options.list:
                print(f"{left} claims are left to --tier {tier}", file=sys.stderr)
        return prove_claims(options, of_tier)

    sys.exit(guarded(run))


def chosen(names: Sequence[str], claims: Sequence[Claim], tier: str, ring: str | None = None) -> list[Claim]:
    """The claims that names mean; the claims of the tier where none is named.

    A name is that of a claim, of a property or of a file of proofs/, or a pattern with * and ?.
    ring: only those about a ring of this layout; None: of all, and those about none
    """
    if ring is not None:
        of_all = list(claims)
        claims = [c for c in claims if c.ring == ring]
        for name in names:
            if not _meant(name, claims) and (others := _meant(name, of_all)):
                there = " and ".join(dict.fromkeys(f"a {c.ring} ring" if c.ring else "no ring" for c in others))
                raise Usage(f"{name} is about {there}, not about a {ring} one: leave --ring {ring} out")
        if not claims and not names:
            raise Usage(f"there is no claim about a {ring} ring")
    if not names:
        return [c for c in claims if in_tier(c.tier, tier)]
    out: dict[str, Claim] = {}
    for name in names:
        found = _meant(name, claims)
        if not found:
            words = [w for c in claims for w in (c.name, c.asks.name, c.module)]
            if name.endswith(".py"):
                raise Usage(
                    f"{name}: only claims of proofs/ have names here; a file of yours ends with main_for(CLAIMS) of "
                    f"vrx.proofs.running, and `python {name}` decides them; `vrx check {name}` asks about its systems"
                )
            raise Usage(f"no claim is called {name!r}; {nearest(name, words)}; --list shows all")
        out.update((c.name, c) for c in found)
    return list(out.values())


def _meant(name: str, claims: Sequence[Claim]) -> list[Claim]:
    """The claims that a name means: the one that is called so, or those of a property, of a file or of a pattern."""
    exact = [c for c in claims if c.name == name]
    path = Path(name)  # a user's own file of the same name is none of proofs/
    ours = path.suffix == ".py" and path.resolve().parent == Path(__file__).resolve().parent
    module = path.stem if ours else name
    return exact or [c for c in claims if c.asks.name == name or c.module == module or fnmatchcase(c.name, name)]


def prove_claims(options: argparse.Namespace, claims: Sequence[Claim]) -> int:
    """What `vrx prove` does with the claims that were chosen; the exit status."""
    if options.lemmas:
        from vrx.proofs.induction.table import told

        for line in told():
            print(line, flush=True)
        return OK
    if options.list:
        for c in claims:
            print(f"{c.name:60} {c.word(c.expected):9} {c.tier:5}  {c.asks.sentence or c.note}")
        return OK
    for path in (options.json, options.junit):
        if path:
            writable(path)
    named = bool(getattr(options, "names", ()))
    with ending.later():
        left = [] if named else too_long(claims)
        if named and (said := of_tiers(claims)):
            print(f"vrx: {said}", file=sys.stderr)
        for warning in beforehand(claims, left):
            print(f"vrx: {warning}", file=sys.stderr)
    names = {c.name for c in left}
    results, status = decide([c for c in claims if c.name not in names], options, options.json == "-", left=left)
    if options.json:
        write(options.json, as_text(printing.claims_json(results)))
    if options.junit:
        write(options.junit, printing.junit(results))
    return status


def of_tiers(claims: Sequence[Claim]) -> str:
    """What names mean where that is more than the quick tier: names are of all tiers, whatever --tier says."""
    tiers = Counter(c.tier for c in claims)
    if set(tiers) <= {TIERS[0]}:
        return ""
    each = ", ".join(f"{tiers[tier]} {tier}" for tier in TIERS if tiers[tier])
    return f"{len(claims)} claims of all tiers have these names ({each}): --tier is for runs without names"


def too_long(claims: Sequence[Claim]) -> list[Claim]:
    """The claims that no tier has the time for on this installation."""
    return [c for c in claims if c.wants and not c.wants.there()]


def beforehand(claims: Sequence[Claim], left: Sequence[Claim]) -> Iterator[str]:
    """What this installation lacks for claims, what it would be worth, and the command that gets it."""
    for extra in dict.fromkeys(c.wants for c in left if c.wants):
        n = sum(c.wants == extra for c in left)
        yield f"{n} of {len(claims)} claims are left out: {extra.what} is not installed. {extra.worth}: {extra.command}"
    try:
        find_compiler()
    except NoCompiler as missing:
        most = {c.name: REFERENCE_GRAPH if isinstance(c, Lasting) else REFERENCE_LIMIT for c in claims}
        large = sum(c.decide is None and (c.figures.states or 0) > most[c.name] for c in claims)
        if large:
            yield f"{large} of {len(claims)} claims will be left undecided: {missing}"


def left_out(claims: Sequence[Claim]) -> list[Result]:
    """The results of claims that nobody tried."""
    results = []
    for c in claims:
        assert c.wants is not None
        said = f"left out: {c.wants.what} is not installed"
        results.append(c.judge(Outcome("undecided", "-", reason=said, why="left_out", mend=c.wants.command)))
    return results


def decide(
    claims: Sequence[Claim],
    options: argparse.Namespace,
    quiet: bool,
    say: Callable[[Result, Progress], None] | None = None,
    left: Sequence[Claim] = (),
) -> tuple[list[Result], int]:
    """Decide claims and print each as it comes.  After Ctrl-C, SIGTERM or the run's time the rest is undecided.

    left: the claims that are left out
    """
    results: list[Result] = []
    began = monotonic()
    width = max((len(c.name) for c in claims), default=0)
    out = sys.stderr if quiet else sys.stdout
    progress = Progress(len(claims), "claims")
    said = ""
    try:
        with ending.within(options.time or 0):
            for result in prove(
                claims, jobs=options.jobs, unreachable=UNREACHABLE, resume=options.resume, watch=progress.searching
            ):
                results.append(result)
                if say:
                    say(result, progress)
                else:
                    progress.line(line(result, width), out)
    except KeyboardInterrupt as end:
        known = {id(r.claim) for r in results}
        rest = [c for c in claims if id(c) not in known]
        over = isinstance(end, ending.OutOfTime)
        said = f"the run's time of {options.time:g} s was over" if over else "interrupted"
        outcome = Outcome("undecided", "-", reason=said, why="time" if over else "interrupted")
        results += [c.judge(outcome) for c in rest]
        said = f"vrx: {said}: {len(rest)} of {len(claims)} claims are left undecided; {RESUME}"
    results += left_out(left)
    progress.clear()
    if said:
        print(said, file=sys.stderr)
    for mend in printing.mends(results):
        print(mend, file=sys.stderr)
    if not say:
        for failure in printing.failures(results) if len(results) > 1 else ():
            print(failure, file=out)
        print(printing.summary(results, monotonic() - began), file=out)
    return results, printing.status(results)
