"""A conformance run: from the name of a target to the report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from vrx.models.conformance.entrances import OWN, Entrances
from vrx.models.conformance.errors import TargetFailed
from vrx.models.conformance.grammar import GRAMMARS, for_long_runs, random_operations
from vrx.models.conformance.harness.check_run import scenario_of
from vrx.models.conformance.harness.outcome import Totals
from vrx.models.conformance.known_deviations import known_of
from vrx.models.conformance.protocol import About
from vrx.models.conformance.run_report import INTERRUPTED, Report
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.search.corpus import folder_of, of_earlier_runs, of_this_project, save
from vrx.models.conformance.search.search import Search
from vrx.models.conformance.search.situations import scenarios as situations
from vrx.models.conformance.search.tour_runs import follow
from vrx.models.conformance.worker.supervisor import Worker
from vrx.models.terminal.output import Progress

HOSTILE = 4
"""One drawn scenario in so many more is hostile."""
RATE_SCENARIOS, RATE_LENGTH = 12, 1000
"""What the rates are measured on."""


def conform(
    target: str, examples: int, seed: int = 0, saved: str | None = None, entrances: Entrances = OWN
) -> Report:
    """Everything that is known, kept, toured, solved, drawn and measured of one target.

    saved: the folder where findings are kept, and tried first in the next run; None: the cache
    """
    folder = folder_of(saved)
    began = time.monotonic()
    with Worker(target, entrances=entrances) as worker:
        about = worker.about()
        progress = Progress(0, "scenarios")
        search = Search(worker, _watch(progress))
        report = Report(target, about.version, [s.name for s in about.setups])
        try:
            _search(search, report, about, examples, seed, folder)
            report.ended = search.ended
        except TargetFailed as error:
            report.ended = str(error)
        except KeyboardInterrupt:
            report.ended = INTERRUPTED
        finally:
            progress.clear()
        report.scenarios, report.operations = search.totals.scenarios, search.totals.operations
        report.findings, report.skipped = list(search.findings.values()), search.skipped
        report.untold = search.totals.untold
        if not report.operations and not report.ended:
            why = "; ".join(dict.fromkeys(report.skipped.values()))
            report.ended = f"nothing was tested: {why or 'no operation was run'}"
        _keep(report, folder, entrances)
        if not report.ended:
            report.raw_rate, report.judged_rate = rates(worker, report, about, seed)
    report.seconds = time.monotonic() - began
    return report


def _search(search: Search, report: Report, about: About, examples: int, seed: int, folder: Path) -> None:
    """What is known, toured, solved for and drawn, in this order."""
    target, side = report.target, about.side
    grammar = GRAMMARS[side, False]
    search.try_all(k.scenario(target) for k in known_of(target))
    if not search.over:
        found = [(f.deviation, f.scenario) for f in search.findings.values()]
        report.gone = [k for k in known_of(target) if not any(k.is_this(target, *one) for one in found)]
    search.try_all(of_earlier_runs(target, side, folder))
    search.try_all(of_this_project(target, about))
    search.try_all(scenario_of(target, about.setups[0], name) for name in about.checks)
    report.score = follow(search, target, about)
    search.try_all(situations(target, about))
    for setup in about.setups:
        search.draw(target, setup, grammar, examples, seed, hostile=False)
    for setup in about.setups if (side, True) in GRAMMARS else ():
        search.draw(target, setup, GRAMMARS[side, True], -(-examples // HOSTILE), seed, hostile=True)


def _keep(report: Report, folder: Path, entrances: Entrances) -> None:
    """Write the program of each finding that nobody has listed."""
    for finding in report.findings:
        if not report.known(finding):
            try:
                path = save(folder, finding.deviation, finding.scenario, entrances.replay)
            except OSError as error:
                print(f"a finding is not kept: {error}", file=sys.stderr)
            else:
                report.files[finding.deviation.cause] = str(path)


def _watch(progress: Progress) -> Callable[[Totals], None]:
    def watch(totals: Totals) -> None:
        if progress.on and totals.scenarios % 20 == 0:
            progress.counting(totals.scenarios, totals.operations)

    return watch


def rates(worker: Worker, report: Report, about: About, seed: int) -> tuple[float, float]:
    """Operations a second of processor time in the target's process: raw, and judged; 0 where it cannot be measured."""
    r = Random(seed)
    setups = [s for s in about.setups if s.name not in report.skipped]
    grammar = for_long_runs(about.side, about.can)
    scenarios = [
        Scenario(report.target, setups[i % len(setups)], random_operations(grammar, r, RATE_LENGTH), origin="soak")
        for i in range(RATE_SCENARIOS)
    ]
    found = []
    for judged in (False, True):
        totals = Totals()
        for scenario in scenarios:
            try:
                outcome = worker.run(scenario, judged)
            except TargetFailed:  # unjudged, nobody tells it from a target that breaks the rules
                return 0.0, 0.0
            if any(d.clause == "hang" for d in outcome.deviations):
                return 0.0, 0.0
            totals.add(outcome)
        found.append(totals.operations / totals.seconds if totals.seconds else 0.0)
    return found[0], found[1]
