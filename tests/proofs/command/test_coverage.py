"""The coverage tables: complete, and nothing in them that does not exist."""

from __future__ import annotations

import ast
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.spec.standard import test_judge
from vrx.models.mutation.fate import LANGUAGE, NEVER_TAKEN
from vrx.models.mutation.mutants import function_of
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.trees import leaves
from vrx.models.systems.standard_systems import peers
from vrx.models.systems.system import System, rx
from vrx.proofs import all_claims
from vrx.proofs.command import coverage
from vrx.proofs.command.cli import main
from vrx.proofs.coverage import CHECKS, DECISIONS, PROVED, WHY_NOT
from vrx.proofs.killed import KILLED
from vrx.spec import accounts, properties
from vrx.spec.contents import LOCATIONS as BEHIND
from vrx.spec.layouts.packed import properties as packed_properties
from vrx.spec.layouts.split.memory import LOCATIONS
from vrx.spec.layouts.split.standard import packets
from vrx.spec.layouts.split.standard import properties as split_properties
from vrx.spec.layouts.split.standard.peers import AnyDevice
from vrx.spec.memory import SHARED
from vrx.spec.qemu.state import MainLoop
from vrx.spec.questions import STANDARD
from vrx.spec.standard import properties as standard_properties
from vrx.spec.standard.clauses import CLAUSES

PROPERTIES = {
    *(
        p.name
        for module in (accounts, properties, standard_properties, split_properties, packed_properties, packets)
        for p in vars(module).values()
        if hasattr(p, "holds")
    ),
    *(question.name for question in STANDARD),
}
CLAIMS = {c.name for c in all_claims()}


def exists(name: str) -> bool:
    """Is it a property, a step, a claim, a guard, a test, or what else kills a mutant?"""
    name = name.removesuffix(" (vacuous)")
    if name in (LANGUAGE, NEVER_TAKEN):
        return True
    if name in PROPERTIES or name in CLAIMS or name in coverage.steps():
        return True
    module, _, function = name.partition(".")
    if module.startswith("test_"):
        tree = ast.parse(next((ROOT / "tests").rglob(f"{module}.py")).read_text(encoding="utf-8"))
        return any(isinstance(n, ast.FunctionDef) and n.name == function for n in ast.walk(tree))
    layouts = (f"vrx.spec.layouts.{layout}.standard" for layout in ("split", "packed"))
    for package in ("vrx.spec.standard", *layouts, "vrx.spec"):
        try:
            found = importlib.import_module(f"{package}.{module}")
        except ModuleNotFoundError:
            continue
        if hasattr(found, function) or any(hasattr(v, function) for v in vars(found).values() if isinstance(v, type)):
            return True
    return False


def test_every_check_exists() -> None:
    """A name in the tables is a property, a step, a claim, a guard or a test."""
    rows = [*coverage.functions(), *coverage.clauses()]
    names = [name for row in rows for name in (*row["checked_by"], *row.get("expressed_by", ()))]
    assert [name for name in names if not exists(name)] == []
    assert not exists("no_such_property") and not exists("virtqueue.no_such") and not exists("test_judge.test_none")


def test_every_row_is_modelled_or_says_why_not() -> None:
    """And never both; what is modelled and not checked says so."""
    for row in [*coverage.functions(), *coverage.clauses()]:
        assert bool(row["why_not"]) != row["modelled"], row
    for row in coverage.functions():
        assert bool(row["steps"]) == row["modelled"] or row["id"] in PROVED, row
        said = coverage.said_of_function(row)
        assert said.startswith("*no*: " if not row["modelled"] else "" if row["checked_by"] else "not checked: "), row
    for row in coverage.clauses():
        if row["modelled"] and not row["checked_by"] and not row["mutants"]:
            assert row["expressed_by"] and coverage.said_of_clause(row).startswith("by construction"), row
    assert set(CHECKS) <= set(CLAUSES) and set(WHY_NOT) <= set(CLAUSES) and not set(CHECKS) & set(WHY_NOT)


def test_what_checks_a_function_is_what_killed_its_mutants() -> None:
    """No name is written by hand: a function that nothing went red for has none, whatever a property may promise."""
    rows = {row["id"]: row for row in coverage.functions()}
    for row in rows.values():
        mine = coverage.with_helpers(row["steps"])
        red = {q for name, d in KILLED.died.items() if function_of(name) in mine for q in d.killers}
        assert set(row["checked_by"]) == red | set(PROVED.get(row["id"], "").split()), row
    assert "popped" in coverage.with_helpers(rows["B10"]["steps"])
    assert not coverage.steps_of("virtio_net")


