"""What `--help` says: examples that run, choices, defaults; and answers that are short until more is asked for."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest

from vrx.models.conformance.targets.plans import PLANS
from vrx.models.systems.system import rx
from vrx.proofs.command import cli
from vrx.proofs.command.examples import EXAMPLES
from vrx.spec.config import BadConfiguration


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    (below,) = [a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(below.choices)


def test_every_command_has_examples_that_it_takes() -> None:
    assert list(EXAMPLES) == list(commands())
    for name, examples in EXAMPLES.items():
        for command, about in examples:
            first, of, *_ = words = shlex.split(command)
            assert (first, of) == ("vrx", name) and about
            cli._parser().parse_args(words[1:])
            assert command in commands()[name].format_help()


@pytest.mark.parametrize("name", EXAMPLES)
def test_help_says_what_an_option_is_and_its_default(name: str) -> None:
    """Where one is counted, chosen or named; what is a switch, or has no default, says none."""
    for action in commands()[name]._actions:
        about = commands()[name]._get_formatter()._expand_help(action) if action.help else ""  # as --help prints it
        assert about, f"{name} {action.option_strings}"
        counted = isinstance(action.default, int | float | str) and action.default not in (False, argparse.SUPPRESS)
        if action.option_strings and action.const is None and (action.choices or counted):
            assert "(default" in about, f"{name} {action.option_strings}: {about}"


def test_help_names_the_targets() -> None:
    (target,) = [a for a in commands()["conform"]._actions if a.dest == "target"]
    assert {*str(target.help).partition(", or ")[0].split(", ")} == {plan.name for plan in PLANS}


def test_a_family_is_short_and_its_table_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong has a line; what is not is counted."""
    asked = ["check", "--family", "--all", "--question", "ring_not_broken"]
    asked += ["--size", "1", "--memory", "sc", "--irq", "same", "--idx-bits", "2"]
    assert cli.main(asked) == 0
    short = capsys.readouterr().out
    assert cli.main([*asked, "--table"]) == 0
    table = capsys.readouterr().out
    (count,) = re.findall(r"nothing is wrong in (\d+) of \1 configurations asked: --table lists them", short)
    assert len(re.findall(r"^  proved ", table, re.M)) == int(count) and "proved  " not in short


def test_a_word_that_no_option_takes_is_refused_with_those_that_it_takes() -> None:
    with pytest.raises(BadConfiguration, match=r"busy_poll=True: use one of no, same, other$"):
        rx(busy_poll=True)
