"""What searches measured: a file of figures for each module of claims, written by
`python -m vrx.proofs.command.results --pin`.

A figure of a system that claims of several modules are about stands with the first of them, and is found by all.
A difference is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

MUSEUM = "museum"
"""Whose figures those of exhibits are."""


def modules() -> list[str]:
    """The modules of claims that have figures."""
    return [found.name for found in iter_modules(__path__)]


def of(module: str) -> tuple[dict[str, tuple[int, int, str]], dict[str, tuple[int, str]]]:
    """The figures of one module: of systems, and of claims."""
    there = import_module(f"{__name__}.{module}")
    return there.SEARCHES, there.STEPS


def _joined(tables: Iterator[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in tables:
        if twice := sorted(found.keys() & table.keys()):
            raise ValueError(f"two modules of proofs/figures/ have figures of {twice[0]}: leave one of them")
        found |= table
    return found


SEARCHES: dict[str, tuple[int, int, str]] = _joined(of(module)[0] for module in modules())
"""System -> its reachable states, the depth of the search (0 for a graph), the digest of its steps."""
STEPS: dict[str, tuple[int, str]] = _joined(of(module)[1] for module in modules())
"""Claim -> the steps of its shortest counterexample, or of the shortest way to its cover; the digest."""
