"""`vrx mutants`: faults made by rule in the steps, and which standard question sees each of them.

Exit status: 0 every mutant is killed, equal or explained; 1 one survived, or an
explanation is not so; 2 usage; 3 undecided within the limits, or interrupted.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from time import monotonic
from typing import Any

from vrx.models.deciding.engine import Unreachable, cpus
from vrx.models.deciding.many_claims import prove
from vrx.models.mutation import systems
from vrx.models.mutation.differences import glances
from vrx.models.mutation.fate import SECONDS, Fate, as_claim_of, wrongly_killed
from vrx.models.mutation.mutant_cache import Shelf
from vrx.models.mutation.mutants import Mutant, all_mutants
from vrx.models.mutation.systems import never_taken_at_all
from vrx.models.mutation.table import Died, Table, as_module, digest, killers_of
from vrx.models.systems.nearest_names import nearest
from vrx.models.terminal.output import (
    DIFFERS,
    OK,
    UNDECIDED,
    Progress,
    Usage,
    as_text,
    count_from_1,
    seconds,
    writable,
    write,
)
from vrx.proofs.command.mutants_page import PAGE, page, reasons
from vrx.proofs.running import ring_option

VERSION = 1
FILE = "proofs/killed.py"
"""Where the table of what kills what is kept."""


@dataclass(frozen=True)
class Found:
    """A mutant and its fate.  explained: why it may survive; empty where nobody says."""

    mutant: Mutant
    fate: Fate
    explained: str = ""

    @property
    def word(self) -> str:
        """killed, equal, explained, survived, undecided."""
        return "explained" if self.fate.word == "survived" and self.explained else self.fate.word

    @property
    def wrong(self) -> str:
        """What is wrong with the explanation: the mutant is killed, or needs none.  Empty where nothing is."""
        if not self.explained or self.fate.word in ("survived", "undecided"):
            return ""
        return f"{self.mutant.name} is explained, but {self.fate.word}{self._by}: take the explanation out"

    @property
    def _by(self) -> str:
        return f" by {', '.join(killers_of(self.fate.by, self.fate.vacuous))}" if self.fate.by else ""

    def line(self) -> str:
        """For people."""
        mutant, fate = self.mutant, self.fate
        if self.word == "killed":
            how = f" in {fate.steps} steps" if fate.steps is not None else ""
            why = f"  ({fate.reason})" if fate.reason else ""
            return f"killed     {mutant.name}{self._by}{how} on {fate.on}{why}"
        if self.word == "equal":
            return f"equal      {mutant.name}: the same transition system everywhere"
        if self.word == "explained":
            return f"explained  {mutant.name}: {self.explained}"
        if self.word == "undecided":
            return f"undecided  {mutant.name}: {fate.reason}"
        never = "" if fate.differs else "shows a difference" if fate.reached else "comes to it"
        never = f"no run of the systems asked {never}; " if never else ""
        return f"SURVIVED   {mutant.name}  {never}{mutant.place}: {mutant.before}  =>  {mutant.after}"

    def as_json(self) -> dict[str, Any]:
        """The entry in `vrx mutants --json`; the fields are described in docs/formats.md."""
        mutant, fate = self.mutant, self.fate
        return {
            "name": mutant.name,
            "function": mutant.function,
            "kind": mutant.kind,
            "file": mutant.file,
            "line": mutant.line,
            "before": mutant.before,
            "after": mutant.after,
            "fate": self.word,
            "by": list(fate.by),
            "vacuous": fate.vacuous,
            "steps": fate.steps,
            "rule": fate.rule,
            "reached": fate.reached,
            "differs": fate.differs,
            "system": fate.on,
            "searched": fate.asked,
            "seconds": round(fate.seconds, 3),
            "reason": self.explained if self.word == "explained" else fate.reason,
        }


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--sample", type=count_from_1, metavar="N", help="only so many, drawn by --seed, one of each "
                        "function first")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of --sample")
    parser.add_argument("--step", action="append", default=[], metavar="NAME", help="only of this step or helper, or "
                        "of those that a pattern means; or one mutant, by its name; repeatable")  # fmt: skip
    ring_option(parser, "of the functions")
    parser.add_argument("--list", action="store_true", help="only list them")
    parser.add_argument("--jobs", type=count_from_1, default=cpus(), metavar="N", help="mutants at a time")
    about = "of each search, of which a mutant has up to one for each system asked (default: %(default)g)"
    parser.add_argument("--time", type=seconds, default=SECONDS, metavar="SECONDS", help=about)
    parser.add_argument("--pin", action="store_true", help="write proofs/killed.py and docs/mutants.md; with --sample")
    parser.add_argument("--json", metavar="FILE", help="- for standard output")


def run(options: argparse.Namespace, explained: Mapping[str, str], unreachable: Sequence[Unreachable]) -> int:
    """Run the command.

    explained: mutant -> why no question sees it; unreachable: steps that no original takes
    """
    mutants = chosen(options.step, options.sample, options.seed, options.ring)
    if options.list:
        for m in mutants:
            print(f"{m.name}  {m.place}: {m.before}  =>  {m.after}")
        return OK
    if options.json:
        writable(options.json)
    if options.pin and (options.step or options.ring or options.sample is None):
        raise Usage(
            "--pin writes the table of a sample of all: use --sample 300 --seed 1 --pin, without --step and --ring"
        )
    out = sys.stderr if options.json == "-" else sys.stdout
    wrong = unknown(explained)
    found: list[Found] = []
    by_name = {m.name: m for m in mutants}
    progress = Progress(len(mutants), "mutants")
    began = monotonic()
    interrupted = False
    try:
        with tempfile.TemporaryDirectory(prefix="vrx-mutants-") as folder:
            shelf = Shelf()
            seen = glances(mutants, systems.SYSTEMS, options.jobs, options.time, shelf, folder)
            claims = [
                as_claim_of(
                    m,
                    seen[m.name],
                    systems=systems.SYSTEMS,
                    seconds=options.time,
                    folder=folder,
                    shelf=shelf,
                )
                for m in mutants
            ]
            for result in prove(claims, jobs=options.jobs):
                outcome, name = result.outcome, result.claim.name
                fate = outcome if isinstance(outcome, Fate) else Fate("undecided", "-", reason=outcome.reason)
                why = explained.get(name, "")
                if fate.word == "survived":
                    why = why or never_taken_at_all(by_name[name], unreachable)
                found.append(Found(by_name[name], fate, why))
                progress.line(found[-1].line(), out)
        wrong += wrongly_killed([f.fate for f in found], systems.SYSTEMS, options.jobs, options.time)
    except KeyboardInterrupt:
        interrupted = True
    progress.clear()
    if interrupted:
        left = f"{len(mutants) - len(found)} of {len(mutants)} mutants are left"
        print(f"vrx: interrupted: {left}; the same command takes up what the searches have found", file=sys.stderr)
    place = {m.name: n for n, m in enumerate(mutants)}
    found.sort(key=lambda f: place[f.mutant.name])
    for line in summary(found, wrong, monotonic() - began):
        print(line, file=out)
    if options.json:
        known = {f.mutant.name for f in found}
        left_over = Fate("undecided", "-", reason="interrupted", why="interrupted")
        everything = [*found, *(Found(m, left_over) for m in mutants if m.name not in known)]
        write(options.json, as_text(as_json(everything)))
    if options.pin and not interrupted:
        kept = as_table(found, options, monotonic() - began)
        Path(FILE).write_text(as_module(kept), encoding="utf-8")
        Path(PAGE).write_text(page(kept, all_mutants(), reasons(unreachable, explained)), encoding="utf-8")
    return status(found, wrong, interrupted)


def chosen(steps: Sequence[str], sample: int | None, seed: int, ring: str | None = None) -> list[Mutant]:
    """The mutants that names and patterns of functions mean, or a sample of them, in the order of the code.

    ring: only those of the functions of a layout
    """
    mutants = [m for m in all_mutants() if ring in (None, m.layout)]

    def means(name: str, mutant: Mutant) -> bool:
        called = mutant.name.partition(":")[0]  # with the layout where another one has such a function
        return name in (mutant.name, called) or fnmatchcase(mutant.function, name)

    for name in steps:
        if not any(means(name, m) for m in mutants):
            raise Usage(f"no step with mutants is called {name!r}; {nearest(name, {m.function for m in mutants})}")
    if steps:
        mutants = [m for m in mutants if any(means(name, m) for name in steps)]
    return mutants if sample is None or sample >= len(mutants) else drawn(mutants, sample, seed)


def drawn(mutants: Sequence[Mutant], sample: int, seed: int) -> list[Mutant]:
    """So many of some mutants, in their order: as far as there is room one of each function, the others any."""
    order = random.Random(seed).sample(range(len(mutants)), len(mutants))
    firsts: dict[str, int] = {}
    for n in order:
        firsts.setdefault(mutants[n].function, n)
    taken = [*firsts.values(), *(n for n in order if n not in firsts.values())][:sample]
    return [mutants[n] for n in sorted(taken)]


def unknown(explained: Mapping[str, str]) -> list[str]:
    """What is wrong with explanations of mutants that do not exist."""
    names = [m.name for m in all_mutants()]
    return [f"no mutant is called {name!r}, which is explained; {nearest(name, names)}"
            for name in explained if name not in names]  # fmt: skip


def summary(found: Sequence[Found], wrong: Sequence[str], took: float) -> Iterator[str]:
    """What kills what, the survivors, what else is wrong, and the counts.  wrong: explanations, and questions"""
    kills = [killers_of(f.fate.by, f.fate.vacuous) for f in found if f.word == "killed"]
    total = Counter(question for by in kills for question in by)
    alone = Counter(by[0] for by in kills if len(by) == 1)
    if total:
        yield ""
        yield "killed  alone  by"
        for question, count in sorted(total.items(), key=lambda item: (-item[1], item[0])):
            yield f"{count:6}  {alone[question]:5}  {question}"
        yield ""
    for one in found:
        if one.word in ("survived", "undecided"):
            yield one.line()
    yield from wrong
    yield from (one.wrong for one in found if one.wrong)
    counts = Counter(one.word for one in found)
    never = sum(one.word == "survived" and not one.fate.reached for one in found)
    words = [f"{counts[word]} {word}" for word in ("killed", "equal", "explained", "survived", "undecided")]
    if never:
        words[3] += f" ({never} that no run comes to)"
    yield f"{len(found)} mutant{'' if len(found) == 1 else 's'}: {', '.join(words)}, {took:.1f} s"


def as_table(found: Sequence[Found], options: argparse.Namespace, took: float) -> Table:
    """What is kept of a run (`models.mutation.table`)."""
    died = {}
    for one in found:
        fate = one.fate
        note = "" if fate.differs or fate.word != "survived" else "reached" if fate.reached else "unreached"
        note = fate.reason if fate.word == "undecided" else note
        died[one.mutant.name] = Died(fate.word, fate.by, fate.rule, note, fate.vacuous)
    of = digest([one.mutant for one in found])
    return Table(options.sample, options.seed, of, round(took / 60), died)


def as_json(found: Sequence[Found]) -> dict[str, Any]:
    """`vrx mutants --json`, described in docs/formats.md."""
    return {"version": VERSION, "mutants": [f.as_json() for f in found]}


def status(found: Sequence[Found], wrong: Sequence[str], interrupted: bool) -> int:
    """The exit status."""
    if wrong or any(f.word == "survived" or f.wrong for f in found):
        return DIFFERS
    return UNDECIDED if interrupted or any(f.word == "undecided" for f in found) else OK
