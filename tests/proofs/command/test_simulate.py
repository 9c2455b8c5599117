"""`vrx simulate` as a user meets it: which engine, many runs, systems with a name, and what is refused."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import ROOT
from tests.models.systems.test_bad_input import error_line
from vrx.proofs.command import cli, simulate
from vrx.spec.properties import descriptors_conserved
from vrx.spec.property import Property
from vrx.spec.questions import standard_for

FILE = '''
from vrx.models import L, Softirq, State, rx
from vrx.spec.properties import invariant


def completes_without_looking(s: State, me: Softirq) -> None:
    me.opaque = 0
    me.goto(L.IDLE)


@invariant
def few_in_hand(s: State) -> bool:
    """The device never holds more than a few buffers."""
    return s.main.held < 3


faulty = rx().replace("virtqueue_poll", completes_without_looking)
plain = rx(size=2)
'''


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's file."""
    path = tmp_path / "my.py"
    path.write_text(FILE)
    return path


def test_the_same_run_whichever_engine_takes_it_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for engine in ("native", "python"):
        written = tmp_path / f"{engine}.json"
        arguments = ["--packets", "120", "--size", "16", "--data", "--mergeable", "--seed", "9", "--engine", engine]
        assert cli.main(["simulate", *arguments, "--json", str(written)]) == 0
        text, _, said = capsys.readouterr().out.rstrip().rpartition("\n")
        assert said == {"native": "steps taken by compiled C", "python": "steps taken in Python, as asked"}[engine]
        data = json.loads(written.read_text())
        assert data.pop("engine") == engine
        found[engine] = text, data
    assert found["native"] == found["python"]


def test_many_runs_and_what_they_did_not_see(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "runs.json"
    asked = ["simulate", "--runs", "3", "--seed", "5", "--packets", "20", "--size", "4", "--json", str(written)]
    assert cli.main(asked) == 0
    text = capsys.readouterr().out
    assert "seeds 5 to 7" in text and re.search(r"\n +60  packets accepted\n", text)
    assert re.search(r"\d+  different steps taken; never: .*vring_set_avail_event", text)
    assert "of every run" in text and "in Python" in text
    data = json.loads(written.read_text())
    assert (data["version"], data["wanted"], data["runs"], data["violated"]) == (1, 3, 3, None)
    assert data["events"]["qemu_net_queue_send"] == 60 and "vring_set_avail_event" in data["never_taken"]


def test_a_variant_of_a_file_breaks_at_real_sizes_and_its_trace_replays(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.json"
    sizes = ["--size", "64"]
    asked = ["simulate", f"{own}:faulty", *sizes, "--runs", "60", "--packets", "50", "--trace", str(trace)]
    assert cli.main(asked) == 1
    text = capsys.readouterr().out
    assert "size=64" in text and "REFUTED  " in text
    seed = re.search(r"--seed (\d+) --runs 1$", text.rstrip())
    assert seed
    assert cli.main([*asked, "--seed", seed[1], "--runs", "1"]) == 1
    assert cli.main(["trace", "--replay", str(trace), str(own), *sizes, "--idx-bits", "16"]) == 0
    assert capsys.readouterr().out.splitlines()[-1]


def test_a_question_of_a_file_is_asked(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["simulate", f"{own}:plain", "--size", "8", "--mergeable", "--max-packet", "5", "--packets", "100"]
    assert cli.main(asked) == 1
    assert "REFUTED  few_in_hand" in capsys.readouterr().out


def test_a_bug_of_the_museum_breaks_at_another_size_and_its_trace_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.json"
    sizes = ["--size", "16", "--idx-bits", "16"]
    assert cli.main(["simulate", "unpop-keeps-inuse", *sizes, "--packets", "2500", "--trace", str(trace)]) == 1
    assert cli.main(["trace", "--replay", str(trace), *sizes]) == 0
    assert capsys.readouterr().out


BAD = [
    (["--runs", "0"], "'0' is not a number from 1 on"),
    (["--runs", "3", "--plot", "a.png"], "leave out --runs"),
    (["--engine", "fast"], "invalid choice"),
    (["nothing-of-the-kind"], "no claim and no bug is called"),
    (["nobody.py:x"], "nobody.py"),
    (["every_slot_is_a_place"], "no claim and no bug"),
    (["--packets", "5", "--weight", "nobody=1"], "no actor is called 'nobody'"),
    (["follows-the-standard-any-driver-any-device"], "no "),
]


@pytest.mark.parametrize(("arguments", "expected"), BAD, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_what_is_wrong_is_said_in_one_line(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["simulate", *arguments]) == 2
    assert expected in error_line(capsys)


def test_an_option_that_needs_another_one_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--memory", "sc", "--buffer-depth", "2", "--hdr-len", "3", "--packets", "5"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "note: --hdr-len changes nothing of this system: it does something with --data",
        "note: --buffer-depth changes nothing of this system: it does something with --memory tso",
    ]
    small = ["--size", "2", "--data", "--hdr-len", "2", "--buffer-len", "3", "--max-packet", "1"]
    assert cli.main(["simulate", *small, "--memory", "tso", "--buffer-depth", "2", "--packets", "5"]) == 0
    assert "note" not in capsys.readouterr().err


def test_without_a_compiler(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    asked = ["simulate", "--packets", "2000", "--size", "8", "--engine"]
    assert cli.main([*asked, "auto"]) == 0
    assert "steps taken in Python: CC=/nowhere/cc" in capsys.readouterr().out
    assert cli.main([*asked, "native"]) == 2
    assert "unset CC" in error_line(capsys)


def test_ctrl_c_ends_many_runs_with_what_they_saw() -> None:
    command = [sys.executable, "-m", "vrx.proofs.command.cli", "simulate", "--runs", "100000", "--packets", "50"]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(12)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 3, err
    assert "interrupted: " in out and "runs are left out" in out and "Traceback" not in err



@pytest.mark.parametrize("size", [2, 16])
def test_a_system_without_a_name_is_asked_every_standard_question(size: int) -> None:
    options = cli._parser().parse_args(["simulate", "--size", str(size)])
    system, asked = simulate._asked(options, None, cli.LIBRARY)
    assert {q for q in standard_for(system.cfg)[0] if isinstance(q, Property)} <= {*asked}
    assert descriptors_conserved in asked