def test_a_rule_that_the_table_of_the_judge_checks_is_in_it() -> None:
    """Who cites the table of `test_judge` is a case of it, with something allowed; a MUST with something forbidden."""
    cases = {c[0]: c for c in test_judge.CASES}
    same = {
        "2.6.1.1.1-1": "2.1.2-1",
        "2.7.7.1-2": "2.7.7.1-1",
        "2.7.7.1-4": "2.7.7.1-3",
        "2.7.10.2-2": "2.7.10.2-1",
        "2.7.10.2-4": "2.7.10.2-3",
        "5.1.9.3.2-1": "5.1.9.4.1-2",
        "5.1.9.3.2-2": "5.1.9.4.1-1",
        "P-2.6-1": "P-2.7.8-2",
        "P-2.9-2": "P-2.9-1",
        "P-3.3-1": "2.1.2-1",
        "P-5.1.9.4-2": "5.1.9.4.1-2",
        "P-5.1.9.4-3": "5.1.9.4.1-4",
        "P-5.1.9.4-4": "5.1.9.4.1-2",
    }
    for row in coverage.clauses():
        if "test_judge.test_a_rule_forbids_and_allows" in row["checked_by"]:
            case = cases[same.get(row["id"], row["id"])]
            assert case[3], row["id"]
            assert case[2] or CLAUSES[row["id"]].level in ("RULE", "MAY"), row["id"]


def test_all_functions_and_rules_are_there() -> None:
    """62 functions, numbered through, and every decision is about an ambiguity."""
    ids = [row["id"] for row in coverage.functions()]
    assert ids == [f"B{n:02}" for n in range(1, 32)] + [f"F{n:02}" for n in range(1, 32)]
    assert {row["id"] for row in coverage.clauses()} == set(CLAUSES) and len(CLAUSES) >= 147
    assert all(number[0] == "A" and 1 <= int(number[1:]) <= 35 for number in DECISIONS)


def test_the_command_writes_both_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "coverage.json"
    assert main(["coverage", "--json", str(out)]) == 0
    assert coverage.counted() in capsys.readouterr().out
    data = json.loads(out.read_text(encoding="utf-8"))
    assert list(data) == ["version", "functions", "clauses"] and data["version"] == 2
    functions = ["id", "function", "modelled", "steps", "mutants", "checked_by"]
    assert all(list(row) == functions for row in data["functions"])
    rules = ["id", "modelled", "expressed_by", "checked_by", "mutants", "why_not"]
    assert all(list(row) == rules for row in data["clauses"])
    assert main(["coverage", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == data


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert page == coverage.page(), "run python -m vrx.proofs.command.coverage"


WRITER = {f"{loc.part}.{name}": loc.writer for loc in (*LOCATIONS, *BEHIND) for name in loc.fields if loc.writer}
BUFFER = ("contents.total", "contents.begin", "contents.len")
DEAD = {
    "device": ("ring.avail_ring",),
    "driver": ("ring.used_id", "ring.used_len", "contents.header", "contents.data", *BUFFER),
}
"""What a side may set to zero when it has read it for the last time: no access, and no step of any C."""


def writes(system: System) -> set[tuple[str, str]]:
    """(side, field) for every field of the shared memory that some step of the side may change."""
    reading = Reading(system)
    found = set()
    for traced in reading.actions:
        actor: Any = reading.program.actors[traced.action.actor]
        side = "device" if isinstance(actor, (MainLoop, AnyDevice)) else "driver"
        for leaf in leaves(traced.tree):
            for i in leaf.updates or ():
                name = reading.fields[i].name.split("[")[0]
                if name.partition(".")[0] in SHARED:
                    found.add((side, name))
    return found


@pytest.mark.parametrize(
    "system",
    [rx(data=True, size=2), rx(event_idx=True, size=2), peers(peer="any", event_idx=True, size=2)],
    ids=lambda s: s.name,
)
def test_each_side_writes_its_own_memory(system: System) -> None:
    """No device writes the descriptor table or the available ring, no driver the used ring."""
    wrong = {(side, name) for side, name in writes(system) if WRITER[name] != side and name not in DEAD[side]}
    assert wrong == set()
