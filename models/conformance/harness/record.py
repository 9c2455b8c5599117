"""What has come of a scenario so far, and what the judge of the standard adds to it."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.harness.outcome import Untold
from vrx.models.conformance.harness.wiring import wire_of
from vrx.models.conformance.protocol import Feature, Setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.wire.protocol import Breach
from vrx.spec.standard.judge import Event, Judge, Verdict


class Record:
    """What all that have to do with a run share.

    judged: what is seen is judged; otherwise the scenario only runs, for the raw rate
    watched: `seen` gets what can be observed whenever the target is at rest
    deviations: findings; operations: how many were begun; reached: what was seen of the target
    stopped: nobody knows any more what the target has, so nothing more is judged
    untold: lies that it could not be told, and why
    alive: called now and then in an operation that is many, so that nobody takes its time for silence
    """

    alive: Callable[[], None]

    def __init__(self, scenario: Scenario, judged: bool = True, watched: bool = False) -> None:
        self.scenario, self.setup = scenario, scenario.setup
        self.judged, self.watched = judged, watched
        self.deviations: list[Deviation] = []
        self.operations = 0
        self.reached: set[str] = set()
        self.seen: list[tuple[int, ...]] = []
        self.untold: set[Untold] = set()
        self.stopped = False
        self.alive = lambda: None

    def deviate(self, clause: str, seen: str, *, expected: str = "", summary: str = "") -> None:
        """A finding.  What is expected, and its summary, are the clause's where nothing else is said."""
        self.deviations.append(deviation(clause, seen, expected=expected, summary=summary, at=self.operations))

    def can_be_told(self, target: object, kind: int) -> bool:
        """Is the target told a lie of this kind?  Where it takes none such, the reason is kept."""
        if not self.scenario.hostile:
            return False
        if kind in getattr(target, "lies", (kind,)):
            return True
        self.untold.add((self.setup.layout, kind, getattr(target, "refuses", {}).get(kind, "it takes no such lie")))
        return False

    def breach(self, found: Breach | None) -> bool:
        """A finding of the wire, if it is one."""
        if found is None:
            return False
        self.deviate(found.clause, found.seen, expected=found.expected, summary=found.summary)
        return True


def judge_of(setup: Setup, mergeable: bool, net: bool = True, whole: int | None = None) -> Judge:
    """The judge of a configuration.  mergeable, net, whole: as `Judge` has them."""
    return Judge(
        setup.size, event_idx=setup.event_idx, mergeable=mergeable, in_order=setup.has(Feature.IN_ORDER), net=net,
        features={f.name.removeprefix("NET_") for f in setup.features}, header=setup.header_bytes, whole=whole,
        wording=wire_of(setup).wording,
    )  # fmt: skip


class Judging:
    """A judge, told what happens.

    plays: the side that the harness plays, whose breaches are faults of the harness; None: neither
    lied: the harness has broken the rules itself, so nothing is judged by them
    """

    def __init__(self, record: Record, judge: Judge, plays: str | None) -> None:
        self.record, self.judge, self.plays = record, judge, plays
        self.lied = False

    @property
    def listens(self) -> bool:
        """Is what happens judged?"""
        return self.record.judged and not self.lied

    def feed(self, event: Event, seen: Callable[[], str] | None = None, when: str = "") -> None:
        """Tell the judge of an event.  seen: for a finding, the event itself without it; when: for its summary."""
        if self.record.judged and not self.lied:
            for verdict in self.judge.feed(event):
                self.report(verdict, seen() if seen else str(event), when)

    def report(self, verdict: Verdict, seen: str, when: str = "") -> None:
        """A verdict becomes a finding; advice is for the target alone."""
        record = self.record
        if verdict.side == self.plays:
            if verdict.deviation and not record.scenario.hostile:
                raise AssertionError(f"the harness breaks {verdict}: {seen}")
            return
        summary = verdict.text + (f": {when}" if when else "")
        record.deviations.append(
            Deviation(verdict.clause, verdict.level, summary, verdict.text, seen, record.operations)
        )
        if self.judge.lost:
            record.stopped = True
