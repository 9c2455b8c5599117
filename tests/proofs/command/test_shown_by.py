"""The command that `vrx check` names is one that can be run, and makes the system that was asked about."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

import pytest

from tests.pso import PSO
from vrx.models.claims import Outcome
from vrx.models.deciding.checking import Answer, Checked
from vrx.models.systems.family import family, given
from vrx.models.systems.system import System, rx
from vrx.proofs.command import check, cli, trace
from vrx.proofs.command.options import as_options, given_options
from vrx.spec.properties import no_lost_interrupt

BASES = [
    rx(),
    rx(memory=PSO, max_packet=1),
    rx(memory="tso", buffer_depth=3, event_idx=True).without("virtqueue_poll__mb"),
    rx(data=True, mergeable=True, size=2),
    rx(stops=True, busy_poll="other"),
]


def made(words: list[str], base: System) -> System:
    """What `vrx trace` makes of these options."""
    parser = argparse.ArgumentParser()
    trace.add_options(parser)
    options = parser.parse_args(words)
    system = given(base, given_options(options))
    for barrier in options.without:
        system = system.without(barrier)
    return system


@pytest.mark.parametrize("base", BASES, ids=lambda s: s.name)
def test_the_options_of_each_member_of_a_family_make_that_member(base: System) -> None:
    for member in family(base).members:
        words = as_options(member.cfg, base.cfg)
        assert words is not None and made(words, base).cfg == member.cfg
    assert as_options(base.cfg, base.cfg) == []


def test_what_options_cannot_say_has_no_command() -> None:
    assert as_options(rx(memory=PSO).cfg, rx().cfg) is None
    assert as_options(rx().cfg, rx().without("virtqueue_poll__mb").cfg) is None


def test_the_command_names_the_file_as_a_shell_reads_it() -> None:
    base = rx()
    other = rx(size=2)
    answer = Answer("my file.py:late", other, no_lost_interrupt, Outcome("refuted", "native", steps=9))
    checked = Checked("my file.py:late", other, (answer,))
    (line, _) = check.summary([checked], 1.0, {"my file.py:late": base})
    words = shlex.split(line.partition(":  ")[2])
    assert words == ["vrx", "trace", "my file.py:late", "--size", "2", "--question", "no_lost_interrupt"]


@pytest.mark.needs("compiler")
def test_a_memory_model_of_ones_own_has_a_command_that_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weak.py").write_text(
        "from tests.pso import PSO\nfrom vrx.models import rx\n"
        'weak = rx(memory=PSO, max_packet=1, event_idx=True).without("virtio_split_should_notify__mb")\n'
    )
    asked = ["--question", "no_lost_interrupt", "--no-event-idx"]
    assert cli.main(["check", "weak.py", *asked]) == 1
    line = next(one for one in capsys.readouterr().out.splitlines() if one.startswith("refuted"))
    words = shlex.split(line.partition(":  ")[2])
    assert "--memory" not in words and cli.main(words[1:]) == 0
    assert capsys.readouterr().out.startswith("REFUTED  no_lost_interrupt")
