"""How a run ends before its end: Ctrl-C, SIGTERM, its own time; and what it leaves out from the beginning."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import sleep
from xml.etree import ElementTree

import pytest

from tests import ROOT
from tests.proofs.command.test_cli import HOLDS, OWN, only
from vrx.models.claims import Claim, Extra, Outcome, Statement
from vrx.proofs import all_claims
from vrx.proofs.command import cli
from vrx.proofs.running import TIERS, beforehand, chosen, too_long

INTERRUPTED = """
import sys, time
sys.argv[0] = "vrx"
from vrx.proofs.running import main_for
from vrx.models.deciding import engine
from vrx.models.claims import Statement
from tests.proofs.command.test_cli import HOLDS, OWN
engine.fired_as_listed = lambda *_: ""
slow = Statement("slow", None, OWN, "proved", decide=lambda c: time.sleep(600))
main_for([HOLDS, slow])
"""


def interrupted(
    script: str, *arguments: str | Path, after: str, how: signal.Signals = signal.SIGINT, group: bool = True
) -> tuple[int, str]:
    """Run a script, end it once a line of its output has `after`; its exit status and standard error.

    how: SIGINT as Ctrl-C sends it, or SIGTERM; group: to all its processes; nothing of them is left
    """
    with subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as run:
        assert run.stdout and run.stderr
        assert after in run.stdout.readline()
        for _ in range(3):  # whoever asks again and again does not keep it from writing
            with suppress(ProcessLookupError):
                os.killpg(run.pid, how) if group else os.kill(run.pid, how)
        ended = run.wait(120), run.stderr.read()
        with pytest.raises(ProcessLookupError):
            os.killpg(run.pid, 0)
        return ended


@pytest.mark.parametrize("group", [True, False])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_keeps_what_was_found(how: signal.Signals, group: bool, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM alike: what was decided is written, the rest says so, no process of it is left."""
    written = tmp_path / "claims.json"
    status, said = interrupted(INTERRUPTED, "--json", written, after="it-holds", how=how, group=group)
    assert (status, said) == (
        3, "vrx: interrupted: 1 of 2 claims are left undecided; --resume takes what the searches have found\n"
    )  # fmt: skip
    verdicts = {c["name"]: (c["verdict"], c["reason"]) for c in json.loads(written.read_text())["claims"]}
    assert verdicts == {"it-holds": ("proved", ""), "slow": ("undecided", "interrupted")}


def test_a_run_ends_with_the_time_that_it_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def sleeps(claim: Claim) -> Outcome:
        sleep(600)
        return Outcome("proved", "too late")

    only(monkeypatch, HOLDS, Statement("slow", None, OWN, "proved", decide=sleeps))
    written = tmp_path / "claims.json"
    before = signal.getsignal(signal.SIGTERM)
    assert cli.main(["prove", "--time", "4", "--json", str(written)]) == 3
    assert signal.getsignal(signal.SIGTERM) == before and signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    said = capsys.readouterr()
    assert said.err == (
        "vrx: the run's time of 4 s was over: 1 of 2 claims are left undecided; "
        "--resume takes what the searches have found\n"
    )
    assert "1 as stated, 0 not, 1 undecided" in said.out
    found = {c["name"]: (c["verdict"], c["why"]) for c in json.loads(written.read_text())["claims"]}
    assert found == {"it-holds": ("proved", ""), "slow": ("undecided", "time")}
    only(monkeypatch, HOLDS)
    assert cli.main(["prove", "--time", "600"]) == 0
    assert cli.main(["prove", "--time", "0"]) == 2


