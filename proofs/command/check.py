"""`vrx check`: the standard questions asked of a user's file, a bug, a claim, or a plain configuration.

Exit status: 0 nothing refuted and nothing vacuous, 1 something is, 2 a file or a
variant that is wrong, 3 undecided within the limits, or interrupted.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, TextIO

from vrx.models.claims import Question
from vrx.models.deciding import user_file
from vrx.models.deciding.checking import SECONDS, Answer, Checked, as_json, check, names_of, questions_of, table
from vrx.models.deciding.engine import Unreachable, cpus
from vrx.models.deciding.user_file import Subject
from vrx.models.systems.family import family, given
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.system import System, rx
from vrx.models.terminal import ending
from vrx.models.terminal.output import (
    DIFFERS,
    OK,
    UNDECIDED,
    USAGE,
    Progress,
    Usage,
    as_text,
    count_from_1,
    seconds,
    writable,
    write,
)
from vrx.proofs.command.options import add_system_options, as_options, given_options, memory_limit, notes_on
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property
from vrx.spec.questions import STANDARD

Finder = Callable[[str], Sequence[Subject]]
"""The systems that the name of a claim or a bug is about; none for a name that is not known."""
FAMILY_SECONDS = 20.0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    about = "what is asked about; a file is Python and is run; without a name, what the system options describe"
    parser.add_argument("names", nargs="*", metavar="FILE.py[:NAME]|BUG|CLAIM", help=about)
    parser.add_argument("--family", action="store_true", help="ask SC and TSO, flags and event index, each placement "
                        "of the interrupt, both guests, rings of 1 and 2, with and without merging")  # fmt: skip
    parser.add_argument("--all", action="store_true", help="with --family: do not stop at the first that refutes")
    parser.add_argument("--table", action="store_true", help="with --family: a line for each configuration")
    about = "only this one, of --list or of the file; repeatable"
    parser.add_argument("--question", action="append", default=[], metavar="NAME", help=about)
    about = (
        f"of each search, of which a system has several: states, a graph, packets that are told apart "
        f"(default: {SECONDS:g}, with --family {FAMILY_SECONDS:g})"
    )
    parser.add_argument("--time", type=seconds, metavar="SECONDS", help=about)
    parser.add_argument("--list", action="store_true", help="list the standard questions, and where each has a meaning")
    parser.add_argument("--json", metavar="FILE", help="- for standard output")
    parser.add_argument("--jobs", type=count_from_1, default=cpus(), metavar="N", help="searches at a time")
    add_system_options(parser, {}, limits=True)


CONFIGURATION = "configuration"
"""What the subject is called where options alone say what is asked about."""


def run(
    options: argparse.Namespace,
    find: Finder,
    known: Callable[[], Sequence[str]],
    unreachable: Sequence[Unreachable] = (),
) -> int:
    """Run the command.

    find: claims and bugs by name; known: their names, for the nearest one; unreachable: steps that no original takes
    """
    if options.list:
        _list()
        return OK
    for name in options.question:
        if name not in (q.name for q in STANDARD) and not any(map(user_file.is_file, options.names)):
            raise Usage(f"no question is called {name!r}; {nearest(name, [q.name for q in STANDARD])}")
    if options.json:
        writable(options.json)
    out = sys.stderr if options.json == "-" else sys.stdout
    allowed = options.time or (FAMILY_SECONDS if options.family else SECONDS)
    limits = {"seconds": allowed, "max_bytes": memory_limit(options), "unreachable": unreachable}
    bases: dict[str, System] = {}
    wanted: list[tuple[Subject, tuple[Question, ...]]] = []
    done: list[Checked] = []
    began = monotonic()
    interrupted = False
    try:
        ending.now()
        found = _wanted(options, find, known)
        bases = {subject.name: subject.system for subject, _ in found}
        wanted = _that_have(options.question, [(_changed(s, options), questions) for s, questions in found])
        instead = given_options(options)
        for subject, _ in wanted if instead and not options.family else ():
            for note in notes_on(subject.name, subject.system, instead):
                print(note, file=sys.stderr)
        for subject, questions in wanted:
            asked = _family if options.family else _one
            asked(subject, questions, options, limits, out, done)
            if done and done[-1].interrupted:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        interrupted = True
        left = len(wanted) - len({c.subject for c in done})
        print("vrx: interrupted" + (f": {left} of {len(wanted)} systems were not asked" * bool(left)), file=sys.stderr)
    for line in summary(done, monotonic() - began, bases):
        print(line, file=out)
    if options.json:
        write(options.json, as_text(as_json(done)))
    if not interrupted and not any(c.answers for c in done):
        raise Usage(f"nothing was asked: {'; '.join(dict.fromkeys(why for c in done for _, why in c.skipped))}")
    return max(status(done), UNDECIDED) if interrupted and status(done) != DIFFERS else status(done)


def status(done: Sequence[Checked]) -> int:
    """The exit status: what is refuted, vacuous, or not what a claim says, then what is wrong, then what is open."""
    if any(c.wrong or c.contradicted for c in done):
        return DIFFERS
    if any(c.faults for c in done):
        return USAGE
    return UNDECIDED if any(not c.ok for c in done) else OK


def _wanted(
    options: argparse.Namespace, find: Finder, known: Callable[[], Sequence[str]]
) -> list[tuple[Subject, tuple[Question, ...]]]:
    """What is asked about, each with the questions of its file."""
    found: list[tuple[Subject, tuple[Question, ...]]] = []
    for name in options.names:
        if user_file.is_file(name):
            file = user_file.load(name)
            for note in file.notes:
                print(f"note: {note}", file=sys.stderr)
            found += [(s, file.questions) for s in file.subjects]
        else:
            about = find(name)
            if not about and name in known():
                raise Usage(f"{name} is a sentence about no system: `vrx prove {name}` decides it")
            if not about:
                raise Usage(f"no claim and no bug is called {name!r}; {nearest(name, known())} (a file ends in .py)")
            found += [(s, ()) for s in about]
    return found or [(Subject(CONFIGURATION, rx()), ())]


def _that_have(
    names: Sequence[str], wanted: list[tuple[Subject, tuple[Question, ...]]]
) -> list[tuple[Subject, tuple[Question, ...]]]:
    """Those of the subjects that have a question of one of the names; all, without names.  Raises Usage for a name
    that none of them has."""
    if not names:
        return wanted
    found, every = [], set[str]()
    for subject, questions in wanted:
        asked, skipped = questions_of(subject, questions)
        own = {name for q in (*asked, *(q for q, _ in skipped)) for name in names_of(q)}
        every |= own
        if not own.isdisjoint(names):
            found.append((subject, questions))
    for name in names:
        if name not in every:
            raise Usage(f"no question is called {name!r}; {nearest(name, sorted(every))}")
    return found


def _named(options: argparse.Namespace, subject: Subject, questions: Sequence[Question]) -> list[str]:
    """The names of `--question` that the subject has: another subject may have others."""
    asked, skipped = questions_of(subject, questions)
    own = {name for q in (*asked, *(q for q, _ in skipped)) for name in names_of(q)}
    return [name for name in options.question if name in own]


def _changed(subject: Subject, options: argparse.Namespace) -> Subject:
    """The subject with other options of its configuration, and without some barriers."""
    instead = given_options(options)
    plain = subject.name == CONFIGURATION
    system: System = rx(**instead) if plain else given(subject.system, instead)
    for barrier in options.without:
        system = system.without(barrier)
    return subject.of(system)


def _one(
    subject: Subject, questions: Sequence[Question], options: argparse.Namespace, limits: dict[str, Any], out: TextIO,
    done: list[Checked],
) -> None:
    """The table of one system, which is added to what is done."""
    progress = Progress(1, "systems")
    try:
        checked = check(
            subject,
            questions,
            jobs=options.jobs,
            only=_named(options, subject, questions),
            watch=progress.searching,
            **limits,
        )
    finally:
        progress.clear()
    done.append(checked)
    for line in table(checked):
        print(line, file=out)
    print(file=out, flush=True)


def _family(
    subject: Subject, questions: Sequence[Question], options: argparse.Namespace, limits: dict[str, Any], out: TextIO,
    everything: list[Checked],
) -> None:
    """What is wrong in a member on a line, or each member; ends with the first that refutes, unless all are wanted.

    everything: what is done, to which each member is added
    """
    all_of_it = family(subject.system, given_options(options))
    progress = Progress(len(all_of_it.members), "configurations")
    done: list[Checked] = []
    print(f"{subject.name}   {len(all_of_it.members)} configurations, smallest first", file=out)
    try:
        for system in all_of_it.members:
            one = subject.of(system)
            checked = check(
                one,
                questions,
                jobs=options.jobs,
                only=_named(options, one, questions),
                watch=progress.searching,
                **limits,
            )
            done.append(checked)
            everything.append(checked)
            if options.table or not checked.ok:
                progress.line("  " + member_line(checked), out)
            if (checked.those("refuted") and not options.all) or checked.faults or checked.interrupted:
                break
    finally:
        progress.clear()
    good = sum(checked.ok for checked in done)
    if good and not options.table:
        print(f"  nothing is wrong in {good} of {len(done)} configurations asked: --table lists them", file=out)
    left = len(all_of_it.members) - len(done)
    if left:
        print(f"  {left} larger configurations were not asked: --all asks them", file=out)
    for reason in all_of_it.left_out:
        print(f"  not in the family: {reason}", file=out)
    print(file=out, flush=True)


def member_line(checked: Checked) -> str:
    """One configuration of a family: what is refuted, or how much was proved."""
    cfg = checked.system.cfg.describe()
    if checked.faults:
        return f"error      {cfg}  {checked.faults[0]}"
    refuted = [f"{a.name} in {a.outcome.steps} steps" for a in checked.wrong if a.verdict == "refuted"]
    parts = [f"{len(found)} {word}" for word in ("proved", "undecided") if (found := checked.those(word))]
    vacuous = [a.name for a in checked.those("vacuous")]
    states = max((a.outcome.states or 0 for a in checked.answers), default=0)
    word = "REFUTED" if refuted else "VACUOUS" if vacuous else "undecided" if checked.those("undecided") else "proved"
    about = ", ".join(refuted) if refuted else ", ".join([*parts, *(f"vacuous: {v}" for v in vacuous)])
    return f"{word:9}  {cfg}  {about}  ({states:,} states)"


def summary(done: Sequence[Checked], took: float, bases: Mapping[str, System]) -> list[str]:
    """The last lines: what went wrong, each with the command that shows it, and the count.

    bases: the systems that a command gets by the names of the subjects, without options
    """
    lines = []
    for checked in done:
        if any(a.outcome.leaves_range for a in checked.answers):
            lines.append(f"error    {checked.subject}: the run that leaves the range{_shown_by(checked, None, bases)}")
        for answer in checked.wrong:
            if answer.verdict == "vacuous":
                lines.append(f"vacuous  {checked.subject}: {answer.name}: {answer.outcome.reason}")
                continue
            steps = f" in {answer.outcome.steps} steps" if answer.outcome.steps is not None else ""
            shown = _shown_by(checked, answer, bases)
            lines.append(f"refuted  {checked.subject}: {answer.name}{steps}{shown}")
        for claim, answer in checked.contradicted:
            said = f"{claim.name} says {claim.expected}, and it is {answer.outcome.verdict}"
            lines.append(f"claim    {checked.subject}: {said}")
    count = {v: sum(len(c.those(v)) for c in done) for v in ("refuted", "vacuous", "proved", "undecided")}
    words = ", ".join(f"{n} {v}" for v, n in count.items() if n or v in ("refuted", "proved"))
    lines.append(f"{len(done)} system{'' if len(done) == 1 else 's'}: {words}, {took:.1f} s")
    return lines


def _shown_by(checked: Checked, answer: Answer | None, bases: Mapping[str, System]) -> str:
    """The command that shows the shortest run; an empty string where there is none.  answer: None for any question"""
    if answer is not None and answer.is_cover:
        return ""
    plain = checked.subject == CONFIGURATION
    options = as_options(checked.system.cfg, bases[checked.subject].cfg)
    if options is None:
        return ""
    words = ["vrx", "trace", *([] if plain else [checked.subject]), *options]
    return ":  " + shlex.join([*words, *(["--question", answer.name] if answer else [])])


def _list() -> None:
    for question in STANDARD:
        print(f"{question.name:40} {question.sentence}")
        limits = _limits(question)
        if limits:
            print(f"{'':40}   has a meaning {limits}")


def _limits(question: Property | Liveness) -> str:
    """Where a question has a meaning, in the words of the configuration."""
    words = [f"with {part.name}".replace("with no ", "without ") for part in question.needs.parts]
    reads = question.reads.names
    return " ".join([", ".join(words), *([f"where the state has {', '.join(reads)}"] if reads else [])]).strip()
