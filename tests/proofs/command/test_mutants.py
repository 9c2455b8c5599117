"""`vrx mutants` as a user meets it: samples, explanations, the table that is kept and its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.models.mutation.test_mutants import named
from vrx.models.mutation import table
from vrx.models.mutation.fate import Fate
from vrx.models.mutation.mutants import HERE, all_mutants
from vrx.models.mutation.systems import never_taken_at_all
from vrx.models.systems.system import rx
from vrx.proofs.command import cli, mutants, mutants_page
from vrx.proofs.killed import KILLED
from vrx.proofs.mutants import EXPLAINED
from vrx.proofs.unreachable import CALLBACKS_OFF, UNREACHABLE

SMALL = rx(idx_bits=2, max_packet=1)
FIELDS = (
    *("name", "function", "kind", "file", "line", "before", "after"),
    *("fate", "by", "vacuous", "steps", "rule", "reached", "differs", "system", "searched", "reason"),
)
TOO_OLD = "run `vrx mutants --sample 300 --seed 1 --pin` and `python -m vrx.proofs.command.coverage`"


def decided(path: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    status = cli.main(["mutants", *options, "--json", str(path)])
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["version"] == 1
    return status, [{k: v for k, v in entry.items() if k != "seconds"} for entry in data["mutants"]]


@pytest.mark.needs("compiler")
def test_a_sample_with_a_seed_is_the_same_every_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vrx.models.mutation.systems.SYSTEMS", (SMALL,))
    options = ("--sample", "5", "--seed", "4", "--step", "virtqueue_*", "--jobs", "2")
    status, first = decided(tmp_path / "one.json", *options)
    said = capsys.readouterr().out
    again, second = decided(tmp_path / "two.json", *options)
    assert (status, first) == (again, second) and len(first) == 5
    assert all(tuple(entry) == FIELDS for entry in first)
    assert status == int(any(entry["fate"] == "survived" for entry in first))
    for entry in first:
        assert entry["name"] in said
    assert f"5 mutants: {sum(e['fate'] == 'killed' for e in first)} killed" in said


def test_explanations_are_looked_after(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One that explains a survivor counts; one of a mutant that is killed, or that does not exist, is an error."""
    mutant = named("more_work:1 never found")
    survived = Fate("proved", "-", word="survived", reached=True)
    killed = Fate("refuted", "-", word="killed", by=("no_lost_interrupt",), steps=31, on="rx")
    assert mutants.status([mutants.Found(mutant, survived)], [], False) == 1
    explained = mutants.Found(mutant, survived, "it is so")
    assert explained.word == "explained" and mutants.status([explained], [], False) == 0
    stale = mutants.Found(mutant, killed, "it is so")
    assert "is explained, but killed by no_lost_interrupt" in stale.wrong
    assert mutants.status([stale], [], False) == 1
    (stranger,) = mutants.unknown({"more_wor:1 never found": "it is so"})
    assert "no mutant is called" in stranger and "more_work:1 never found" in stranger
    line = mutants.Found(mutant, survived).line()
    assert line.startswith("SURVIVED") and f"{mutant.file}:{mutant.line}" in line and mutant.after in line
    table = list(mutants.summary([stale, mutants.Found(mutant, killed)], [], 1.0))
    assert "     2      2  no_lost_interrupt" in table


def test_the_explanations_that_there_are() -> None:
    """Each is of a mutant; a step that no system takes is explained by the list of such steps, once."""
    assert mutants.unknown(EXPLAINED) == []
    event = named("virtqueue_get_buf_ctx_split__event:2 drop me.goto(SplitL.GET_BUF_EVENT_MB)")
    assert never_taken_at_all(event, UNREACHABLE) == CALLBACKS_OFF
    assert never_taken_at_all(named("split.virtqueue_unpop:2 1 -> 2"), UNREACHABLE) == ""


def test_what_is_asked_for_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["mutants", "--list", "--step", "virtqueue_pol"]) == 2
    assert "virtqueue_poll" in capsys.readouterr().err
    assert cli.main(["mutants", "--list", "--step", "virtqueue_poll"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(m.function == "virtqueue_poll" for m in all_mutants())
    assert all("spec/layouts/" in line and "/driver.py:" in line and "  =>  " in line for line in lines)
    assert HERE not in "".join(lines)
    assert cli.main(["mutants", "--list", "--step", "split.virtqueue_poll:4 != -> =="]) == 0
    assert capsys.readouterr().out.startswith("split.virtqueue_poll:4 != -> ==  spec/layouts/split/driver.py:")


def test_a_sample_has_a_mutant_of_each_function_first() -> None:
    functions = {m.function for m in all_mutants()}
    some = mutants.chosen((), len(functions) + 10, 1)
    assert {m.function for m in some} == functions and len(some) == len(functions) + 10
    assert some == mutants.chosen((), len(functions) + 10, 1) != mutants.chosen((), len(functions) + 10, 2)
    place = {m.name: n for n, m in enumerate(all_mutants())}
    assert [place[m.name] for m in some] == sorted(place[m.name] for m in some)
    assert len(mutants.chosen((), 5, 1)) == 5


def test_the_table_of_what_kills_what_is_of_this_tree() -> None:
    drawn = mutants.chosen((), KILLED.sample, KILLED.seed)
    assert list(KILLED.died) == [m.name for m in drawn], TOO_OLD
    assert KILLED.digest == table.digest(drawn), TOO_OLD


def test_the_page_of_mutants_is_up_to_date() -> None:
    root = ROOT
    said = mutants_page.page(KILLED, all_mutants(), mutants_page.reasons(UNREACHABLE, EXPLAINED))
    written = (root / mutants_page.PAGE).read_text(encoding="utf-8")
    assert written == said, "run `python -m vrx.proofs.command.mutants_page`"
    assert (root / mutants.FILE).read_text(encoding="utf-8") == table.as_module(KILLED)
