"""The machine underneath: its memory, and the barriers that are taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from vrx.spec.config.environment import Environment
from vrx.spec.config.group import Within
from vrx.spec.memory import Memory


@dataclass(frozen=True)
class Machine(Environment):
    """What stores and loads go through.

    memory         "sc" sequential consistency, "tso" a store buffer per CPU; or another model (`spec.memory.Memory`)
    buffer_depth   entries of each store buffer under TSO, 1..8
    without        names of barriers that are taken out
    """

    memory: Literal["sc", "tso"] | Memory = "sc"
    buffer_depth: Annotated[int, Within(1, 8)] = 2
    without: frozenset[str] = frozenset()

    def wrong(self) -> Iterator[str]:
        yield from super().wrong()
        if self.liar and self.memory != "sc":
            yield f"hostile={self.hostile} with memory={self.memory}: one that lies has no store buffer; use sc"
