"""The Promela text of a system: Spin finds the states that vrx finds, and takes as many moves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.one_slot import ONE_SLOT
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.promela import _identifier, promela
from vrx.models.systems.system import System, rx
from vrx.proofs.command import cli
from vrx.spec.words import Bits

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"idx_bits": 2, "max_packet": 1}


def by_spin(text: str, folder: Path, *flags: str) -> tuple[int, int]:
    """States and transitions that Spin counts.  flags: for the compiler

    -o2: what nobody reads, as a ghost, is part of a state all the same; -o3: no steps become one
    """
    (folder / "model.pml").write_text(text, encoding="utf-8")
    compiling = ["gcc", "-O1", "-w", "-DSAFETY", *flags, "-o", "pan", "pan.c"]
    for command in (["spin", "-a", "-o2", "-o3", "model.pml"], compiling):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    said = subprocess.run(["./pan", "-m200000"], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert "errors: 0" in said and "max search depth too small" not in said, said
    return tuple(int(re.findall(rf"(\d+) {what}", said)[0]) for what in ("states, stored", "transitions"))  # type: ignore[return-value]


@pytest.mark.needs("spin", "compiler")
@pytest.mark.parametrize(
    "system",
    [
        rx(**SMALL),
        rx(**SMALL, memory="tso", guest="up", arrivals=False),
        rx(**SMALL).without("virtqueue_poll__mb").declare("vq.late", Bits(3), initial=5),
        rx(idx_bits=2, layout=ONE_SLOT, max_packet=1),
    ],
    ids=lambda system: system.name,
)
def test_spin_finds_the_same_states(system: System, tmp_path: Path) -> None:
    found = explore_native(system)
    assert by_spin(promela(system), tmp_path, "-DNOREDUCE") == (found.states, sum(found.fired.values()) + 1)


@pytest.mark.needs("spin", "compiler")
def test_reduction_and_compression_lose_nothing(tmp_path: Path) -> None:
    """Every step touches what others see: Spin's reduction finds nothing to leave out, and says so by the count."""
    system = rx(**SMALL, arrivals=False)
    assert by_spin(promela(system), tmp_path, "-DCOLLAPSE")[0] == explore_native(system).states


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a configuration, of a bug, of a file; what cannot be written says so."""
    assert cli.main(["export", "--promela", "--idx-bits", "2", "--max-packet", "1"]) == 0
    assert capsys.readouterr().out == promela(rx(**SMALL))
    written, mine = tmp_path / "bug.pml", tmp_path / "mine.py"
    assert cli.main(["export", "--promela", "complete-without-poll", "-o", str(written)]) == 0
    assert "completes_without_looking" in written.read_text() and capsys.readouterr().out == ""
    mine.write_text("from vrx.models import Bits, rx\nwide = rx().declare('vq.wide', Bits(32))\n")
    assert cli.main(["export", "--promela", str(mine)]) == 1
    assert "vq.wide has 32 bits" in capsys.readouterr().err
    assert cli.main(["export", "--promela", "no-such-bug"]) == 2
    assert cli.main(["export"]) == 2


def test_numbers_that_promela_cannot_compute_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Spin's numbers have 32 bits and wrap: what is only compared on the way counts too."""
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from vrx.models import Softirq, State, rx\n"
        "from vrx.spec.layouts.split.driver import virtqueue_poll\n"
        "def wide(s: State, me: Softirq) -> None:\n"
        "    s.vq.late = s.vq.last_used_idx * 65536 * 65536 > 3\n"
        "    virtqueue_poll(s, me)\n"
        "mine = rx(max_packet=1).declare('vq.late', bool).replace('virtqueue_poll', wide)\n"
    )
    assert cli.main(["export", "--promela", str(mine)]) == 1
    assert "computes a number of 0..30,064,771,072: Promela computes with -2,147,483,648..2,147,483,647" in (
        capsys.readouterr().err
    )


def test_no_name_is_a_word_of_promela() -> None:
    assert [_identifier(name) for name in ("d.step", "len", "cpu0 napi", "ring.id[0]")] == [
        "d_step_", "len_", "cpu0_napi", "ring_id_0",
    ]  # fmt: skip
