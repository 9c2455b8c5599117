"""What a user sees of a conformance run: lines, JSON, JUnit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree import ElementTree

from vrx.models.conformance.deviation import Deviation
from vrx.models.conformance.harness.outcome import Untold, untold_lines
from vrx.models.conformance.known.known import Known
from vrx.models.conformance.known_deviations import recognise
from vrx.models.conformance.search.search import Finding
from vrx.models.conformance.search.tour_runs import Score
from vrx.models.terminal.output import DIFFERS, OK, UNDECIDED, USAGE

VERSION: Final = 1

INTERRUPTED: Final = "interrupted"
"""Why a run ended that somebody ended, by Ctrl-C or SIGTERM."""


def word(known: Known | None, found: Deviation) -> str:
    """What a line about a finding begins with."""
    return "known   " if known else "DEVIATES" if found.counts else "advice  "


@dataclass
class Report:
    """One run on one target.

    operations: judged; rates: operations a second of processor time in the target's process, raw and judged
    seconds: of the whole run, by the clock
    score: what of the model's control graph the tours took
    gone: known deviations whose scenario no longer shows them; files: where each finding's program was written
    untold: lies that the target could not be told
    ended: why not everything was tried, or an empty string
    """

    target: str
    target_version: str
    setups: Sequence[str]
    scenarios: int = 0
    operations: int = 0
    raw_rate: float = 0.0
    judged_rate: float = 0.0
    score: Score = field(default_factory=Score)
    findings: list[Finding] = field(default_factory=list)
    gone: list[Known] = field(default_factory=list)
    seconds: float = 0.0
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    untold: set[Untold] = field(default_factory=set)
    ended: str = ""

    def known(self, finding: Finding) -> Known | None:
        return recognise(self.target, finding.deviation, finding.scenario)

    @property
    def new(self) -> list[Finding]:
        """Findings that count and that nobody has listed."""
        return [f for f in self.findings if f.deviation.counts and not self.known(f)]

    @property
    def status(self) -> int:
        """The exit status: what was found counts, though not everything was tried."""
        return DIFFERS if self.new else UNDECIDED if self.ended == INTERRUPTED else USAGE if self.ended else OK

    def as_json(self) -> dict[str, Any]:
        """`vrx conform --json`, described in docs/formats.md."""
        score = self.score
        return {
            "version": VERSION,
            "target": self.target,
            "target_version": self.target_version,
            "ended": self.ended,
            "scenarios": self.scenarios,
            "operations": self.operations,
            "coverage": round(len(score.taken) / len(score.edges), 4) if score.edges else 0.0,
            "not_reached": [
                {"layout": layout, "edge": " ".join(edge), "why": why}
                for (layout, *edge), why in sorted(score.why.items())
            ],
            "deviations": [
                {
                    "clause": f.deviation.clause,
                    "level": f.deviation.level,
                    "summary": f.deviation.summary,
                    "scenario": f.scenario.as_json(),
                    "seen": f.deviation.seen,
                    "expected": f.deviation.expected,
                }
                for f in self.findings
            ],
        }

    def text(self) -> str:
        """The whole report."""
        order = sorted(self.findings, key=lambda f: (self.known(f) is not None, not f.deviation.counts))
        lines = [line for f in order for line in self._finding(f)]
        for k in self.gone:
            lines += [f"gone      {k.clause}: {k.summary}", f"          {k.id}, seen in {', '.join(k.versions)}"]
        for why, edges in sorted(self.score.reasons().items()):
            lines.append(f"untaken   {why}:")
            lines += [f"          {edge}" for edge in sorted(edges)]
        lines += untold_lines(self.untold)
        lines += [f"skipped   {name}: {why}" for name, why in self.skipped.items()]
        lines += [f"ended     {self.ended}"] if self.ended else []
        return "\n".join([*lines, self.last_line()])

    def _finding(self, finding: Finding) -> list[str]:
        d, known = finding.deviation, self.known(finding)
        lines = [f"{word(known, d)}  {d.clause} {d.level}: {d.summary}"]
        if known:
            return [*lines, f"          {known.reason}", f"          vrx conform {self.target} --replay {known.id}"]
        lines += [f"          expected  {d.expected}", f"          seen      {d.seen}, after operation {d.at}"]
        if not finding.steady:
            lines.append("          not seen again when the scenario was run again")
        lines += [f"          {line}" for line in finding.scenario.text().splitlines()]
        if d.cause in self.files:
            lines.append(f"          again: python {self.files[d.cause]}")
        return lines

    def last_line(self) -> str:
        """Figures."""
        new, known = len(self.new), sum(self.known(f) is not None for f in self.findings)
        parts = [
            f"{self.target}: {self.target_version}",
            f"{sum(name not in self.skipped for name in self.setups)} configurations, {self.scenarios:,} scenarios, "
            f"{self.operations:,} operations, {self.seconds:.0f} s",
        ]
        if self.judged_rate:
            parts.append(f"{self.judged_rate:,.0f} judged operations/s, {self.raw_rate:,.0f} raw")
        if self.score.edges:
            parts.append(f"tours took {len(self.score.taken)} of {len(self.score.edges)} edges of the model")
        advice = len(self.findings) - new - known
        parts.append(f"{new} deviations, {known} known, {advice} times advice not followed, {len(self.gone)} gone")
        return "\n".join(parts)

    def junit(self) -> str:
        """One case for each configuration, and one for each finding."""
        skipped = sum(name in self.skipped for name in self.setups)
        suite = ElementTree.Element(
            "testsuite", name=f"vrx conform {self.target}", failures=str(len(self.new)), skipped=str(skipped),
            tests=str(len(self.setups) + len(self.findings) + bool(self.ended)), errors=str(int(bool(self.ended))),
        )  # fmt: skip
        if self.ended:
            case = ElementTree.SubElement(suite, "testcase", name="the run is whole", classname=self.target)
            ElementTree.SubElement(case, "error", message=self.ended)
        for name in self.setups:
            case = ElementTree.SubElement(suite, "testcase", name=name, classname=self.target)
            if name in self.skipped:
                ElementTree.SubElement(case, "skipped", message=self.skipped[name])
        for f in self.findings:
            d = f.deviation
            case = ElementTree.SubElement(suite, "testcase", name=f"{d.clause} {d.summary}", classname=self.target)
            text = f"expected {d.expected}; seen {d.seen}\n{f.scenario.text()}"
            if f in self.new:
                ElementTree.SubElement(case, "failure", message=d.summary, type=d.level).text = text
            else:
                ElementTree.SubElement(case, "system-out").text = text
        ElementTree.indent(suite)
        return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
