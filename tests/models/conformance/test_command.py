"""`vrx conform` with wrong input, and what it says of one scenario."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.models.conformance.own import written
from tests.needs import need
from vrx.models.conformance.command import replay_text
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario
from vrx.proofs.command.cli import main


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return written(tmp_path)


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


def test_a_program_replays(capsys: pytest.CaptureFixture[str]) -> None:
    need("linux-vring")
    text = json.dumps(Scenario("linux-vring", setup(4), (("post", 0, [64], []), ("kick",))).as_json())
    assert replay_text(text) == 0
    assert "nothing that the standard does not allow" in capsys.readouterr().out
