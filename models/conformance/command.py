"""The command `vrx conform`: its options, and what they start.

What takes long to load is loaded when it is needed.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vrx.models.conformance.entrances import OWN, Entrances
from vrx.models.conformance.errors import BadScenario, ConformError
from vrx.models.terminal import output as files
from vrx.models.terminal.output import DIFFERS, OK, UNDECIDED, USAGE, Usage, count_from_1

if TYPE_CHECKING:
    from vrx.models.conformance.scenario import Scenario

EXAMPLES = 30
"""Drawn scenarios for each configuration, where nothing else is said."""
INSTEAD = ("validate", "sensitivity", "soak", "replay")
"""What is done in the place of a run."""
OF_A_RUN = ("examples", "json", "junit", "save")
"""Options of a run."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `vrx conform`."""
    parser.add_argument("target", metavar="TARGET", help="linux-vring, qemu, qemu-pci, linux-qemu, "
                        "spec-driver, spec-device, or FILE.py:CLASS; see docs/conformance.md")  # fmt: skip
    about = f"drawn scenarios a configuration (default: {EXAMPLES})"
    parser.add_argument("--examples", type=count_from_1, metavar="N", help=about)
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of what is drawn")
    parser.add_argument("--json", metavar="FILE", help="- for standard output")
    parser.add_argument("--junit", metavar="FILE", help="write the findings as JUnit's XML")
    parser.add_argument("--save", metavar="DIR", help="where findings are kept and tried first (default: the cache)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--validate", metavar="FILE", help="is this trace of QEMU one that the model allows?")
    instead.add_argument("--sensitivity", action="store_true", help="plant faults, one by one: which are found?")
    instead.add_argument("--soak", type=count_from_1, metavar="N", help="one long run of N judged operations: rate and "
                         "memory")  # fmt: skip
    instead.add_argument("--replay", metavar="FILE", help="run one scenario: a file, or the name of a known deviation")


def run(options: argparse.Namespace, entrances: Entrances = OWN) -> int:
    """Run the command; the result is the exit status."""
    instead = next((name for name in INSTEAD if getattr(options, name)), None)
    if instead is not None:
        for name in OF_A_RUN:
            if getattr(options, name) is not None:
                raise Usage(f"--{name} says something of a whole run; leave it out where there is --{instead}")
    for path in (options.json, options.junit):
        if path:
            files.writable(path)
    if options.save is not None:
        try:
            Path(options.save).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadScenario(f"cannot keep anything in {options.save}: {error.strerror}") from None
    if options.validate is not None:
        return validated(Path(options.validate), options.target)
    if options.replay is not None:
        return replay(*_saved(options.replay, options.target), entrances)
    if options.sensitivity:
        return sensitivity(options.target, options.seed, entrances)
    if options.soak:
        from vrx.models.conformance.soak import soak

        return soak(options.target, options.soak, options.seed, entrances)
    out = sys.stderr if options.json == "-" else sys.stdout
    from vrx.models.conformance.main import conform
    from vrx.models.conformance.run_report import INTERRUPTED

    report = conform(options.target, options.examples or EXAMPLES, options.seed, options.save, entrances)
    if report.ended == INTERRUPTED:
        print("vrx: interrupted: this is what was found by then", file=sys.stderr)
    print(report.text(), file=out)
    if options.json:
        files.write(options.json, files.as_text(report.as_json()))
    if options.junit:
        files.write(options.junit, report.junit())
    return report.status


def sensitivity(target: str, seed: int, entrances: Entrances = OWN) -> int:
    """Plant the faults of a target and say which are found; the exit status."""
    from vrx.models.conformance.search.sensitivity import HEAD, faults_of, plant, summary

    faults_of(target)
    print(HEAD)
    planted = plant(target, seed, lambda p: print(p.line(), flush=True), entrances)
    print(f"\n{target}: {summary(planted)}")
    return OK if all(p.as_expected for p in planted) else DIFFERS


def validated(path: Path, target: str) -> int:
    """Follow a trace of QEMU's own events along the model; the exit status."""
    from vrx.models.conformance.errors import NoTarget
    from vrx.models.conformance.targets.qemu.validate import report, validate

    if target != "qemu":
        raise NoTarget(f"{target} writes no trace that could be checked: vrx conform qemu --validate {path}")
    followed = validate(path)
    print(report(path, followed))
    return DIFFERS if followed.finding else OK


def _saved(name: str, target: str) -> tuple[Scenario, str]:
    """The scenario that `--replay` means, on the target that the command names; and what it is called."""
    from vrx.models.conformance.known_deviations import KNOWN
    from vrx.models.conformance.scenario import from_text
    from vrx.models.systems.nearest_names import nearest

    for known in KNOWN:
        if known.id == name:
            return known.scenario(target), name
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        of_target = [k.id for k in KNOWN if target.partition("+")[0] in k.targets] or [k.id for k in KNOWN]
        raise BadScenario(f"cannot read {name}: {why}; of known deviations, {nearest(name, of_target)}") from None
    try:
        return replace(from_text(text), target=target), name
    except BadScenario as error:
        raise BadScenario(f"{name}: {error}") from None


def replay_text(text: str, entrances: Entrances = OWN) -> int:
    """What a saved program does: run the scenario, say what came of it; one line for what is wrong with it."""
    from vrx.models.conformance.scenario import from_text

    try:
        return replay(from_text(text), sys.argv[0], entrances)
    except ConformError as error:
        print(f"vrx: {' '.join(str(error).split())}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("vrx: interrupted", file=sys.stderr)
        return UNDECIDED


def replay(scenario: Scenario, name: str, entrances: Entrances = OWN) -> int:
    """Run one scenario and say what came of it; the exit status, which is that of a run that does the same.

    name: of the file, or of the known deviation
    """
    from vrx.models.conformance.harness.outcome import untold_lines
    from vrx.models.conformance.harness.runs import check
    from vrx.models.conformance.known_deviations import KNOWN, recognise
    from vrx.models.conformance.run_report import word
    from vrx.models.conformance.worker.supervisor import Worker

    target = scenario.target
    with Worker(target, entrances=entrances) as worker:
        about = worker.about()
        try:
            check(scenario, about.side)
        except BadScenario as error:
            raise BadScenario(f"{name} is nothing that a {about.side} can be asked for: {error}") from None
        outcome = worker.run(scenario)
        if outcome.unsupported:
            raise BadScenario(f"{target} does not take {scenario.setup.name}: {outcome.unsupported}")
        found = list(outcome.deviations)
        if scenario.origin == "tour" and about.model and not found:
            from vrx.models.conformance.search.tour_runs import difference

            found += filter(None, [difference(worker, about.model, scenario)])
    print(scenario.text())
    for d in found:
        known = recognise(target, d, scenario)
        print(f"{word(known, d)}  {d.clause} {d.level}: {d.summary}, after operation {d.at}")
        if known:
            print(f"          {known.id}: {known.reason}")
        print(f"          expected  {d.expected}\n          seen      {d.seen}")
    asked = next((k for k in KNOWN if k.id == name), None)
    if asked is not None and target.partition("+")[0] not in asked.targets:
        asked = None
    if asked is not None and not any(asked.is_this(target, d, scenario) for d in found):
        print(f"gone      {asked.clause}: {asked.summary}\n          seen in {', '.join(asked.versions)}")
    for line in untold_lines(outcome.untold):
        print(line)
    if not found:
        print(f"{outcome.operations} operations: nothing that the standard does not allow")
    return DIFFERS if any(d.counts and not recognise(target, d, scenario) for d in found) else OK
