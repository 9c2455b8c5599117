"""The picture of a run: every step of it is inside a band, and a file comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vrx.models.simulation import plot
from vrx.models.simulation.simulator import Simulator
from vrx.models.simulation.statistics import Occupancy
from vrx.models.systems.system import rx
from vrx.proofs.command import cli
from vrx.spec.properties import SPINE

drawn = pytest.mark.needs("matplotlib")


@drawn
@pytest.mark.parametrize("ending", plot.ENDINGS)
def test_a_picture_is_written(ending: str, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / f"ring{ending}"
    assert cli.main(["simulate", "--packets", "30", "--size", "8", "--plot", str(path)]) == 0
    assert path.stat().st_size > 2000


def test_a_name_without_a_format_is_refused_before_the_run(tmp_path: Path, capsys: Any) -> None:
    assert cli.main(["simulate", "--packets", "1000000", "--plot", str(tmp_path / "ring.jpg")]) == 2
    assert "use" not in capsys.readouterr().out


def test_without_the_library_the_command_says_how_to_get_it(monkeypatch: Any, tmp_path: Path, capsys: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert cli.main(["simulate", "--plot", str(tmp_path / "ring.png")]) == 2
    assert capsys.readouterr().err == "vrx: --plot needs matplotlib: pip install matplotlib\n"


def test_occupancy_adds_up_and_bands_hold_every_step() -> None:
    system = rx(size=16, idx_bits=16, mergeable=True, max_packet=4)
    run = Simulator(system, SPINE, 3, budget=4).run(200, occupancy=True)
    assert run.finished and len(run.occupancy) > 500
    for o in run.occupancy:
        assert o.posted + o.held + o.used + o.free in (15, 16)  # one may be written and not published
    for of in (posted, free):
        for bins in (plot.BINS, 50):
            check_bands(run.occupancy, of, run.steps, bins)


def posted(o: Occupancy) -> int:
    return o.posted


def free(o: Occupancy) -> int:
    return o.free


def check_bands(occupancy: list[Occupancy], of: Any, end: int, bins: int) -> None:
    before, plot.BINS = plot.BINS, bins
    try:
        steps, least, most = plot._bands(occupancy, of, end)
    finally:
        plot.BINS = before
    assert steps == sorted(steps) and steps[-1] == end
    for o in occupancy:
        k = max(i for i, begin in enumerate(steps) if begin <= o.step)
        assert least[k] <= of(o) <= most[k]
