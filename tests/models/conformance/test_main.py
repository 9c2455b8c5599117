"""A whole run: real implementations and the models keep the rules, what does not is found, short, and kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.models.conformance.own import written
from tests.needs import need
from vrx.models.conformance.known_deviations import KNOWN
from vrx.models.conformance.main import conform
from vrx.models.conformance.scenario import from_json, from_text
from vrx.proofs.command.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_linux_keeps_the_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Some seconds of drawn scenarios in every configuration: nothing but what is listed, and all of that."""
    need("linux-vring")
    out, xml = tmp_path / "out.json", tmp_path / "out.xml"
    assert main(["conform", "linux-vring", "--examples", "15", "--json", str(out), "--junit", str(xml)]) == 0
    text = capsys.readouterr().out
    assert "0 deviations" in text and "0 gone" in text
    data = json.loads(out.read_text())
    assert set(data) == {
        "version", "target", "target_version", "ended", "scenarios", "operations", "coverage", "not_reached",
        "deviations",
    }  # fmt: skip
    assert data["version"] == 1 and data["target"] == "linux-vring" and data["operations"] > 5000
    assert data["coverage"] == 1.0 and data["not_reached"] == []
    for d in data["deviations"]:
        assert set(d) == {"clause", "level", "summary", "scenario", "seen", "expected"}
        assert from_json(d["scenario"]).operations
    suite = ElementTree.parse(xml).getroot()
    assert suite.get("failures") == "0" and len(suite) == int(suite.get("tests", "0"))


def test_qemu_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """A few scenarios in every configuration: nothing but what is listed, and all of that."""
    need("qemu")
    assert main(["conform", "qemu", "--examples", "3"]) == 0
    text = capsys.readouterr().out
    assert "0 deviations" in text and "0 gone" in text and "tours took 105 of 121 edges" in text


@pytest.mark.parametrize("target", ["spec-driver", "spec-device"])
def test_the_models_keep_the_rules(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The models of Linux and QEMU on real ring bytes: what deviates is exactly what is listed."""
    assert main(["conform", target, "--examples", "10"]) == 0
    text = capsys.readouterr().out
    listed = sum(target in k.targets for k in KNOWN)
    assert f"0 deviations, {listed} known, 0 times advice not followed, 0 gone" in text


def test_a_fault_is_found_and_shrunk(own: Path) -> None:
    """A driver that does not kick: the clause, and the shortest scenario, which runs again from its file."""
    report = conform(f"{own}:Deaf", examples=20)
    assert report.status == 1
    (finding,) = [f for f in report.findings if f.deviation.clause == "2.7.10.1-4"]
    assert len(finding.scenario.operations) <= 2
    program = Path(report.files[finding.deviation.cause])
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "2.7.10.1-4 MUST" in run.stdout
    assert from_text(program.read_text()) == finding.scenario
    program.unlink()


def test_a_crash_is_a_result(own: Path) -> None:
    """The scenario that killed the target, short, and the run goes on behind it."""
    report = conform(f"{own}:Crashing", examples=5)
    (finding,) = [f for f in report.findings if f.deviation.clause == "crash"]
    assert "SIGABRT" in finding.deviation.seen
    assert [o[0] for o in finding.scenario.operations] == ["post"]
    assert report.operations > 100
    Path(report.files[finding.deviation.cause]).unlink()
