"""What a run found is tried first by the next one, what faults once showed on every target; runs do not meet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.conformance.own import written
from tests.needs import need
from vrx.models.conformance.main import conform
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario, as_program
from vrx.models.conformance.search.corpus import REGRESSIONS, of_earlier_runs, read
from vrx.models.conformance.search.search import Search
from vrx.models.conformance.worker.supervisor import Worker


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
