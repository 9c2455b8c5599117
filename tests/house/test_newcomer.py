"""The newcomer's hour of docs/architecture.md: what is forgotten when something is added goes red somewhere."""

from __future__ import annotations

import re
from dataclasses import fields

from tests import ROOT
from vrx.models.claims import Cover
from vrx.proofs import all_claims, all_exhibits
from vrx.spec.config import IN_NAMES, Config
from vrx.spec.questions import STANDARD

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
HOUR = PAGE.partition("## A newcomer's hour")[2].partition("\n## ")[0]
ALWAYS_NAMED = {"size", "event_idx", "memory", "guest", "irq", "arrivals", "without", "layout"}
"""Options that every name of a system has."""


def test_each_row_leads_to_a_section_and_to_tests_that_are_there() -> None:
    rows = [line for line in HOUR.splitlines() if line.startswith("| a ")]
    assert [row.split(" | ")[0] for row in rows] == [
        f"| a {thing}" for thing in ("step", "property", "system", "claim or a bug", "layout", "memory model", "target")
    ]
    titles = re.findall(r"^## (.*)$", PAGE, re.M)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    for row in rows:
        assert set(re.findall(r"\]\(#([\w-]+)\)", row)) <= anchors, row
        named = re.findall(r"`(tests/[\w/]+\.py)`", row)
        assert named and all((ROOT / name).exists() for name in named), row


def test_every_standard_question_is_broken_by_some_variant() -> None:
    """A property that no variant breaks is a defect."""
    refuted = {c.asks.name for c in all_claims() if c.expected == "refuted" and not isinstance(c, Cover)}
    refuted |= {e.asks.name for e in all_exhibits()}
    assert sorted(q.name for q in STANDARD if q.name not in refuted) == []


def test_every_standard_question_is_claimed_of_the_code_as_it_is() -> None:
    held = {c.asks.name for c in all_claims() if c.expected == "proved" and c.system and not c.system.changed}
    assert sorted(q.name for q in STANDARD if q.name not in held) == []


def test_every_option_stands_in_the_names_of_systems() -> None:
    """Two systems that differ in an option have different names, so that figures of one are not those of the other."""
    assert {f.name for f in fields(Config)} == {*IN_NAMES, *ALWAYS_NAMED}
