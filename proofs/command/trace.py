"""`vrx trace`: the shortest counterexample of a claim, a bug or a system of the user's; traces read back from files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vrx.models.claims import Claim, Exhibit, Question, Statement
from vrx.models.deciding import user_file
from vrx.models.deciding.checking import names_of, questions_of, watched_twin
from vrx.models.deciding.counterexample import NoRun, shortest
from vrx.models.deciding.user_file import Subject
from vrx.models.systems.family import given
from vrx.models.systems.nearest_names import nearest
from vrx.models.systems.step_errors import OutOfRange
from vrx.models.systems.system import System
from vrx.models.terminal.output import OK, Usage, as_text, writable, write
from vrx.models.traces import narration
from vrx.models.traces.events import Trace
from vrx.models.traces.trace import way_to_fault
from vrx.models.traces.trace_file import BadTrace, from_text, to_json
from vrx.proofs.command.options import add_system_options, given_options, notes_on, smallest


@dataclass(frozen=True)
class Library:
    """The claims and the bugs that have names, made when they are asked for."""

    claims: Callable[[], Sequence[Claim]]
    exhibits: Callable[[], Sequence[Exhibit]]

    def names(self) -> list[str]:
        """All names."""
        return [*(c.name for c in self.claims()), *(e.id for e in self.exhibits())]

    def find(self, name: str) -> Claim | Exhibit | None:
        """The claim or the bug of a name."""
        claim = next((c for c in self.claims() if c.name == name), None)
        return claim or next((e for e in self.exhibits() if e.id == name), None)

    def subjects(self, name: str) -> list[Subject]:
        """The systems that a claim or a bug is about; none for a name that is not known."""
        entry = self.find(name)
        if isinstance(entry, Exhibit):
            own = (entry.asks,)
            return [Subject(name, entry.faulty, own), Subject(f"{name} (fixed)", entry.fixed, own)]
        if entry is None or entry.system is None:
            return []
        return [Subject(name, entry.system, () if isinstance(entry, Statement) or entry.decide else (entry.asks,))]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("subject", nargs="?", metavar="FILE.py:NAME|BUG|CLAIM", help="what is refuted; "
                        "a file is Python and is run; without one, what the system options describe")  # fmt: skip
    parser.add_argument("--question", metavar="NAME", help="the run that refutes this one; without, the shortest run "
                        "that refutes any (of a claim or a bug: its own)")  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of what is written")
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="where to (default: standard output)")
    parser.add_argument("--replay", metavar="FILE", help="replay a trace written with --json, without checking again; "
                        "one of a file of yours together with that file: --replay trace.json my.py")  # fmt: skip
    add_system_options(parser, {}, limits=True)


def run(options: argparse.Namespace, library: Library) -> int:
    """Run the command."""
    writable(options.output)
    try:
        trace = _replayed(options, library) if options.replay is not None else _counterexample(options, library)
    except OutOfRange as error:
        if error.moves and options.format != "json":
            write(options.output, narration.text(way_to_fault(*error.of, error.moves)) + "\n")
        raise
    shown = as_text(to_json(trace)) if options.format == "json" else narration.text(trace) + "\n"
    write(options.output, shown)
    return OK


def _replayed(options: argparse.Namespace, library: Library) -> Trace:
    if options.subject is not None and not user_file.is_file(options.subject):
        raise Usage("--replay takes its claim from the file: name either a claim or a file")
    try:
        text = Path(options.replay).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise Usage(f"cannot read {options.replay}: {why}") from None

    def find(subject: str, wanted: str) -> tuple[System, Question] | None:
        if options.subject is not None and user_file.is_file(subject):
            file, name = user_file.split(options.subject)
            loaded = user_file.load(f"{file}:{name or user_file.split(subject)[1]}")
            system = given(loaded.subjects[0].system, given_options(options))
            for barrier in options.without:
                system = system.without(barrier)
            about = _telling_apart(wanted, Subject(subject, system, loaded.subjects[0].own), loaded.questions)
            return about.system, _question(wanted, about.system, about, loaded.questions)
        entry = library.find(subject)
        if entry is None or isinstance(entry, Statement):
            return None
        system = given(entry.faulty if isinstance(entry, Exhibit) else entry.system, given_options(options))
        for barrier in options.without:
            system = system.without(barrier)
        if system.cfg == (entry.faulty if isinstance(entry, Exhibit) else entry.system).cfg:
            return system, entry.asks
        return system, _question(wanted, system, Subject(subject, system, (entry.asks,)), ())

    try:
        return from_text(text, find)
    except BadTrace as error:
        raise BadTrace(f"{options.replay}: {error}") from None


def _counterexample(options: argparse.Namespace, library: Library) -> Trace:
    name = options.subject
    questions: Sequence[Question] = ()
    own: Question | None = None
    if name is None:
        if not given_options(options) and not options.question:
            raise Usage("name a claim, a bug or a FILE.py:NAME, options of a configuration, or a trace with --replay")
        subject = Subject("configuration", smallest(options), ())
    elif user_file.is_file(name):
        file = user_file.load(name)
        questions = file.questions
        if len(file.subjects) > 1:
            raise Usage(f"{name} has several systems: name one, {', '.join(s.name for s in file.subjects)}")
        subject = file.subjects[0]
    else:
        subject, own = _known(name, library, bool(options.question))
    system = given(subject.system, given_options(options))
    for barrier in options.without:
        system = system.without(barrier)
    subject = Subject(subject.name, system, subject.own)
    for note in notes_on(subject.name, system, given_options(options)) if given_options(options) else ():
        print(note, file=sys.stderr)
    if not options.question:
        try:
            return shortest(subject, own, questions)
        except NoRun:
            if own is None:
                raise
            raise NoRun(f"{name} is claimed to be refuted, but it is proved: there is no such run") from None
    subject = _telling_apart(options.question, subject, questions)
    called = _called(options.question, subject.system, subject, questions)
    for question in called[:-1]:  # a question of the user's may have the name of another
        try:
            return shortest(subject, question, questions)
        except NoRun:
            continue
    return shortest(subject, called[-1], questions)


def _known(name: str, library: Library, asked: bool) -> tuple[Subject, Question]:
    """A claim or a bug, and its own question."""
    entry = library.find(name)
    if entry is None and (about := [s for e in library.exhibits() for s in library.subjects(e.id) if s.name == name]):
        return about[0], about[0].own[0]
    if entry is None:
        raise Usage(f"no claim and no bug is called {name!r}; {nearest(name, library.names())}")
    if isinstance(entry, Exhibit):
        return Subject(name, entry.faulty, ()), entry.asks
    if isinstance(entry, Statement):
        raise Usage(f"{name} is not about the runs of a system: there is no run to show")
    if entry.expected != "refuted" and not asked:
        raise Usage(f"{name} is claimed to be {entry.expected}: there is no counterexample to show")
    return Subject(name, entry.system, ()), entry.asks


def _telling_apart(name: str, subject: Subject, questions: Sequence[Question]) -> Subject:
    """The subject with packets that can be told apart, where the question of this name needs that; else as it is."""
    twin, of_packets = watched_twin(subject.system, questions_of(subject, questions)[1])
    needed = any(name in names_of(question) for question in of_packets)
    return Subject(subject.name, twin, subject.own) if needed else subject


def _called(name: str, system: System, subject: Subject, questions: Sequence[Question]) -> list[Question]:
    """The questions of a name that can be asked of the system.  Raises Usage where there is none."""
    asked, _ = questions_of(subject, questions)
    return [q for q in asked if name in names_of(q)] or [_question(name, system, subject, questions)]


def _question(name: str, system: System, subject: Subject, questions: Sequence[Question]) -> Question:
    """The question of a name that can be asked of the system.  Raises Usage where there is none."""
    asked, skipped = questions_of(subject, questions)
    for one in asked:
        if name == one.name:
            return one
    for one, why in skipped:
        if one.name == name:
            raise Usage(f"{name} has no meaning for {system.name}: {why}")
    raise Usage(f"no question is called {name!r}; {nearest(name, [q.name for q in asked])}")
