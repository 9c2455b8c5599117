"""What is said on the command line and has no place, or no effect."""

from __future__ import annotations

import pytest

from vrx.models import System, rx
from vrx.models.deciding.digest import idle_options
from vrx.proofs.command import cli


@pytest.mark.parametrize(
    "words, mend",
    [
        ("trace a-bug --json out.json", "--json takes no file here: -o FILE says where it goes; see vrx trace --help"),
        ("trace --json out.json a-bug", "-o FILE"),
        ("trace a-bug --json=out.json", "-o FILE"),
        ("check --event-idx=yes", "--event-idx takes no value: write --event-idx or --no-event-idx"),
        ("simulate my.py other.py", "see vrx simulate --help"),
        ("bugs --jbs 2", "did you mean --jobs"),
    ],
)
def test_a_word_without_a_place_is_refused_with_the_mend_of_its_command(
    words: str, mend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words.split()) == 2
    assert mend in capsys.readouterr().err


@pytest.mark.parametrize(
    "system, said, idle",
    [
        (rx(buffer_depth=3), {"buffer_depth": 3, "size": 1}, ["buffer_depth"]),
        (rx(memory="tso", buffer_depth=3), {"memory": "tso", "buffer_depth": 3}, []),
        (rx(eth_len=3, hdr_len=2), {"eth_len": 3, "hdr_len": 2}, ["hdr_len", "eth_len"]),
        (rx(size=2, idx_bits=3), {"size": 2, "idx_bits": 3}, []),
    ],
)
def test_an_option_that_changes_nothing_is_known(system: System, said: dict[str, object], idle: list[str]) -> None:
    assert sorted(idle_options(system, said)) == sorted(idle)


def test_an_option_that_changes_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--no-arrivals", "--buffer-depth", "3", "--question", "single_owner"]) == 0
    assert "--buffer-depth changes nothing of configuration" in capsys.readouterr().err
    assert cli.main(["trace", "complete-without-poll", "--eth-len", "4"]) == 0
    assert "it does something with --data" in capsys.readouterr().err


def test_a_claim_about_no_system_is_no_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "slot_axiom"]) == 2
    assert "`vrx prove slot_axiom` decides it" in capsys.readouterr().err


def test_an_option_that_a_variant_does_not_go_with_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "complete-without-poll", "--hostile", "driver"]) == 2
    assert "and the variant exchanges it" in capsys.readouterr().err
