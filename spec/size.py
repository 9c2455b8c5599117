"""Numbers that a configuration says, as values: the range of a field, the number of values of a free choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    """One number of a configuration (`spec.sizes` has them all).

    name: what errors and the names of variants call it; said: the number of a configuration
    """

    name: str
    said: Callable[[Any], int]

    def __str__(self) -> str:
        return self.name


def size_of(n: int | Size, cfg: Any) -> int:
    """The number itself, or what the configuration says.  Raises LookupError for a size that it does not have."""
    if not isinstance(n, Size):
        return n
    try:
        return n.said(cfg)
    except AttributeError:
        raise LookupError(f"the configuration has no number {n}") from None
