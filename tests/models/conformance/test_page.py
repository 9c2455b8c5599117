"""The example of docs/conformance.md is a target that keeps the rules, and stops keeping them as the text says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.models.conformance.example import TEXT
from tests.models.conformance.example import text as example
from vrx.models.conformance.main import conform
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.worker.supervisor import Worker


def test_the_example_keeps_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "my_device.py"
    path.write_text(example())
    assert example().count("\n") <= 60
    report = conform(f"{path}:TinyDevice", examples=15)
    assert report.new == [] and report.operations > 500, report.text()


def test_without_its_look_at_the_flag_it_does_not(tmp_path: Path) -> None:
    assert "Put `if True:` in the place of the line with\n`NO_INTERRUPT`" in TEXT
    path = tmp_path / "my_device.py"
    path.write_text(re.sub(r"if .*NO_INTERRUPT:", "if True:", example()))
    quiet = Scenario(f"{path}:TinyDevice", setup(4), (("quiet", 1), ("refill", 1), ("inject", 60), ("settle",)))
    with Worker(quiet.target) as worker:
        (found,) = worker.run(quiet).deviations
    assert found.clause == "2.7.7.2-2" and not found.counts  # "which alone is no failure"


def test_what_it_may_not_do_is_a_deviation(tmp_path: Path) -> None:
    assert "Write `num_buffers=0` in the place of\n`num_buffers=1`" in TEXT
    path = tmp_path / "my_device.py"
    path.write_text(example().replace("num_buffers=1", "num_buffers=0"))
    report = conform(f"{path}:TinyDevice", examples=15)
    assert "5.1.9.4.1-1" in {f.deviation.clause for f in report.new}
    for file in report.files.values():
        Path(file).unlink(missing_ok=True)


def tiny_driver(folder: Path, old: str = "", new: str = "") -> str:
    """The driver of the page, in a file of this folder, with one line changed."""
    assert not old or example(1).count(old) == 1
    path = folder / "my_driver.py"
    path.write_text(example(1).replace(old, new) if old else example(1))
    return f"{path}:TinyDriver"


def test_the_driver_of_the_page_keeps_the_rules(tmp_path: Path) -> None:
    report = conform(tiny_driver(tmp_path), examples=5, saved=str(tmp_path))
    assert report.findings == [] and not report.ended and report.operations > 500, report.text()


@pytest.mark.parametrize(
    ("clause", "said", "old", "new", "operations"),
    [
        ("no_lost_interrupt", "Let `enable()` return `True` whatever waits", "return self.seen == self.ring.used_idx",
         "return True", (("post", 0, [64], []), ("use", 0, 60), ("publish", 0), ("enable",))),
        ("descriptors_conserved", "leave out the line that adds to `free`", "self.free += chain", "pass",
         (("turn", 5),)),
    ],
)  # fmt: skip
def test_what_the_driver_of_the_page_may_not_do(
    clause: str, said: str, old: str, new: str, operations: tuple[Operation, ...], tmp_path: Path
) -> None:
    """In a scenario of the kind that is drawn."""
    assert said in " ".join(TEXT.split())
    target = tiny_driver(tmp_path, old, new)
    with Worker(target) as worker:
        found = worker.run(Scenario(target, setup(4), operations)).deviations
    assert clause in {d.clause for d in found}, found
