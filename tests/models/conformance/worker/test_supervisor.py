"""The death of a target and its silence are results; nothing of a worker is left, however the harness ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.models.conformance.own import written
from tests.needs import need
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.worker.supervisor import Worker


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_a_hang_is_a_result(own: Path) -> None:
    scenario = Scenario(f"{own}:Hanging", setup(4), (("delayed",),))
    with Worker(scenario.target, limit=2) as worker:
        assert [d.clause for d in worker.run(scenario).deviations] == ["hang"]
        assert worker.run(scenario.with_operations([("kick",)])).deviations[:1] == ()


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
