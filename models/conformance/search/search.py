"""Looking for deviations: scenarios drawn by Hypothesis, one configuration after the other, each finding shrunk.

A finding is kept once for each cause.  A search goes on behind it: what was found
already no longer counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from zlib import crc32

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.grammar import Grammar, strategy
from vrx.models.conformance.harness.outcome import Outcome, Totals
from vrx.models.conformance.known_deviations import avoided, told_apart
from vrx.models.conformance.protocol import Setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.search.shrink import shrink
from vrx.models.conformance.worker.supervisor import Worker

Cause = tuple[str, str, str]
Drawn = st.SearchStrategy[list[Operation]]
AT_ONCE = 500
"""Examples of one run of Hypothesis, which remembers each of them: memory stays flat however many are asked for."""
AFTER_A_HANG, MOST_HANGS = 2.0, 12
"""Seconds that a scenario may take once one has hung; and how many may hang until the search ends."""
UNAVOIDED = 5
"""One in so many scenarios may do what is known to lead to a deviation."""


@dataclass
class Finding:
    """A deviation and the shortest scenario seen that shows it."""

    deviation: Deviation
    scenario: Scenario
    steady: bool = True
    setups: set[str] = field(default_factory=set)

    @property
    def cause(self) -> Cause:
        """Equal for findings that are shown once."""
        return told_apart(self.deviation, self.scenario)


class _Seen(Exception):
    """A new cause; Hypothesis shrinks to the shortest scenario that raises it."""


class Search:
    """Collects what scenarios on one worker come to.

    findings: by cause; totals: sums; skipped: configurations that the target does not take, and why
    first: the first finding that is enough; the search ends with it
    ended: why nothing more is tried, or an empty string
    """

    def __init__(
        self,
        worker: Worker,
        watch: Callable[[Totals], None] = lambda _: None,
        enough: Callable[[Finding], bool] = lambda _: False,
    ) -> None:
        self.worker, self.watch, self.enough = worker, watch, enough
        self.first: Finding | None = None
        self.findings: dict[Cause, Finding] = {}
        self.totals = Totals()
        self.ended = ""
        self._hangs = 0
        self.skipped: dict[str, str] = {}

    def run(self, scenario: Scenario, watched: bool = False) -> Outcome:
        """Run one scenario and count it."""
        outcome = self.worker.run(scenario, watched=watched)
        if outcome.unsupported:
            self.skipped[scenario.setup.name] = outcome.unsupported
        if any(d.clause == "hang" for d in outcome.deviations):
            self._hung()
        self.totals.add(outcome)
        self.watch(self.totals)
        return outcome

    def _hung(self) -> None:
        """The first time the whole limit was waited for; the next times there is less patience, and not for ever."""
        self._hangs += 1
        self.worker.limit = min(self.worker.limit, AFTER_A_HANG)
        if self._hangs == MOST_HANGS:
            self.ended = f"{MOST_HANGS} scenarios found no end: nothing more was tried"

    @property
    def over(self) -> bool:
        """Is nothing more to be tried?"""
        return self.first is not None or bool(self.ended)

    def draw(self, target: str, setup: Setup, grammar: Grammar, examples: int, seed: int, hostile: bool) -> None:
        """`examples` scenarios for one configuration; findings are shrunk as they come.

        Each configuration has a seed of its own: with one for all, the same scenarios are drawn in each.
        """
        seed = crc32(f"{seed} {setup.name} {hostile}".encode())
        avoid = avoided(target)
        few = min(examples, 1 + examples // UNAVOIDED) if avoid else 0
        for left, shunned in ((few, frozenset[tuple[str, int, int]]()), (examples - few, avoid)):
            while left > 0 and not self.over and setup.name not in self.skipped:
                drawn = strategy(grammar, seed, shunned)
                left -= self._draw_until_new(target, setup, drawn, min(left, AT_ONCE), seed, hostile)
                seed += 1

    def _draw_until_new(
        self, target: str, setup: Setup, drawn: Drawn, examples: int, seed: int, hostile: bool
    ) -> int:
        """How many examples ran until a new cause was found and shrunk; all of them if there is none."""
        wanted: Cause | None = None
        found: Finding | None = None
        ran = 0

        def test(operations: list[Operation]) -> None:
            nonlocal wanted, found, ran
            if self.ended:
                return
            ran += wanted is None
            scenario = Scenario(target, setup, tuple(operations), hostile)
            for d in self.run(scenario).deviations:
                here = Finding(d, scenario)
                if here.cause == wanted or (wanted is None and here.cause not in self.findings):
                    wanted, found = here.cause, here
                    raise _Seen
            return

        chosen = hypothesis.settings(
            max_examples=examples, database=None, deadline=None, phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck), print_blob=False, report_multiple_bugs=False,
            verbosity=hypothesis.Verbosity.quiet,
        )  # fmt: skip
        run = chosen(hypothesis.seed(seed)(given(drawn)(test)))
        try:
            run()
        except _Seen:
            assert found is not None
            self.keep(found)
            return ran
        except KeyboardInterrupt:
            if found is not None:
                self.findings[found.cause] = found
            raise
        except Flaky:
            assert found is not None
            found.steady = False
            self.keep(found)
            return ran
        return examples

    def try_all(self, scenarios: Iterable[Scenario]) -> None:
        """Run scenarios that somebody else made; a new finding is made short."""
        for scenario in scenarios:
            if self.over:
                return
            self.take(scenario)

    def take(self, scenario: Scenario, watched: bool = False) -> Outcome:
        """Run one of them."""
        outcome = self.run(scenario, watched)
        for d in outcome.deviations:
            if (found := Finding(d, scenario)).cause not in self.findings:
                self.keep(found)
        return outcome

    def _shorter(self, scenario: Scenario, cause: Cause) -> Scenario:
        def shows(shorter: Scenario) -> bool:
            return not self.ended and any(told_apart(d, shorter) == cause for d in self.run(shorter).deviations)

        return shrink(scenario, shows)

    def _again(self, finding: Finding, cause: Cause) -> Deviation | None:
        """The deviation, when the scenario is run again."""
        scenario = finding.scenario
        return next((d for d in self.run(scenario).deviations if told_apart(d, scenario) == cause), None)

    def keep(self, finding: Finding) -> None:
        """As short as it gets, with what the shortest scenario shows."""
        cause = finding.cause
        self.findings[cause] = finding  # in case that the rest is interrupted
        if finding.steady:
            finding.scenario = self._shorter(finding.scenario, cause)
        again = None if self.ended else self._again(finding, cause)
        if again is None and not self.ended:
            finding.steady = False
        if again is not None:
            finding.deviation = again
        if self.first is None and self.enough(finding):
            self.first = finding
