"""`--ring`: every command that has claims, bugs, systems or rows takes the name of a layout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vrx.models.claims import Safety
from vrx.models.systems.system import RINGS, rx
from vrx.proofs import all_claims
from vrx.proofs.command import cli, coverage
from vrx.proofs.command.cli import exhibits_of
from vrx.proofs.running import chosen
from vrx.spec.properties import single_owner


def refused(*arguments: str) -> None:
    assert cli.main(list(arguments)) == 2


@pytest.mark.parametrize("ring", RINGS)
def test_claims_and_bugs_are_of_the_layout_that_was_said(ring: str) -> None:
    claims = chosen([], all_claims(), "night", ring)
    assert claims and {c.ring for c in claims} == {ring}
    assert len(claims) == sum(c.ring == ring for c in all_claims())
    bugs = exhibits_of([], "night", ring)
    assert bugs and {claim.ring for e in bugs for claim in e.claims()} == {ring}
    assert {e.ring for e in exhibits_of([], "night")} == set(RINGS)


def test_a_statement_about_a_layout_is_among_its_claims() -> None:
    assert chosen(["the_packed_event_test"], all_claims(), "quick", "packed")


def test_a_name_of_another_layout_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    refused("prove", "lost_wakeup", "--ring", "packed")
    refused("prove", "slot_axiom", "--ring", "packed")
    refused("prove", "no_such_claim", "--ring", "packed")
    refused("bugs", "complete-without-poll", "--ring", "packed")
    refused("bugs", "packed-flush-in-parts", "--ring", "split")
    lines = capsys.readouterr().err.splitlines()
    assert "lost_wakeup is about a split ring, not about a packed one: leave --ring packed out" in lines[0]
    assert "slot_axiom is about no ring, not about a packed one" in lines[1]
    assert "no claim is called 'no_such_claim'" in lines[2]
    assert "complete-without-poll is a bug on a split ring, not on a packed one" in lines[3]
    assert "packed-flush-in-parts is a bug on a packed ring, not on a split one" in lines[4]


def test_a_layout_that_has_no_claim_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is decided, so nothing may be said to hold."""
    monkeypatch.setattr(cli, "all_claims", lambda: (Safety("one", rx(), single_owner, "proved"),))
    refused("prove", "--ring", "packed")
    assert "there is no claim about a packed ring" in capsys.readouterr().err


def test_the_tables_of_coverage_are_those_of_a_layout_and_what_is_of_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {ring: coverage.as_json(ring) for ring in RINGS}
    names = {ring: {row["function"] for row in rows[ring]["functions"]} for ring in RINGS}
    assert "virtqueue_packed_pop" in names["packed"] - names["split"]
    assert "virtqueue_split_pop" in names["split"] - names["packed"]
    assert {"virtio_net_receive_rcu", "virtio_should_notify", "virtqueue_unpop"} <= names["packed"] & names["split"]
    assert names["packed"] | names["split"] == {row["function"] for row in coverage.functions()}
    rules = {ring: {row["id"] for row in rows[ring]["clauses"]} for ring in RINGS}
    assert "2.8.12-1" in rules["packed"] - rules["split"] and "2.7.4.1-1" in rules["split"] - rules["packed"]
    path = tmp_path / "c.json"
    assert cli.main(["coverage", "--ring", "packed", "--json", str(path)]) == 0
    assert json.loads(path.read_text()) == rows["packed"]
    assert coverage.counted("packed") in capsys.readouterr().out


@pytest.mark.parametrize("ring", RINGS)
def test_a_configuration_alone_is_of_the_layout_that_was_said(ring: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", "--promela", "--ring", ring, "--no-arrivals"]) == 0
    of_packed = "virtqueue_add_packed__id" in capsys.readouterr().out
    assert of_packed == (ring == "packed")
    assert cli.main(["trace", "--ring", ring, "--no-arrivals", "--question", "single_owner"]) == 1
    assert "not refuted" in capsys.readouterr().err
