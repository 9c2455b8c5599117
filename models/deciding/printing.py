"""Results of many claims as a user sees them: summaries, JSON, JUnit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from vrx.models.claims import Exhibit, Result, line
from vrx.models.deciding.counted import counted
from vrx.models.terminal.output import DIFFERS, OK, UNDECIDED

CLAIMS_VERSION = 2
BUGS_VERSION = 1


def mends(results: Sequence[Result]) -> list[str]:
    """What would let undecided claims be decided, each said once."""
    found = Counter(r.outcome.mend for r in results if r.outcome.mend)
    return [f"vrx: {n} undecided: {mend}" for mend, n in found.items()]


def bug_line(exhibit: Exhibit, faulty: Result, fixed: Result, width: int) -> str:
    """An exhibit on one line."""
    ok = faulty.ok and fixed.ok
    word = "ok  " if ok else "??  " if all(r.ok or r.undecided for r in (faulty, fixed)) else "FAIL"
    found = faulty.outcome
    steps = f" in {found.steps} steps" if found.steps is not None else ""
    why = "; ".join(f"{name}: {r.reason}" for name, r in (("faulty", faulty), ("fixed", fixed)) if r.reason)
    return (
        f"{word}  {exhibit.id:{width}}  {exhibit.asks.name} {found.verdict}{steps}, "
        f"fixed {fixed.outcome.verdict}" + (f"  ({why})" if why else "")
    )


def status(results: Sequence[Result]) -> int:
    """The exit status: 1 where a verdict differs, else 3 where one is missing, else 0."""
    if any(not r.ok and not r.undecided for r in results):
        return DIFFERS
    return UNDECIDED if any(not r.ok for r in results) else OK


def failures(results: Sequence[Result]) -> list[str]:
    """The lines of what is not as stated once more, to stand last."""
    return [line(r, 0) for r in results if not r.ok and not r.undecided]


def summary(results: Sequence[Result], seconds: float) -> str:
    """The last line of a run: distinct questions first, what holds by construction apart."""
    ok = sum(r.ok for r in results)
    left = sum(r.left_out for r in results)
    undecided = sum(r.undecided for r in results) - left
    differ = len(results) - ok - undecided - left
    numbers = counted(results).text()
    out = f", {left:,} left out" if left else ""
    return f"{numbers}: {ok:,} as stated, {differ:,} not, {undecided:,} undecided{out}, {seconds:.1f} s"


def claims_json(results: Sequence[Result]) -> dict[str, Any]:
    """`vrx prove --json`, described in docs/formats.md."""
    numbers = counted(results)
    return {
        "version": CLAIMS_VERSION,
        "questions": numbers.questions,
        "by_construction": numbers.by_construction,
        "claims": [r.as_json() for r in results],
    }


def bugs_json(shown: Sequence[tuple[Exhibit, Result, Result]]) -> dict[str, Any]:
    """`vrx bugs --json`, described in docs/formats.md."""
    bugs = [
        {
            "id": exhibit.id,
            "faulty": {
                "verdict": faulty.outcome.verdict,
                "property": exhibit.asks.name,
                "steps": faulty.outcome.steps,
            },
            "fixed": {"verdict": fixed.outcome.verdict},
            "ok": faulty.ok and fixed.ok,
        }
        for exhibit, faulty, fixed in shown
    ]
    return {"version": BUGS_VERSION, "bugs": bugs}


def junit(results: Sequence[Result]) -> str:
    """The results as JUnit XML, for continuous integration."""
    suite = ElementTree.Element(
        "testsuite",
        name="vrx prove",
        tests=str(len(results)),
        failures=str(sum(not r.ok and not r.undecided for r in results)),
        errors=str(sum(r.undecided and not r.left_out for r in results)),
        skipped=str(sum(r.left_out for r in results)),
        time=f"{sum(r.outcome.seconds for r in results):.3f}",
    )
    for r in results:
        case = ElementTree.SubElement(
            suite, "testcase", name=r.claim.name, classname=r.claim.system_name, time=f"{r.outcome.seconds:.3f}"
        )
        if not r.ok:
            kind = "skipped" if r.left_out else "error" if r.undecided else "failure"
            said = "; ".join(filter(None, (r.reason, r.outcome.mend)))
            ElementTree.SubElement(case, kind, message=said or r.outcome.verdict, type=r.outcome.verdict)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
