"""What a run found is tried first by the next one, what faults once showed on every target; runs do not meet."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import ROOT
from tests.models.conformance.own import written
from tests.needs import need
from vrx.models.conformance.main import conform
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario, as_program
from vrx.models.conformance.search.corpus import REGRESSIONS, nearby, of_earlier_runs, read
from vrx.models.conformance.search.search import Search
from vrx.models.conformance.targets.plans import PLANS
from vrx.models.conformance.worker.supervisor import Worker
from vrx.proofs.command.conform import WITH_EXHIBITS


@pytest.fixture
def deaf(tmp_path: Path) -> str:
    return f"{written(tmp_path)}:Deaf"


def test_what_was_found_is_tried_first(deaf: str, tmp_path: Path) -> None:
    """The first run writes into the folder that it is given; the next one need not draw anything."""
    kept = tmp_path / "kept"
    found = conform(deaf, examples=5, saved=str(kept))
    written = {Path(p) for p in found.files.values()}
    assert {p.parent for p in written} == {kept} and any("2.7.10.1-4" in p.name for p in written)
    with Worker(deaf) as worker:
        search = Search(worker)
        search.try_all(of_earlier_runs(deaf, "driver", kept))
    assert search.totals.scenarios < 60 and {f.scenario.origin for f in search.findings.values()} == {"saved"}
    assert "2.7.10.1-4" in {f.deviation.clause for f in search.findings.values()}
    assert not list(of_earlier_runs("linux-vring", "driver", kept)), "another target's"


def test_a_damaged_file_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = Scenario("qemu", setup(4), (("frame", 60),))
    (tmp_path / "qemu-x.py").write_text("{")
    (tmp_path / "qemu-y.py").write_text(as_program(old, "of another version"))
    assert not list(of_earlier_runs("qemu", "device", tmp_path))
    err = capsys.readouterr().err
    assert "qemu-x.py is left out" in err
    assert "qemu-y.py is left out: operation 1: no operation is called 'frame'" in err


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = subprocess.run(
        [sys.executable, "-m", "vrx.proofs.command.cli", "conform", "spec-driver",
         "--save", str(tmp_path / "file" / "x")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 2 and run.stderr.count("\n") == 1 and "cannot keep anything" in run.stderr


@pytest.mark.parametrize("side", ["driver", "device"])
def test_the_regressions_are_scenarios(side: str) -> None:
    kept = read(REGRESSIONS / f"{side}.json")
    assert len(kept) >= 10 and all(s.origin == "saved" for s in kept)


def planted(side: str) -> Iterator[tuple[str, str, Scenario]]:
    """Every fault that a scenario is kept for: the target with the fault in it, what it showed, the scenario."""
    path = REGRESSIONS / f"{side}.json"
    texts = json.loads(path.read_text(encoding="utf-8"))["scenarios"]
    for text, scenario in zip(texts, read(path), strict=True):
        target, _, clause = text["about"].partition(": ")
        yield target, clause, replace(scenario, target=target)


def test_the_page_of_planted_faults_says_what_the_kept_scenarios_show() -> None:
    """docs/sensitivity.md has a row for each fault; those that it calls found are those that a scenario is kept for."""
    page = (ROOT / "docs" / "sensitivity.md").read_text(encoding="utf-8")
    said, unseen = set(), set()
    for part in page.split("\n## ")[1:]:
        target = part.partition(":")[0]
        for name, result in re.findall(r"^\| `([^`]+)` \| [^|]+ \| (.*) \|$", part, re.M):
            if found := re.fullmatch(r"(\S+) \([A-Z ]+\), (\d+) operations", result):
                said.add((f"{target}+{name}", found[1], int(found[2])))
            else:
                assert result.startswith("not seen: "), (target, name, result)
                unseen.add(f"{target}+{name}")
    kept = {(target, clause, len(s.operations)) for side in ("driver", "device") for target, clause, s in planted(side)}
    assert said == kept
    faults = [(f"{plan.name}+{fault.name}", fault) for plan in PLANS for fault in plan.faults]
    assert unseen == {name for name, fault in faults if fault.unseen}
    assert {name for name, _, _ in said} == {name for name, fault in faults if not fault.unseen}


@pytest.mark.slow
@pytest.mark.parametrize(("target", "one_in"), [("spec-driver", 1), ("spec-device", 1), ("linux-vring", 20)])
def test_each_kept_scenario_shows_its_fault(target: str, one_in: int) -> None:
    """A change of the steps, or of the harness, after which a fault is not seen any more is seen here.

    Of the faults in Linux's own C, each of which is built, one in twenty: its steps do not change with those of `spec`.
    """
    need(target)
    asleep = []
    for number, (planted_in, clause, scenario) in enumerate((*planted("driver"), *planted("device"))):
        if planted_in.partition("+")[0] == target and number % one_in == 0:
            with Worker(planted_in, entrances=WITH_EXHIBITS) as worker:
                shown = {d.clause for d in worker.run(scenario).deviations}
            if clause not in shown:
                asleep.append((planted_in, clause, shown))
    assert not asleep


def test_a_kept_scenario_is_tried_with_a_few_steps_more_and_less() -> None:
    kept = next(s for target, _, s in planted("device") if target == "spec-device+park-no-recheck")
    steps = [[o[1] for o in s.operations if o[0] == "steps"] for s in nearby(kept)]
    assert steps == [[9], [6], [7], [8], [10], [11], [12]]


@pytest.mark.slow
def test_runs_side_by_side_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Three at once, two of them of the same target: each says what it says alone."""
    need("qemu")
    need("linux-vring")
    targets = ["qemu", "qemu", "linux-vring"]
    outs = [tmp_path / f"{i}.json" for i in range(len(targets))]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "vrx.proofs.command.cli", "conform", t, "--examples", "1", "--json", str(out)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for t, out in zip(targets, outs, strict=True)
    ]  # fmt: skip
    said = [p.communicate() for p in running]
    assert [p.returncode for p in running] == [0] * len(targets), said
    assert all("0 deviations" in out and "0 gone" in out for out, _ in said)
    first, second = (json.loads(out.read_text()) for out in outs[:2])
    assert first == second