def test_what_the_installation_has_no_time_for_is_left_out_and_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the run what is missing, its worth and its command; never proved; who asks by name gets it."""
    there = False
    slow = Extra("a solver", lambda: there, "pip install solver", "With it a claim takes a second, without ten minutes")
    claim = Statement("dear", None, OWN, "proved", decide=lambda c: Outcome("proved", "solver"), wants=slow)
    only(monkeypatch, HOLDS, claim)
    written, xml = tmp_path / "claims.json", tmp_path / "junit.xml"
    assert cli.main(["prove", "--json", str(written), "--junit", str(xml)]) == 3
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "vrx: 1 of 2 claims are left out: a solver is not installed. "
        "With it a claim takes a second, without ten minutes: pip install solver",
        "vrx: 1 undecided: pip install solver",
    ]
    assert "1 as stated, 0 not, 0 undecided, 1 left out" in said.out and "dear" not in said.out
    (entry,) = (c for c in json.loads(written.read_text())["claims"] if c["name"] == "dear")
    assert (entry["verdict"], entry["why"], entry["ok"]) == ("undecided", "left_out", False)
    suite = ElementTree.parse(xml).getroot()
    assert (suite.get("skipped"), suite.get("errors"), suite.get("failures")) == ("1", "0", "0")
    assert cli.main(["prove", "dear"]) == 0
    there = True
    assert cli.main(["prove"]) == 0
    assert capsys.readouterr().err == ""


def test_the_second_opinion_wants_its_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """z3 took ten minutes for one claim in its place."""
    monkeypatch.setitem(sys.modules, "bitwuzla", None)
    bits = [c for c in all_claims() if c.name.startswith("induction-in-bits-")]
    assert too_long(all_claims()) == bits != []
    (said,) = beforehand(all_claims(), bits)
    assert said.startswith(f"{len(bits)} of {len(all_claims())} claims are left out: bitwuzla") and "vrx[bits]" in said


def test_a_tier_has_those_before_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    claims = [replace(HOLDS, name=tier, tier=tier) for tier in TIERS]
    only(monkeypatch, *claims)
    for n, tier in enumerate(TIERS, 1):
        assert chosen([], claims, tier) == claims[:n]
    assert cli.main(["prove", "--list"]) == 0
    assert "night" in capsys.readouterr().out


SEARCHING = """
import sys, time
sys.argv[0] = "vrx"
from vrx.proofs.command import cli
from vrx.models.deciding import counterexample
from vrx.proofs import all_exhibits
counterexample.search_for = lambda *_: (print("on", flush=True), time.sleep(600))
sys.exit(cli.main(["trace", all_exhibits()[0].id]))
"""


def test_ctrl_c_in_a_search_for_a_trace() -> None:
    assert interrupted(SEARCHING, after="on") == (3, "vrx: interrupted\n")


EARLY = """
import os, runpy, signal, sys
sys.argv = ["vrx", *sys.argv[1:]]
import vrx.proofs.beginning
os.kill(os.getpid(), int(os.environ["HOW"]))
print("on", flush=True)
from vrx.proofs.command import cli
from vrx.proofs.command.cli import main
from tests.proofs.command.test_cli import HOLDS
cli.all_claims = lambda: (HOLDS,)
sys.exit(main())
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("command", "kind"), [("check", "checks"), ("prove", "claims")])
def test_who_ends_it_while_it_is_imported_gets_an_answer(
    how: signal.Signals, command: str, kind: str, tmp_path: Path
) -> None:
    """The first signal is heard once the command knows what it leaves; status 3, and what is undecided is written."""
    written = tmp_path / "out.json"
    ended = subprocess.run(
        [sys.executable, "-c", EARLY, command, "--json", str(written)],
        cwd=ROOT, env={**os.environ, "HOW": str(int(how))}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout.startswith("on")) == (3, True), ended.stderr
    assert "vrx: interrupted" in ended.stderr and "Traceback" not in ended.stderr
    entries = json.loads(written.read_text())[kind]
    assert all(entry["verdict"] == "undecided" for entry in entries) and len(entries) == (kind == "claims")


ENDLESS = """
from vrx.models import Softirq, State, rx
from vrx.spec.layouts.split.driver import virtqueue_poll


def poll(s: State, me: Softirq) -> None:
    if s.vq.last_used_idx == 1:
        while True:
            pass
    virtqueue_poll(s, me)


slow = rx(max_packet=1).replace("virtqueue_poll", poll)
"""


def test_a_reading_has_the_time_of_a_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(ENDLESS)
    assert cli.main(["check", str(mine), "--time", "1", "--question", "no_lost_kick"]) == 3
    assert "reading the steps took more than 1 s" in capsys.readouterr().out


def test_names_of_all_tiers_say_how_many_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    only(monkeypatch, HOLDS, replace(HOLDS, name="dear", tier="full"))
    assert cli.main(["prove", HOLDS.asks.name, "--tier", "quick"]) == 0
    said = capsys.readouterr()
    assert "2 claims of all tiers have these names (1 quick, 1 full)" in said.err and "2 as stated" in said.out
