"""docs/virtqueue.md tells what is so: its claims exist, its example is computed, its clauses are in the table."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from tests import ROOT
from vrx.models.claims import Safety
from vrx.models.deciding.engine import search_for
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.proofs import all_claims, all_exhibits
from vrx.spec.ring import vring_need_event
from vrx.spec.standard.clauses import CLAUSES
from vrx.spec.standard.config import StandardConfig

PAGE = (ROOT / "docs" / "virtqueue.md").read_text(encoding="utf-8")
NAMES = {c.name for c in all_claims()} | {c.asks.name for c in all_claims()} | {e.id for e in all_exhibits()}


def test_every_claim_that_the_page_names_exists() -> None:
    """In commands, and in the last column of the tables."""
    named = [n.strip("'") for line in re.findall(r"`vrx (?:prove|trace) ([^`]+)`", PAGE) for n in line.split()]
    named += re.findall(r"\| `([\w.-]+)` \|$", PAGE, re.MULTILINE)
    assert len(named) > 12
    assert [n for n in named if n != "NAME" and not any(fnmatchcase(known, n) for known in NAMES)] == []


def test_every_rule_that_the_page_cites_is_one() -> None:
    cited = set(re.findall(r"\b\d+\.\d+(?:\.\d+)*-\d+\b", PAGE))
    assert len(cited) >= 5 and cited <= set(CLAUSES)


ROWS = re.findall(r"^\| (\d+)(?:, after a look at (\d+))? \| (.*?) \| .*? \| (yes|no)", PAGE, re.MULTILINE)


@pytest.mark.parametrize("row", ROWS)
def test_the_example_of_the_event_index(row: tuple[str, str, str, str]) -> None:
    """Used.idx was 6, or what the row says, when the device last looked; the driver has asked for 7."""
    new, old, positions, told = row
    first = int(old or 6)
    assert re.findall(r"\d+", positions)[:1] == [str(first)]
    cfg = StandardConfig(size=16, idx_bits=16)
    assert vring_need_event(cfg, 7, int(new), first) == (told == "yes")


def test_the_example_has_rows() -> None:
    assert [row[3] for row in ROWS] == ["no", "yes", "yes", "no"]


def test_the_run_that_the_page_tells_is_the_one_that_the_tool_finds() -> None:
    """The same stores and looks, by the same sides, in the same order."""
    claim = next(c for c in all_claims() if c.name == "musts-alone-lose-an-interrupt")
    assert isinstance(claim, Safety)
    found = search_for(claim.system, claim.asks)
    assert found is not None and f"({len(found.path)} steps;" in PAGE
    shown = text(replay(claim.name, claim.system, claim.asks, found.path))
    events = {r"avail\.flags <- 1": "quiet", r"used\.idx <- 1": "publishes", r"reads avail\.flags 1": "looks"}
    events[r"avail\.flags <- 0"] = "wants to be told"
    run = [
        (side, name) for line in shown.splitlines() for side in re.findall(r"^ +\d+  (\w+) ", line)
        for pattern, name in events.items() if re.search(pattern, line)
    ]  # fmt: skip
    table = PAGE.partition("| driver | device |\n|---|---|\n")[2].partition("\n\n")[0]
    words = {"`avail.flags <- 1`": "quiet", "`used.idx <- 1`": "publishes", "looks at the flag: 1": "looks"}
    words["`avail.flags <- 0`"] = "wants to be told"
    told = []
    for row in table.splitlines():
        driver, device = (cell.strip() for cell in row.strip("|").split("|"))
        side, cell = ("driver", driver) if driver else ("device", device)
        told += [(side, name) for word, name in words.items() if word in cell]
    assert len(told) == 4 and told == run


def test_as_many_things_are_needed_as_the_table_has() -> None:
    rows = re.findall(r"^\| (?:driver|device)'s .* \| `([\w.-]+)` \|$", PAGE, re.MULTILINE)
    assert "six things in all" in PAGE and len(rows) == 6


def test_every_file_that_the_page_names_is_there() -> None:
    for name in re.findall(r"`(spec/[\w/.]+\.py)`", PAGE):
        assert (ROOT / name).is_file(), name
