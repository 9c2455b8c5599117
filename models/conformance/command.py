"""The command `vrx conform`: its options, and what they start.

What takes long to load is loaded when it is needed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vrx.models.conformance.errors import BadScenario
from vrx.models.terminal import output as files
from vrx.models.terminal.output import DIFFERS, OK

if TYPE_CHECKING:
    from vrx.models.conformance.scenario import Scenario

EXAMPLES = 30
"""Drawn scenarios for each configuration, where nothing else is said."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `vrx conform`."""
    parser.add_argument("target", metavar="TARGET", help="linux-vring, qemu, qemu-pci, linux-qemu, "
                        "spec-driver, spec-device, or FILE.py:CLASS; see docs/conformance.md")  # fmt: skip
    parser.add_argument("--examples", type=int, default=EXAMPLES, metavar="N", help="drawn scenarios a configuration")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the drawn scenarios")
    parser.add_argument("--json", metavar="FILE", help="- for standard output")
    parser.add_argument("--junit", metavar="FILE", help="write the findings as JUnit's XML")
    parser.add_argument("--validate", metavar="FILE", help="is this trace of QEMU one that the model allows?")
    parser.add_argument("--sensitivity", action="store_true", help="plant faults, one by one: which are found?")
    parser.add_argument("--soak", type=int, metavar="N", help="one long run of N judged operations: rate and memory")
    parser.add_argument("--save", metavar="DIR", help="where findings are kept and tried first (default: the cache)")
    parser.add_argument("--replay", metavar="FILE", help="run one scenario: a file, or the name of a known deviation")


def run(options: argparse.Namespace) -> int:
    """Run the command; the result is the exit status."""
    for path in (options.json, options.junit):
        if path:
            files.writable(path)
    if options.save:
        try:
            Path(options.save).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadScenario(f"cannot keep anything in {options.save}: {error.strerror}") from None
    if options.validate:
        return validated(Path(options.validate), options.target)
    if options.replay:
        return replay(_saved(options.replay, options.target))
    if options.sensitivity:
        return sensitivity(options.target, options.seed)
    if options.soak:
        from vrx.models.conformance.soak import soak

        return soak(options.target, options.soak, options.seed)
    out = sys.stderr if options.json == "-" else sys.stdout
    from vrx.models.conformance.main import conform

    report = conform(options.target, options.examples, options.seed, options.save)
    if report.interrupted:
        print("vrx: interrupted: this is what was found by then", file=sys.stderr)
    print(report.text(), file=out)
    if options.json:
        files.write(options.json, files.as_text(report.as_json()))
    if options.junit:
        files.write(options.junit, report.junit())
    return report.status


def sensitivity(target: str, seed: int) -> int:
    """Plant the faults of a target and say which are found; the exit status."""
    from vrx.models.conformance.search.sensitivity import HEAD, plant, summary

    print(HEAD)
    planted = plant(target, seed, lambda p: print(p.line(), flush=True))
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


def _saved(name: str, target: str) -> Scenario:
    """The scenario that `--replay` means."""
    from vrx.models.conformance.known_deviations import KNOWN
    from vrx.models.conformance.scenario import from_text

    for known in KNOWN:
        if known.id == name:
            return known.scenario(target)
    try:
        return from_text(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        names = ", ".join(k.id for k in KNOWN)
        raise BadScenario(f"cannot read {name}: {why}; a known deviation is one of {names}") from None


def replay_text(text: str) -> int:
    """What a saved program does: run the scenario, say what came of it."""
    from vrx.models.conformance.scenario import from_text

    return replay(from_text(text))


def replay(scenario: Scenario) -> int:
    """Run one scenario and say what came of it; the exit status."""
    from vrx.models.conformance.worker.supervisor import Worker

    print(scenario.text())
    with Worker(scenario.target) as worker:
        model = worker.about().model
        outcome = worker.run(scenario)
        found = list(outcome.deviations)
        if scenario.origin == "tour" and model and not found:
            from vrx.models.conformance.search.tour_runs import difference

            found += filter(None, [difference(worker, model, scenario)])
    for d in found:
        print(f"after operation {d.at}: {d.clause} {d.level}: {d.summary}")
        print(f"    expected {d.expected}\n    seen     {d.seen}")
    if not found:
        print(f"{outcome.operations} operations: nothing that the standard does not allow")
    return DIFFERS if found else OK
