"""What a user sees of results: lines, a line of progress, JSON, JUnit."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from xml.etree import ElementTree

from vrx.models.claims import MENDED_BY, Claim, Exhibit, Outcome, Result
from vrx.models.counted import counted

CLAIMS_VERSION = 1
OK, DIFFERS, USAGE, UNDECIDED = 0, 1, 2, 3
"""Exit statuses."""


class Progress:
    """One line at the bottom of a terminal, rewritten as work goes on; nothing in a pipe."""

    def __init__(self, total: int, what: str, stream: TextIO | None = None) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.on = self.stream.isatty()
        self.total, self.what, self.done, self.now = total, what, 0, ""

    def searching(self, system: str, states: int, depth: int) -> None:
        """A search has got this far."""
        self.now = f"{states:,} states, depth {depth}: {system}"
        self._draw()

    def counting(self, done: int, steps: int) -> None:
        """A simulation has got this far."""
        self.done, self.now = done, f"{steps:,} steps"
        self._draw()

    def line(self, text: str, out: TextIO, done: int = 1) -> None:
        """Print a line of results above the progress."""
        self.clear()
        print(text, file=out, flush=True)
        self.done += done
        self._draw()

    def clear(self) -> None:
        """Take the line of progress away."""
        if self.on:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()

    def _draw(self) -> None:
        if self.on:
            width = os.get_terminal_size(self.stream.fileno()).columns or 80
            text = f"{self.done}/{self.total} {self.what}  {self.now}"
            self.stream.write("\r\x1b[2K" + text[: width - 1])
            self.stream.flush()


def line(result: Result, width: int) -> str:
    """A result on one line.  width: of the name."""
    word = "ok  " if result.ok else "??  " if result.undecided else "FAIL"
    why, _, _ = result.reason.partition(MENDED_BY)
    reason = f"  ({why})" if why else ""
    shown = f"\n      its run: vrx trace {shlex.quote(result.claim.name)} --question {result.claim.property.name}"
    claim = result.claim
    known = claim.module and claim.system and not claim.mark  # the command knows no name of a claim of one's own
    show = shown if known and word == "FAIL" and result.outcome.verdict == "refuted" else ""
    return f"{word}  {result.claim.name:{width}}  {figures(result.claim, result.outcome)}{reason}{show}"


def mends(results: Sequence[Result]) -> list[str]:
    """What would let undecided claims be decided, each said once."""
    found = Counter(mend for r in results if (mend := r.reason.partition(MENDED_BY)[2]))
    return [f"vrx: {n} undecided: {mend}" for mend, n in found.items()]


def bug_line(exhibit: Exhibit, faulty: Result, fixed: Result, width: int) -> str:
    """An exhibit on one line."""
    ok = faulty.ok and fixed.ok
    word = "ok  " if ok else "??  " if all(r.ok or r.undecided for r in (faulty, fixed)) else "FAIL"
    found = faulty.outcome
    steps = f" in {found.steps} steps" if found.steps is not None else ""
    why = "; ".join(f"{name}: {r.reason}" for name, r in (("faulty", faulty), ("fixed", fixed)) if r.reason)
    return (
        f"{word}  {exhibit.id:{width}}  {exhibit.property.name} {found.verdict}{steps}, "
        f"fixed {fixed.outcome.verdict}" + (f"  ({why})" if why else "")
    )


def figures(claim: Claim, found: Outcome) -> str:
    """The verdict and what was measured."""
    of_a_cover = {"refuted": "reached", "proved": "never reached"}
    word = of_a_cover.get(found.verdict, "") if claim.mark else ""
    return found.line(f"{word or found.verdict} by construction" if found.by_construction else word)


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
    undecided = sum(r.undecided for r in results)
    differ = len(results) - ok - undecided
    numbers = counted(results).text()
    return f"{numbers}: {ok:,} as stated, {differ:,} not, {undecided:,} undecided, {seconds:.1f} s"


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
                "property": exhibit.property.name,
                "steps": faulty.outcome.steps,
            },
            "fixed": {"verdict": fixed.outcome.verdict},
            "ok": faulty.ok and fixed.ok,
        }
        for exhibit, faulty, fixed in shown
    ]
    return {"version": CLAIMS_VERSION, "bugs": bugs}


def junit(results: Sequence[Result]) -> str:
    """The results as JUnit XML, for continuous integration."""
    suite = ElementTree.Element(
        "testsuite",
        name="vrx prove",
        tests=str(len(results)),
        failures=str(sum(not r.ok and not r.undecided for r in results)),
        errors=str(sum(r.undecided for r in results)),
        time=f"{sum(r.outcome.seconds for r in results):.3f}",
    )
    for r in results:
        case = ElementTree.SubElement(
            suite, "testcase", name=r.claim.name, classname=r.claim.system_name, time=f"{r.outcome.seconds:.3f}"
        )
        if not r.ok:
            kind = "error" if r.undecided else "failure"
            ElementTree.SubElement(case, kind, message=r.reason or r.outcome.verdict, type=r.outcome.verdict)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def count_from_1(text: str) -> int:
    """An option's value that is a number from 1 on."""
    n = int(text) if text.isascii() and text.isdigit() else 0
    if n < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return n


class Usage(Exception):
    """What the user asked for cannot be done; the text is one line."""


class CannotWrite(Exception):
    """A file that the user named cannot be written; the text is one line."""


def writable(path: str) -> str:
    """The path, or CannotWrite: said before the work begins, not after.  `-` is standard output."""
    place = Path(path)
    if path == "-" or (place.exists() and not place.is_dir() and os.access(place, os.W_OK)):
        return path
    if place.is_dir():
        raise CannotWrite(f"cannot write {path}: it is a directory")
    if not place.parent.is_dir():
        raise CannotWrite(f"cannot write {path}: there is no directory {place.parent}")
    if place.exists() or not os.access(place.parent, os.W_OK | os.X_OK):
        raise CannotWrite(f"cannot write {path}: not allowed")
    return path


def write(path: str, text: str) -> None:
    """Write a file, or to standard output for `-`."""
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None


def as_text(data: dict[str, Any]) -> str:
    """JSON as this tool writes it."""
    return json.dumps(data, indent=2) + "\n"
