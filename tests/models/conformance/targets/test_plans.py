"""A target is a folder: what belongs to one is in its places.  The harness knows neither targets nor layouts.

These are the tests that go red when a part of docs/conformance.md, "Add a target", is forgotten.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from tests import ROOT
from tests.needs import NEEDS, TARGETS
from vrx.models import conformance
from vrx.models.conformance.grammar import GRAMMARS
from vrx.models.conformance.harness.runs import DOES
from vrx.models.conformance.harness.wiring import wire_of
from vrx.models.conformance.known_deviations import KNOWN
from vrx.models.conformance.protocol import DeviceUnderTest, PairUnderTest, Plan, QueueDriver, Unsupported, setup
from vrx.models.conformance.targets.plans import PLANS
from vrx.models.conformance.wire.layouts import WIRES
from vrx.models.conformance.worker.locate import locate

HERE = Path(conformance.__file__).parent
DOCS = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
KINDS = {"device": DeviceUnderTest, "driver": QueueDriver, "pair": PairUnderTest}

each_plan = pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.name)


def test_every_folder_is_planned() -> None:
    folders = [p for p in (HERE / "targets").iterdir() if p.is_dir() and p.name != "__pycache__"]
    found: list[Plan] = []
    for folder in folders:
        plans = importlib.import_module(f"vrx.models.conformance.targets.{folder.name}.plan").PLANS
        assert all(plan.make.startswith(f"vrx.models.conformance.targets.{folder.name}.") for plan in plans)
        found += plans
    assert sorted(p.name for p in found) == sorted(p.name for p in PLANS) == sorted({p.name for p in PLANS})


@each_plan
def test_a_target_can_do_what_its_kind_does(plan: Plan) -> None:
    """Every method of the protocol is there; so is every operation that scenarios for this side are drawn of."""
    module, _, name = plan.make.partition(":")
    made = getattr(importlib.import_module(module), name)
    wanted = {n for p in KINDS[plan.side].__mro__ for n, x in vars(p).items() if callable(x) and n[0] != "_"}
    set_at_start = set(re.findall(r"self\.(\w+) = ", inspect.getsource(made)))
    assert wanted and wanted <= set(dir(made)) | set_at_start
    assert locate(plan.name).side == plan.side
    assert all(set(grammar) <= set(DOES[side]) for (side, _), grammar in GRAMMARS.items())


@each_plan
def test_what_it_needs_is_said_where_tests_look(plan: Plan) -> None:
    said = {package for need in TARGETS[plan.name] for package in NEEDS[need].apt.split()}
    assert set(plan.packages) <= said, "tests/needs.py"


@each_plan
def test_the_page_shows_it(plan: Plan) -> None:
    assert re.search(rf"\b{plan.name}\b", DOCS.partition("## What a run does")[0]), "docs/conformance.md"
    assert plan.about


def test_what_is_known_is_known_of_targets_that_there_are() -> None:
    assert {t for k in KNOWN for t in k.targets} <= {p.name for p in PLANS}


def names(path: Path) -> set[str]:
    """All names and attributes of a module, and the modules that it imports."""
    out = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            out.add(node.attr)
        elif isinstance(node, ast.Name):
            out.add(node.id)
        elif isinstance(node, ast.ImportFrom):
            out |= {node.module or "", *(a.name for a in node.names)}
    return out


RING = {"SplitRing", "PackedRing", "avail_idx", "used_idx", "avail_flags", "used_flags", "used_event", "avail_event"}
"""What a ring is called in the one layout or in the other."""
LAYOUT_FREE = [
    *(p for folder in ("harness", "worker", "search") for p in (HERE / folder).glob("*.py")), *HERE.glob("*.py"),
    HERE / "wire" / "protocol.py",
]  # fmt: skip


@pytest.mark.parametrize("path", LAYOUT_FREE, ids=lambda p: str(p.relative_to(HERE)))
def test_only_the_wire_knows_a_layout(path: Path) -> None:
    """The harness asks `wire.protocol`; which layout there is, it says by its name alone (`wire.layouts`)."""
    found = names(path)
    assert not found & RING
    assert not {n for n in found if re.match(r"vrx\.models\.conformance\.wire\.(split|packed)\b", n)}


def test_a_layout_that_nobody_has_written_is_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A target may have configurations that the harness cannot take hold of."""
    monkeypatch.setattr("vrx.models.conformance.harness.wiring.WIRES", {"split": WIRES["split"]})
    with pytest.raises(Unsupported, match="no wire of the packed layout: there are split"):
        wire_of(setup(4, packed=True))


def test_the_split_ring_is_named_where_it_is_written() -> None:
    """By its layout, by the door for targets of one's own, and by the models, which are of that layout."""
    found = {p.relative_to(HERE) for p in HERE.rglob("*.py") if "SplitRing" in names(p)}
    may = (Path("wire/split"), Path("targets/model"))
    assert {p for p in found if not any(p.is_relative_to(m) for m in may)} == {Path("wire/__init__.py")}


@pytest.mark.parametrize("path", sorted((HERE / "harness").glob("*.py")), ids=lambda p: p.name)
def test_the_harness_knows_no_target_and_inherits_nothing(path: Path) -> None:
    assert not {n for n in names(path) if n.startswith("vrx.models.conformance.targets")}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            assert {ast.unparse(base) for base in node.bases} <= {"Protocol"}, node.name
