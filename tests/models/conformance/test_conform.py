"""`vrx conform`: real implementations pass, faulty ones are found, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.needs import need
from vrx.models.conformance.command import replay_text
from vrx.models.conformance.known_deviations import KNOWN
from vrx.models.conformance.main import conform
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario, as_program, from_json, from_text
from vrx.models.conformance.search.shrink import shrink
from vrx.models.conformance.worker.supervisor import Worker
from vrx.proofs.command.cli import main


@pytest.mark.slow
def test_linux_keeps_the_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Some seconds of drawn scenarios in every configuration: nothing but what is listed, and all of that."""
    need("linux-vring")
    out, xml = tmp_path / "out.json", tmp_path / "out.xml"
    assert main(["conform", "linux-vring", "--examples", "15", "--json", str(out), "--junit", str(xml)]) == 0
    text = capsys.readouterr().out
    assert "0 deviations" in text and "0 gone" in text
    data = json.loads(out.read_text())
    assert set(data) == {
        "version", "target", "target_version", "interrupted", "scenarios", "operations", "coverage", "not_reached",
            "deviations",
    }  # fmt: skip
    assert data["version"] == 1 and data["target"] == "linux-vring" and data["operations"] > 5000
    assert data["coverage"] == 1.0 and data["not_reached"] == []
    for d in data["deviations"]:
        assert set(d) == {"clause", "level", "summary", "scenario", "seen", "expected"}
        assert from_json(d["scenario"]).operations
    suite = ElementTree.parse(xml).getroot()
    assert suite.get("failures") == "0" and len(suite) == int(suite.get("tests", "0"))


@pytest.mark.slow
def test_qemu_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """A few scenarios in every configuration: nothing but what is listed, and all of that."""
    need("qemu")
    assert main(["conform", "qemu", "--examples", "3"]) == 0
    text = capsys.readouterr().out
    assert "0 deviations" in text and "0 gone" in text and "tours took 52 of 60 edges" in text


@pytest.mark.parametrize("target", ["spec-driver", "spec-device"])
def test_the_models_keep_the_rules(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The models of Linux and QEMU on real ring bytes: what deviates is exactly what is listed."""
    assert main(["conform", target, "--examples", "10"]) == 0
    text = capsys.readouterr().out
    listed = sum(target in k.targets for k in KNOWN)
    assert f"0 deviations, {listed} known, 0 times advice not followed, 0 gone" in text


@pytest.mark.parametrize("known", KNOWN, ids=lambda k: k.id)
def test_known_deviations_have_a_scenario(known: object) -> None:
    """Each shows itself, in every target that it is listed for."""
    for k in KNOWN:
        if k is known:
            for target in k.targets:
                need(target)
                with Worker(target) as worker:
                    found = worker.run(k.scenario(target)).deviations
                assert any(k.is_this(target, d) for d in found), found


DEAF = '''
from vrx.models.conformance.targets.linux_vring.target import LinuxVring
from vrx.models.conformance.targets.linux_vring.source import ring_text

class Few(LinuxVring):
    def setups(self):
        return super().setups()[:4]

class Deaf(Few):
    """virtio_ring.c that never kicks."""
    def __init__(self):
        old = "needs_kick = !(vq->split.vring.used->flags &"
        text = ring_text()
        assert text.count(old) == 1
        super().__init__(text.replace(old, "needs_kick = 0 && !(vq->split.vring.used->flags &"))

class Crashing(Few):
    """One that ends."""
    def post(self, segments, token):
        if len(segments) == 3:
            import os
            os.abort()
        return super().post(segments, token)

class Hanging(LinuxVring):
    """One that never answers."""
    def enable_delayed(self):
        while True:
            pass

class Raising(LinuxVring):
    """An adapter with a fault."""
    def version(self):
        return 1 // 0
'''


@pytest.fixture
def own(tmp_path: Path) -> Path:
    need("linux-vring")
    path = tmp_path / "own.py"
    path.write_text(DEAF)
    return path


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_crash_is_a_result(own: Path) -> None:
    """The scenario that killed the target, short, and the run goes on behind it."""
    report = conform(f"{own}:Crashing", examples=5)
    (finding,) = [f for f in report.findings if f.deviation.clause == "crash"]
    assert "SIGABRT" in finding.deviation.seen
    assert [o[0] for o in finding.scenario.operations] == ["post"]
    assert report.operations > 100
    Path(report.files[finding.deviation.cause]).unlink()


def test_a_hang_is_a_result(own: Path) -> None:
    scenario = Scenario(f"{own}:Hanging", setup(4), (("delayed",),))
    with Worker(scenario.target, limit=2) as worker:
        assert [d.clause for d in worker.run(scenario).deviations] == ["hang"]
        assert worker.run(scenario.with_operations([("kick",)])).deviations[:1] == ()


def test_a_faulty_adapter_is_one_line(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", f"{own}:Raising"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "ZeroDivisionError" in err and "own.py" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["linux-vrin"], "did you mean linux-vring?"),
        (["nothing"], "FILE.py:CLASS"),
        (["gone.py:Device"], "no such file"),
        (["linux-vring", "--replay", "nothing"], "cannot read nothing"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("vrx: ") and err.count("\n") == 1 and said in err


def processes_of(session: int) -> list[int]:
    """Processes whose command names a worker that was started by process `session`."""
    out = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if stat[0] != "Z" and f"VRX_TEST={session}".encode() in environment.split(b"\0"):
                out.append(int(entry.name))
    return out


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(sent: signal.Signals) -> None:
    """However the harness ends, its workers end with it."""
    need("linux-vring")
    mark = os.getpid() * 100 + sent
    command = [sys.executable, "-c", "import sys; from vrx.proofs.command.cli import main; sys.exit(main())"]
    run = subprocess.Popen(
        [*command, "conform", "linux-vring", "--examples", "100000"],
        env={**os.environ, "VRX_TEST": str(mark)}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while len(processes_of(mark)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.3)
    run.send_signal(sent)
    try:
        _, err = run.communicate(timeout=120)
    finally:
        run.kill()
    if sent != signal.SIGKILL:
        assert run.returncode == 3 and err == "vrx: interrupted: this is what was found by then\n"
    deadline = time.monotonic() + 120
    while processes_of(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(mark) == []


def test_scenarios_are_kept_as_they_are() -> None:
    scenario = Scenario("linux-vring", setup(8, event_idx=True), (("post", 0, [64, 1], []), ("kick",)), origin="tour")
    assert from_json(json.loads(json.dumps(scenario.as_json()))) == scenario
    assert from_text(as_program(scenario, "about it")) == scenario


def test_shrinking_keeps_what_matters() -> None:
    """Everything else goes, and numbers become simple."""
    noise = [("take", 3)] * 30
    scenario = Scenario("x", setup(), (*noise, ("post", 9, [1526, 12], []), *noise, ("kick",), *noise))
    names = [o[0] for o in shrink(scenario, lambda s: {"post", "kick"} <= {o[0] for o in s.operations}).operations]
    assert names == ["post", "kick"]


def test_a_program_replays(capsys: pytest.CaptureFixture[str]) -> None:
    need("linux-vring")
    text = json.dumps(Scenario("linux-vring", setup(4), (("post", 0, [64], []), ("kick",))).as_json())
    assert replay_text(text) == 0
    assert "nothing that the standard does not allow" in capsys.readouterr().out
