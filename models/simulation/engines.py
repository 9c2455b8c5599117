"""Which simulator takes the steps: compiled C where that pays and can be, else Python; they say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from vrx.models.simulation.native.compiled import CANNOT
from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.simulator import Schedule, Simulator
from vrx.models.systems.system import System
from vrx.models.terminal.output import Usage
from vrx.spec.properties import Property

Engine = Literal["auto", "native", "python"]
FEW = 2000
"""Packets that go through in Python in less time than it takes to compile the steps."""


def simulator(
    engine: Engine,
    packets: int,
    system: System,
    properties: Sequence[Property],
    seed: int = 0,
    weights: Mapping[str, float] | None = None,
    schedule: Schedule = "random",
    budget: int = 0,
) -> tuple[Simulator, str]:
    """A simulator for so many packets, and a line that says which it is and why.  Raises Usage for a native one that
    cannot be."""
    given = (system, properties, seed, weights, schedule, budget)
    if engine == "python":
        return Simulator(*given), "steps taken in Python, as asked"
    if engine == "auto" and packets < FEW:
        why = f"compiling them pays from {FEW:,} packets on (--engine native)"
        return Simulator(*given), f"steps taken in Python: {why}"
    try:
        native = NativeSimulator(*given)
    except CANNOT as error:
        why = " ".join(str(error).split())
        if engine == "native":
            raise Usage(f"--engine native: {why}") from None
        return Simulator(*given), f"steps taken in Python: {why}"
    said = "steps taken by compiled C"
    if native.by_python:
        several = "; ".join(f"{name} ({why})" for name, why in native.by_python.items())
        said += f", questions that Python answers whenever what they read has changed: {several}"
    return native, said
