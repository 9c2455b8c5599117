"""The command line as a user meets it: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests import ROOT
from tests.models.systems.test_bad_input import error_line
from vrx.models.claims import Claim, Exhibit, Figures, Outcome, Safety, Sentence, Statement, claims_of, cover, lasting
from vrx.models.engines.explorer import explore
from vrx.models.systems.system import rx
from vrx.proofs import MODULES, all_claims, all_exhibits
from vrx.proofs.command import cli
from vrx.proofs.museum.device import forgets_unpop
from vrx.proofs.running import chosen
from vrx.spec.liveness import no_spin
from vrx.spec.properties import descriptors_conserved, no_lost_kick, single_owner

OWN = Sentence("own", "An engine of its own decides it.")
SMALL = rx(arrivals=False)
LEAKS = rx().replace("virtqueue_unpop", forgets_unpop)
HOLDS = Safety("it-holds", SMALL, single_owner, "proved")
LEAK = Safety("it-leaks", LEAKS, descriptors_conserved, "refuted")
EXHIBIT = Exhibit("leak", "somewhere", LEAKS, descriptors_conserved, SMALL)


@pytest.fixture
def claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small claims and a bug in place of the real ones; every step may stay unfired."""
    monkeypatch.setattr(cli, "all_claims", lambda: (HOLDS, LEAK))
    monkeypatch.setattr(cli, "all_exhibits", lambda: (EXHIBIT,))
    quiet_about_steps(monkeypatch)


def quiet_about_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vrx.models.deciding.engine.fired_as_listed", lambda *_: "")


def only(monkeypatch: pytest.MonkeyPatch, *claims: Claim) -> None:
    monkeypatch.setattr(cli, "all_claims", lambda: claims)
    quiet_about_steps(monkeypatch)


def vrx(*arguments: str | Path, module: str = "vrx.proofs.command.cli", env: dict[str, str] | None = None,
        timeout: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.usefixtures("claims")
def test_prove_says_and_writes_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "claims.json"
    assert cli.main(["prove", "--json", str(written), "--junit", str(tmp_path / "junit.xml")]) == 0
    said = capsys.readouterr()
    assert "ok    it-holds" in said.out and "refuted in 12 steps" in said.out
    assert "2 distinct questions in 2 claims: 2 as stated, 0 not, 0 undecided" in said.out.splitlines()[-1]
    assert said.err == ""
    data = json.loads(written.read_text())
    assert data["version"] == 2 and (data["questions"], data["by_construction"]) == (2, 0)
    by_name = {c["name"]: c for c in data["claims"]}
    figures = "states depth steps seconds reason why mend by_construction"
    names = f"name system kind property engine expected verdict ok {figures}"
    assert all(" ".join(c) == names for c in data["claims"])
    holds, leak = by_name["it-holds"], by_name["it-leaks"]
    assert (holds["verdict"], holds["expected"], holds["ok"], holds["steps"]) == ("proved", "proved", True, None)
    assert holds["states"] > 50 and holds["depth"] > 20 and holds["system"] == SMALL.name
    assert (leak["verdict"], leak["steps"], leak["ok"], leak["kind"], leak["property"]) == (
        "refuted", 12, True, "safety", "descriptors_conserved",
    )
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "0")


