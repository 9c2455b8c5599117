"""Every kind of bad input: one clear line, status 2, no traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import pytest

from vrx.proofs.command import cli
from vrx.spec.config import IN_NAMES, BadConfiguration, Config
from vrx.spec.standard.config import StandardConfig


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


def test_the_values_of_an_option_are_those_of_its_annotation() -> None:
    with pytest.raises(BadConfiguration, match=r"irq='none': use one of same, other, any$"):
        Config(irq="none")  # type: ignore[arg-type]
    with pytest.raises(BadConfiguration, match=r"^defer_hard_irqs=16: use 0..15$"):
        Config(defer_hard_irqs=16, gro_flush_timeout=True)
    with pytest.raises(BadConfiguration, match=r"^len_bits=33: use 1..32$"):
        StandardConfig(len_bits=33)


def test_names_of_systems_have_every_option_that_is_not_as_usual() -> None:
    """`in_order` keeps the order of names; an option that a group gains must not be left out of them."""
    said_first = {"size", "event_idx", "memory", "guest", "irq"}
    said_last = {"arrivals", "without", "layout"}
    assert {f.name for f in fields(Config)} == {*IN_NAMES, *said_first, *said_last}
