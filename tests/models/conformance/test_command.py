"""`vrx conform` with wrong input, and what it says of one scenario."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.models.conformance.own import written
from tests.needs import need
from vrx.models.conformance import known_deviations
from vrx.models.conformance.command import replay_text
from vrx.models.conformance.errors import NoTarget
from vrx.models.conformance.harness.runs import check
from vrx.models.conformance.known.known import Known
from vrx.models.conformance.known_deviations import KNOWN
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario, as_program, from_text
from vrx.models.conformance.search.corpus import REGRESSIONS, read
from vrx.models.conformance.worker.locate import locate
from vrx.proofs.command.cli import main
from vrx.proofs.command.conform import WITH_EXHIBITS


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.mark.slow
def test_a_faulty_adapter_is_one_line(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", f"{own}:Raising"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "ZeroDivisionError" in err and "own.py" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["linux-vrin"], "did you mean linux-vring"),
        (["nothing"], "FILE.py:CLASS"),
        (["gone.py:Device"], "no such file"),
        (["linux-vring", "--replay", "nothing"], "cannot read nothing"),
        (["qemu", "--replay", "qemu-num-bufers"], "did you mean qemu-num-buffers"),
        (["spec-driver", "--replay", "qemu-num-buffers"], "nothing that a driver can be asked for: operation 1"),
        (["qemu+x"], "no fault can be planted in qemu"),
        (["spec-device+"], "no fault of spec-device is called ''"),
        (["spec-device+event-test-equalit"], "did you mean event-test-equality"),
        (["spec-device", "--examples", "0"], "not a number from 1 on"),
        (["spec-device", "--soak", "-5"], "not a number from 1 on"),
        (["qemu", "--sensitivity"], "--sensitivity goes with linux-vring"),
        (["qemu", "--sensitivity", "--replay", "x"], "not allowed with"),
        (["spec-device", "--json", "-", "--replay", "x"], "leave it out where there is --replay"),
        (["linux-vring", "--validate", "x"], "writes no trace"),
        (["qemu", "--validate", ""], "Is a directory"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("vrx: ") and err.count("\n") == 1 and said in err


GOOD = Scenario("spec-device", setup(4, event_idx=True), (("refill", 1), ("inject", 60), ("settle",))).as_json()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": 2}, "a scenario of version 2; this vrx reads version 1"),
        ({"size": "x"}, "size: 'x': use a number"),
        ({"size": True}, "size: True: use a number"),
        ({"size": 3}, "a split queue cannot have 3 entries"),
        ({"features": ["RING_EVENT_ID"]}, "did you mean RING_EVENT_IDX"),
        ({"features": 7}, "features: 7: use a list"),
        ({"buffers": "huge"}, "use one of small, big, mergeable"),
        ({"hostile": "no"}, "use true or false"),
        ({"operations": None}, "operations: None: use a list"),
        ({"operations": ["kick"]}, "operation 1: 'kick': use a list"),
        ({"operations": [["kick"], ["inject", 6.5]]}, "operation 2: ['inject', 6.5]: arguments are whole numbers"),
        ({"operations": [["kik"]]}, "no operation is called 'kik' here"),
        ({"operations": [["inject"]]}, "inject has 0 arguments and takes 1: length"),
        ({"operations": [["inject", [60]]]}, "inject: length is [60]: use a number"),
        ({"operations": [["post", 0, 0, 64, 0]]}, "post: writable is 64: use a list of numbers"),
        ({"operations": [["post", 0, 0, [0], 0]]}, "post: writable is 0: use 1..131072"),
        ({"operations": [["publish", -3]]}, "publish: n is -3: use 0..65535"),
        ({"operations": [["begin", 70000]]}, "begin: index is 70000: use 0..65535"),
        ({"hostile": True, "operations": [["lie", 99, 0]]}, "lie: kind is 99: use 0..17"),
        ({"operations": [["check:x"]]}, "has no check 'x'"),
        ({"features": ["VERSION_1", "RING_PACKED", "RING_INDIRECT_DESC", "NET_MRG_RXBUF"], "buffers": "mergeable"},
         "does not take packed 4 mergeable"),
        ({"deviations": []}, "this is the report of a run"),
    ],
)
def test_a_scenario_that_somebody_wrote_is_checked(
    changed: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, with the file, the place in it and what may stand there."""
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({**GOOD, **changed}))
    assert main(["conform", "spec-device", "--replay", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("vrx: ") and err.count("\n") == 1 and said in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no scenario in it"),
        ("[]", "there is no scenario in it"),
        ("{}", "this is no scenario"),
        ('# a\n{"version": 1\n "size": 4}', "damaged at line 3"),
        ("{" + '"a":' + "[" * 100_000 + "}", "damaged"),
    ],
)
def test_a_damaged_file_is_told_with_its_name(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(text)
    assert main(["conform", "spec-device", "--replay", str(path)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and str(path) in err and said in err


def test_every_scenario_that_is_kept_passes_the_check() -> None:
    for known in KNOWN:
        for target in known.targets:
            side = locate(target).side
            assert side is not None
            check(known.scenario(target), side)
    for side in ("driver", "device"):
        for scenario in read(REGRESSIONS / f"{side}.json"):
            check(scenario, "driver" if side == "driver" else "device")


def test_a_known_deviation_is_told_as_known_and_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """As in a run: what is listed is not counted.  What planting a fault adds is."""
    assert main(["conform", "spec-device", "--replay", "qemu-num-buffers"]) == 0
    out = capsys.readouterr().out
    assert "known     5.1.9.4.1-1 MUST" in out and "qemu-num-buffers: receive_header() writes" in out
    assert "DEVIATES" not in out and "gone" not in out
    for fault, status in (("used-index-before-entry", 0), ("header-counted-twice", 1)):  # one that it does not show
        assert main(["conform", f"spec-device+{fault}", "--replay", "qemu-num-buffers"]) == status
        assert ("DEVIATES  used_entries_exact" in capsys.readouterr().out) == (status == 1)


def test_a_known_deviation_that_no_longer_shows_is_told_as_gone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mended = Known("mended", ("spec-device",), "2.7.5.3.2-2", "one", "it was so", ("1.0",), setup(2), (("settle",),))
    monkeypatch.setattr(known_deviations, "KNOWN", [*KNOWN, mended])
    assert main(["conform", "spec-device", "--replay", "mended"]) == 0
    assert "gone      2.7.5.3.2-2: one\n          seen in 1.0" in capsys.readouterr().out


def test_a_scenario_runs_on_the_target_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps({**GOOD, "target": "nobody"}))
    assert main(["conform", "spec-device", "--replay", str(path)]) == 0
    assert capsys.readouterr().out.startswith("spec-device, split 4 small")


def test_the_program_of_a_finding_knows_exhibits_and_its_errors_are_one_line(tmp_path: Path) -> None:
    """A path with quotes and backslashes, and a sentence with braces and two lines, do not damage it."""
    scenario = Scenario("spec-device+event-test-equality", setup(2), (("refill", 1), ("inject", 60), ("settle",)))
    program = tmp_path / "found.py"
    program.write_text(as_program(scenario, "two\nlines {", WITH_EXHIBITS.replay))
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "known     5.1.9.4.1-1" in run.stdout, run.stderr
    program.write_text(as_program(replace(scenario, target='C:\\a"b.py:X'), "about"))
    assert from_text(program.read_text()).target == 'C:\\a"b.py:X'
    run = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert run.returncode == 2 and run.stderr.startswith("vrx: ") and run.stderr.count("\n") == 1


def test_without_exhibits_the_line_says_who_has_them() -> None:
    with pytest.raises(NoTarget, match="vrx conform spec-device\\+event-test-equality does"):
        locate("spec-device+event-test-equality")


def test_what_was_found_until_ctrl_c_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the exit status is that of an interrupted run."""

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vrx.models.conformance.main.follow", interrupted)
    assert main(["conform", "spec-device", "--save", str(tmp_path)]) == 3
    said = capsys.readouterr()
    assert "known     5.1.9.4.1-1" in said.out and "ended     interrupted" in said.out
    assert said.err == "vrx: interrupted: this is what was found by then\n"


def test_a_program_replays(capsys: pytest.CaptureFixture[str]) -> None:
    need("linux-vring")
    text = json.dumps(Scenario("linux-vring", setup(4), (("post", 0, [64], []), ("kick",))).as_json())
    assert replay_text(text) == 0
    assert "nothing that the standard does not allow" in capsys.readouterr().out
