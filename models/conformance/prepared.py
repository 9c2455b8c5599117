"""Scenarios that nobody draws: tours of the model, situations that a solver finds, saved regressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.conformance.protocol import Setup
from models.conformance.scenario import Scenario


def prepared(target: str, side: str, setups: Sequence[Setup]) -> Iterator[Scenario]:
    """What is tried on every target of a side before anything is drawn."""
    yield from ()
