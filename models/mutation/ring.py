"""What a layout brings to the test of the questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vrx.models.systems.system import System
from vrx.spec.layouts.layout import Layout


@dataclass(frozen=True, eq=False)
class Ring:
    """One layout, as faults are put into its steps.

    layout: whose machines get them
    copies: an expression of its steps -> what somebody keeps for himself of the thing, and could take for it
    systems: where mutants are asked about, the quickest first; those of `peers` with the standard looking on
    """

    layout: Layout
    copies: Mapping[str, tuple[str, ...]]
    systems: tuple[System, ...]
