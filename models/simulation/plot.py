"""A picture of a run: how full the ring was, step by step, and when the device was parked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vrx.models.simulation.statistics import Occupancy, Run
from vrx.models.terminal.output import CannotWrite, Usage

ENDINGS = (".png", ".svg", ".pdf")
BINS = 1600
"""A longer run is shown in this many bins, each from the least to the most that was in it."""
SHOWN: tuple[tuple[str, str, Callable[[Occupancy], int]], ...] = (
    ("posted", "#1f77b4", lambda o: o.posted),
    ("used, not taken by the driver", "#d62728", lambda o: o.used),
    ("free", "#7f7f7f", lambda o: o.free),
)


def check(path: str) -> None:
    """Say before the run, not after it, what is missing for the picture."""
    if Path(path).suffix not in ENDINGS:
        raise Usage(f"--plot {path}: let the name end in one of {', '.join(ENDINGS)}")
    _library()


def plot(run: Run, path: str) -> None:
    """Draw the occupancy of the ring over the steps of a run."""
    figure, axes = _library().subplots(figsize=(11, 4.5), layout="constrained")
    for begin, end in run.parks:
        axes.axvspan(begin, max(end, begin + 1), color="#ffdf80", linewidth=0, zorder=0)
    for name, colour, of in SHOWN:
        steps, least, most = _bands(run.occupancy, of, run.steps)
        axes.fill_between(steps, least, most, step="post", color=colour, alpha=0.25, linewidth=0)
        axes.step(steps, most, where="post", color=colour, linewidth=0.9, label=name)
    if run.parks:
        axes.axvspan(-1, -1, color="#ffdf80", label="device parked")
    axes.set_xlim(0, max(run.steps, 1))
    axes.set_ylim(0, run.system.cfg.size * 1.04)
    axes.set_xlabel("steps")
    axes.set_ylabel("descriptors")
    axes.set_title(f"{run.system.name}\n{run.packets:,} packets, seed {run.seed}", fontsize=9)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=4, frameon=False)
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None
    finally:
        _library().close(figure)


def _library() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise Usage("--plot needs matplotlib: pip install matplotlib") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def _bands(
    occupancy: Sequence[Occupancy], of: Callable[[Occupancy], int], end: int
) -> tuple[list[int], list[int], list[int]]:
    """Where each bin begins, and the least and the most in it; a short run has a bin for each change."""
    width = max(1, -(-end // BINS)) if len(occupancy) > BINS else 1
    steps: list[int] = []
    least: list[int] = []
    most: list[int] = []
    value = 0
    for entry in occupancy:
        begin = entry.step // width * width
        if not steps or begin != steps[-1]:
            steps.append(begin)
            least.append(of(entry) if width == 1 else value)
            most.append(least[-1])
        value = of(entry)
        least[-1], most[-1] = min(least[-1], value), max(most[-1], value)
    return [*steps, end], [*least, value], [*most, value]
