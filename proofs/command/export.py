"""`vrx export`: a system for another tool, written from its traced steps."""

from __future__ import annotations

import argparse

from vrx.models.deciding import user_file
from vrx.models.deciding.user_file import Subject
from vrx.models.engines.promela import promela
from vrx.models.systems.family import given
from vrx.models.systems.nearest_names import nearest
from vrx.models.terminal.output import OK, Usage, writable, write
from vrx.proofs.command.options import add_system_options, given_options, smallest
from vrx.proofs.command.trace import Library


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("subject", nargs="?", metavar="FILE.py:NAME|BUG|CLAIM", help="whose system; "
                        "a file is Python and is run; without one, what the system options describe")  # fmt: skip
    about = "as Promela, for Spin: all its states, one for one; docs/figures.md has the commands"
    parser.add_argument("--promela", action="store_true", required=True, help=about)
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="where to (default: standard output)")
    add_system_options(parser, {}, limits=True)


def run(options: argparse.Namespace, library: Library) -> int:
    """Run the command."""
    writable(options.output)
    system = given(_subject(options, library).system, given_options(options))
    for barrier in options.without:
        system = system.without(barrier)
    write(options.output, promela(system))
    return OK


def _subject(options: argparse.Namespace, library: Library) -> Subject:
    name: str | None = options.subject
    if name is None:
        return Subject("configuration", smallest(options))
    if user_file.is_file(name):
        subjects = user_file.load(name).subjects
        if len(subjects) > 1:
            raise Usage(f"{name} has several systems: name one, {', '.join(s.name for s in subjects)}")
        return subjects[0]
    if not (known := library.subjects(name)):
        raise Usage(f"no claim and no bug with a system is called {name!r}; {nearest(name, library.names())}")
    return known[0]
