"""The rules that a change of a packed ring can break, in the order in which a watch counts them."""

from __future__ import annotations

from typing import Final

RULES: Final = (
    "P-2.8.21.1-2", "3.3.1-1", "2.8.16-1", "2.8.16-2", "2.8.12-1", "2.8.15-3", "2.8.15-4", "P-2.7.8-1", "P-2.8.1-4",
    "P-2.8.1-5", "P-2.8.10-1", "6.2-5",
)  # fmt: skip
