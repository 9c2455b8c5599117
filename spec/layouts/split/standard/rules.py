"""The rules that a change of a split ring can break, in the order in which a watch counts them."""

from __future__ import annotations

from typing import Final

RULES: Final = (
    "P-2.7-1", "3.3.1-1", "2.7.6.1-1", "2.7.13.2-2", "P-2.7.8-1", "2.7.8.2-1", "2.7.7.1-1", "2.7.7.1-3",
    "2.7.10.2-1", "2.7.10.2-3",
)  # fmt: skip
