"""The search for faults repeats itself where it is asked to, and the tests that gate a change always do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.soak import main

DRAWING = """
from hypothesis import given, strategies as st

@given(st.lists(st.integers()), st.randoms(use_true_random=False))
def test_draws(numbers, random):
    print("drawn", numbers, random.random())
    assert {0} or len(numbers) < 3
"""
"""A test file; the braces take a condition."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose tests start from what those here start from."""
    (tmp_path / "conftest.py").write_text("import tests.conftest")
    return tmp_path


def drawn(path: Path, *options: str, hash_seed: str) -> list[str]:
    """What a run of the file draws."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", *options, str(path)],
        cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall("drawn .*", run.stdout)
    assert len(found) > 50, run.stdout + run.stderr
    return found


@pytest.mark.slow
def test_the_gate_draws_the_same_every_time_and_the_soak_what_its_seed_says(folder: Path) -> None:
    path = folder / "test_it.py"
    path.write_text(DRAWING.replace("{0}", "True"))
    gate = drawn(path, hash_seed="0")
    assert gate == drawn(path, hash_seed="1")
    one, again, other = (
        drawn(path, "--hypothesis-profile=soak", f"--hypothesis-seed={seed}", hash_seed=str(n))
        for n, seed in enumerate((7, 7, 8))
    )
    assert one == again and one != gate and one != other


@pytest.mark.slow
def test_a_failure_comes_with_the_command_that_repeats_it(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It fails again with that command, and only because of what its seed draws."""
    path = folder / "test_it.py"
    path.write_text(DRAWING.replace("{0}", "False"))
    assert main(["--minutes", "0", "--first-seed", "5", str(path)]) == 1
    *_, said, again = capfd.readouterr().out.splitlines()
    assert said.startswith("soak: 1 rounds, seeds 5 to 5") and said.endswith("1 failures")
    assert "--hypothesis-seed=5" in again and again.endswith("test_it.py::test_draws")
    run = subprocess.run(again.removeprefix("  again: "), shell=True, cwd=ROOT, capture_output=True, check=False)
    assert run.returncode == 1 and b"1 failed" in run.stdout
