"""The newcomer's hour of docs/architecture.md: what is forgotten when something is added goes red somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pkgutil import walk_packages

import vrx.spec
from tests import ROOT
from vrx.models.claims import Cover
from vrx.models.systems.system import RINGS
from vrx.proofs import all_claims, all_exhibits
from vrx.proofs.command.options import HELP
from vrx.spec.config import IN_NAMES, Config
from vrx.spec.liveness import Liveness
from vrx.spec.properties import Property
from vrx.spec.questions import STANDARD, Question

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
HOUR = PAGE.partition("## A newcomer's hour")[2].partition("\n## ")[0]
ALWAYS_NAMED = {"size", "event_idx", "memory", "guest", "irq", "arrivals", "without", "layout"}
"""Options that every name of a system has."""
OF_CLAIMS_ONLY = {
    "no_stranded_packet": "Linux breaks it on some rings: docs/refill.md",
    **dict.fromkeys(
        ("owners_and_indices_agree", "whole_packets_only", "lengths_fit", "comes_back_in_order", "frames_fit"),
        "of the standard's own queue, whose state no other system has",
    ),
    **dict.fromkeys(
        ("packets_follow_the_standard", "chains_follow_the_standard"), "reads what only systems made for it keep"
    ),
    **dict.fromkeys(("completed_comes_back", "batches_come_back_whole"), "of IN_ORDER, which Linux and QEMU lack"),
    "event_index_only_if_negotiated": "Linux deviates: docs/deviations.md",
}
"""Questions of spec/ that are no standard ones, each with the reason."""


def questions_of_the_specification() -> Iterator[Question]:
    for found in walk_packages(vrx.spec.__path__, "vrx.spec."):
        module = import_module(found.name)
        for one in vars(module).values():
            if isinstance(one, Property | Liveness):
                written = one.holds if isinstance(one, Property) else one.lasts
                if written.__module__ == module.__name__:
                    yield one


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


ASKED = (*STANDARD, *(q for layout in RINGS.values() for q in layout.shape.questions))
"""The standard questions, and those of one layout only."""


def test_every_question_of_the_specification_has_its_place() -> None:
    names = {q.name for q in ASKED}
    nowhere = {q.name for q in questions_of_the_specification()} - names - set(OF_CLAIMS_ONLY)
    assert not nowhere, f"{nowhere}: among the standard questions, a layout's, or in OF_CLAIMS_ONLY with the reason"
    assert not names.intersection(OF_CLAIMS_ONLY)
    asked = {c.asks.name for c in all_claims() if not isinstance(c, Cover)}
    assert set(OF_CLAIMS_ONLY) <= asked


def test_every_standard_question_is_broken_by_some_variant() -> None:
    """A property that no variant breaks is a defect."""
    refuted = {c.asks.name for c in all_claims() if c.expected == "refuted" and not isinstance(c, Cover)}
    refuted |= {e.asks.name for e in all_exhibits()}
    assert sorted(q.name for q in ASKED if q.name not in refuted) == []


def test_every_standard_question_is_claimed_of_the_code_as_it_is() -> None:
    held = {c.asks.name for c in all_claims() if c.expected == "proved" and c.system and not c.system.changed}
    assert sorted(q.name for q in ASKED if q.name not in held) == []


def test_every_option_is_told_by_help() -> None:
    assert {f.name for f in fields(Config)} == {*HELP, "layout", "without"}


def test_every_option_stands_in_the_names_of_systems() -> None:
    """Two systems that differ in an option have different names, so that figures of one are not those of the other."""
    assert {f.name for f in fields(Config)} == {*IN_NAMES, *ALWAYS_NAMED}