@pytest.mark.usefixtures("claims")
def test_json_to_standard_output_is_nothing_but_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["prove", "--json", "-"]) == 0
    said = capsys.readouterr()
    assert len(json.loads(said.out)["claims"]) == 2 and "2 claims" in said.err
    assert cli.main(["bugs", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["bugs"][0]["id"] == "leak"


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (Safety("x", SMALL, single_owner, "refuted"), "expected refuted"),
        (Safety("x", LEAKS, descriptors_conserved, "proved"), "expected proved"),
        (Safety("x", SMALL, single_owner, "proved", figures=Figures(states=7)), "expected 7 states, found"),
        (Safety("x", SMALL, single_owner, "proved", figures=Figures(depth=7)), "expected 7 depth, found"),
        (Safety("x", LEAKS, descriptors_conserved, "refuted", figures=Figures(steps=7)), "expected 7 steps, found 12"),
        (cover("x", SMALL, "the device parks"), "expected refuted"),
    ],
)
def test_another_verdict_than_the_one_written_is_an_error_in_both_directions(
    claim: Claim, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only(monkeypatch, claim)
    written, xml = tmp_path / "claims.json", tmp_path / "junit.xml"
    assert cli.main(["prove", "--json", str(written), "--junit", str(xml)]) == 1
    assert "FAIL  x" in capsys.readouterr().out
    (entry,) = json.loads(written.read_text())["claims"]
    assert not entry["ok"] and reason in entry["reason"]
    assert ElementTree.parse(xml).getroot().get("failures") == "1"


def test_undecided_is_status_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out_of_time = Statement("x", None, OWN, "proved", decide=lambda c: Outcome("undecided", "z3", why="time"))
    only(monkeypatch, HOLDS, out_of_time)
    assert cli.main(["prove"]) == 3
    assert "??    x" in capsys.readouterr().out


@pytest.mark.parametrize("how", ["dies", "raises"])
def test_an_engine_that_fails_costs_its_claim_only(
    how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(claim: Claim) -> Outcome:
        if how == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ArithmeticError("one and one\nis three")

    only(monkeypatch, Statement("x", None, OWN, "proved", decide=fails), HOLDS)
    assert cli.main(["prove"]) == 1
    said = capsys.readouterr().out
    assert ("killed" if how == "dies" else "ArithmeticError: one and one is three") in said
    assert "ok    it-holds" in said


def test_without_a_compiler_small_systems_are_decided_and_large_ones_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = Safety("large", rx(), single_owner, "proved", figures=Figures(states=10**7))
    only(monkeypatch, *claims_of(SMALL, single_owner), large)
    monkeypatch.setenv("CC", "no-such-compiler")
    written = tmp_path / "claims.json"
    assert cli.main(["prove", "--json", str(written)]) == 3
    small, left = sorted(json.loads(written.read_text())["claims"], key=lambda c: str(c["verdict"]))
    assert (small["verdict"], small["engine"]) == ("proved", "reference")
    assert left["verdict"] == "undecided" and "10,000,000 states" in left["reason"]
    assert left["why"] == "too_large" and "compiler" in left["mend"] and "compiler" not in left["reason"]
    said = capsys.readouterr()
    before, after = said.err.splitlines()
    assert before.startswith("vrx: 1 of 2 claims will be left undecided: CC=no-such-compiler")
    assert "compiler" not in said.out and after.startswith("vrx: 1 undecided: CC=no-such-compiler")


def test_without_a_compiler_cycles_of_small_graphs_are_looked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states = explore(SMALL).states
    (claim,) = lasting(SMALL, no_spin("device"))
    small, large = (replace(claim, figures=Figures(states=n)) for n in (states, 10**6))
    only(monkeypatch, small)
    monkeypatch.setenv("CC", "no-such-compiler")
    assert cli.main(["prove"]) == 0
    assert "reference" in capsys.readouterr().out
    only(monkeypatch, large)
    assert cli.main(["prove"]) == 3
    said = capsys.readouterr()
    assert "a graph of 1,000,000 states" in said.out and "compiler" not in said.out
    assert "CC=no-such-compiler" in said.err


def test_steps_that_never_fire_are_an_error_unless_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "all_claims", lambda: (HOLDS,))
    assert cli.main(["prove"]) == 1
    assert re.search(r"FAIL  every_step_fires.*never fired: .*virtqueue_split_flush", capsys.readouterr().out)


@pytest.mark.usefixtures("claims")
def test_bugs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "bugs.json"
    assert cli.main(["bugs", "--json", str(written)]) == 0
    assert "ok    leak  descriptors_conserved refuted in 12 steps, fixed proved" in capsys.readouterr().out
    assert json.loads(written.read_text()) == {
        "version": 1,
        "bugs": [
            {
                "id": "leak",
                "faulty": {"verdict": "refuted", "property": "descriptors_conserved", "steps": 12},
                "fixed": {"verdict": "proved"},
                "ok": True,
            }
        ],
    }
    assert cli.main(["bugs", "--list"]) == 0
    assert "leak" in capsys.readouterr().out


def test_a_bug_that_does_not_break_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet_about_steps(monkeypatch)
    monkeypatch.setattr(cli, "all_exhibits", lambda: (Exhibit("leak", "", SMALL, descriptors_conserved, SMALL),))
    assert cli.main(["bugs"]) == 1
    assert "FAIL  leak" in capsys.readouterr().out


@pytest.mark.usefixtures("claims")
def test_names_select_claims(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("it-leaks", "descriptors_conserved", "*leaks"):
        assert [c.name for c in chosen([name], [HOLDS, LEAK], "quick")] == ["it-leaks"]
    assert cli.main(["prove", "--list"]) == 0
    assert "it-holds" in capsys.readouterr().out


def test_a_claim_about_a_file_is_chosen_by_its_module() -> None:
    assert {c.module for c in chosen(["lost_wakeup"], all_claims(), "quick")} == {"lost_wakeup"}
    path = str(ROOT / "proofs" / "lost_wakeup.py")
    assert chosen([path], all_claims(), "quick") == chosen(["lost_wakeup"], all_claims(), "quick")


def test_the_written_claims_and_bugs_are_well_formed() -> None:
    assert {c.module for c in all_claims()} == set(MODULES)
    ids = [e.id for e in all_exhibits()]
    assert len(ids) == len(set(ids)) and not set(ids) & {c.name for c in all_claims()}
    assert all(c.asks.sentence for c in all_claims())


@pytest.mark.needs("compiler")
def test_one_file_of_claims_runs_by_itself() -> None:
    run = vrx("--json", "-", module="vrx.proofs.lost_wakeup")
    assert run.returncode == 0, run.stdout + run.stderr
    assert {c["verdict"] for c in json.loads(run.stdout)["claims"]} == {"proved", "refuted"}
    assert "Traceback" not in run.stderr and "Warning" not in run.stderr
    assert vrx("--jobs", "0", module="vrx.proofs.lost_wakeup").returncode == 2


def test_a_reader_that_goes_away_is_no_error() -> None:
    run = subprocess.run(
        f"{sys.executable} -m vrx.proofs.command.cli prove --list | head -1",
        shell=True, cwd=ROOT, capture_output=True, text=True, check=False,
    )
    assert run.stdout.count("\n") == 1 and run.stderr == ""


def test_a_terminal_shows_progress() -> None:
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-m", "vrx.proofs.command.cli", "simulate", "--packets", "200"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs, stdin=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:
        pass
    os.close(ours)
    assert run.wait(120) == 0
    assert b"/200 packets" in shown


@pytest.mark.usefixtures("claims")
def test_trace_of_a_claim_of_a_bug_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("it-leaks", "leak"):
        assert cli.main(["trace", name]) == 0
        text = capsys.readouterr().out
        assert text.startswith("REFUTED  descriptors_conserved   " + LEAKS.name)
        assert cli.main(["trace", name, "--json", "-o", str(tmp_path / "t.json")]) == 0
        assert cli.main(["trace", "--replay", str(tmp_path / "t.json")]) == 0
        assert capsys.readouterr().out == text
        assert cli.main(["trace", name, "--format", "json"]) == 0
        assert capsys.readouterr().out == (tmp_path / "t.json").read_text()


def test_trace_of_a_claim_that_turns_out_proved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    only(monkeypatch, Safety("x", SMALL, no_lost_kick, "refuted"))
    assert cli.main(["trace", "x"]) == 1
    assert "it is proved" in error_line(capsys)


def test_a_trace_that_does_not_replay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only(monkeypatch, LEAK)
    path = tmp_path / "t.json"
    assert cli.main(["trace", "it-leaks", "--json", "-o", str(path)]) == 0
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    assert cli.main(["trace", "--replay", str(path)]) == 2
    assert "cut off" in error_line(capsys)
    data = json.loads(text)
    del data["steps"][3]
    path.write_text(json.dumps(data))
    assert cli.main(["trace", "--replay", str(path)]) == 1
    assert "step 4" in error_line(capsys)
    path.write_bytes(b"\xff\xfe\x00")
    assert cli.main(["trace", "--replay", str(path)]) == 2
    assert "not text" in error_line(capsys)


def test_the_readme_shows_what_the_tool_prints() -> None:
    readme = (ROOT / "README.md").read_text()
    shown = re.search(r"```\n(REFUTED.*?)```", readme, re.S)
    assert shown
    run = vrx("trace", "complete-without-poll")
    assert run.returncode == 0 and run.stdout == shown[1]


def test_simulate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "run.json"
    assert cli.main(["simulate", "--packets", "50", "--size", "4", "--seed", "3", "--json", str(written)]) == 0
    assert "50  packets accepted" in capsys.readouterr().out
    data = json.loads(written.read_text())
    assert (data["version"], data["seed"], data["counts"]["packets accepted"]) == (1, 3, 50)
    assert data["finished"] and data["violated"] is None


def test_simulate_without_a_barrier_finds_the_bug_and_writes_the_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "run.json"
    lost = ["simulate", "--size", "1", "--guest", "up", "--no-event-idx", "--without", "virtqueue_poll__mb",
            "--weight", "cpu0 stores=0.1", "--packets", "3000", "--trace", str(trace)]
    assert cli.main(lost) == 1
    assert "REFUTED  no_lost_interrupt" in capsys.readouterr().out
    assert cli.main(["trace", "--replay", str(trace)]) == 0
    assert capsys.readouterr().out.startswith("REFUTED  no_lost_interrupt")
