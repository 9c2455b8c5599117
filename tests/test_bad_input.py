"""Every kind of bad input: one clear line, status 2, no traceback."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vrx.proofs.command import cli


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on standard error."""
    err = capsys.readouterr().err
    assert err.startswith("vrx: ") and err.count("\n") == 1, err
    return err


BAD: list[tuple[Sequence[str], str]] = [
    ((), "COMMAND"),
    (("dance",), "invalid choice: 'dance'"),
    (("prove", "no_lost_interupt"), "did you mean no_lost_interrupt"),
    (("prove", "zzzz"), "--list"),
    (("prove", "--tier", "huge"), "quick"),
    (("prove", "--jobs", "0"), "'0' is not a number from 1 on"),
    (("prove", "--jobs", "many"), "'many'"),
    (("prove", "--json", "/no/such/place.json"), "there is no directory /no/such"),
    (("prove", "--junit", "/"), "it is a directory"),
    (("bugs", "park-no-rechek"), "did you mean park-no-recheck"),
    (("bugs", "park"), "did you mean park-"),
    (("trace",), "name a claim, a bug or a FILE.py:NAME"),
    (("trace", "park-no-rechek"), "did you mean park-no-recheck"),
    (("trace", "no_lost_kick-ring1-flags-sc-smp-same"), "claimed to be proved"),
    (("trace", "park-no-recheck", "--format", "poem"), "poem"),
    (("trace", "park-no-recheck", "-o", "/no/such/place"), "there is no directory"),
    (("trace", "park-no-recheck", "--replay", "x.json"), "either a claim or a file"),
    (("trace", "--replay", "/no/such/trace.json"), "No such file"),
    (("trace", "--replay", "/"), "Is a directory"),
    (("simulate", "--size", "3"), "use 2 or 4"),
    (("simulate", "--size", "0"), "use 1..32768"),
    (("simulate", "--size", "65536"), "use 1..32768"),
    (("simulate", "--size", "two"), "'two'"),
    (("simulate", "--size", "4", "--idx-bits", "3"), "too narrow for a ring of 4"),
    (("simulate", "--idx-bits", "17"), "use 2..16"),
    (("simulate", "--memory", "arm"), "'sc', 'tso'"),
    (("simulate", "--guest", "up", "--irq", "other"), "uniprocessor"),
    (("simulate", "--without", "hope"), "no barrier is called 'hope'"),
    (("simulate", "--packets", "-5"), "'-5'"),
    (("simulate", "--packets", "1e3"), "'1e3'"),
    (("simulate", "--seed", "x"), "'x'"),
    (("simulate", "--weight", "main loop"), "ACTOR=NUMBER"),
    (("simulate", "--weight", "nobody=2"), "no actor is called 'nobody'"),
    (("simulate", "--weight", "main loop=-1"), "above 0"),
    (("simulate", "--weight", "main loop=nan"), "above 0"),
    (("simulate", "--buffer-depth", "9"), "use 1..8"),
]


@pytest.mark.parametrize(("arguments", "says"), BAD, ids=[" ".join(a) or "nothing" for a, _ in BAD])
def test_bad_input_is_one_line_and_status_2(
    arguments: Sequence[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    assert says in error_line(capsys)
