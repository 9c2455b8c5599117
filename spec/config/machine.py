"""The machine underneath: its memory, and the barriers that are taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from vrx.spec.config.environment import Environment
from vrx.spec.config.group import Within
from vrx.spec.memory import SC, TSO, Memory


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
        if isinstance(self.memory, Memory):
            yield from _wrong_model(self.memory)
        if self.liar and self.memory != "sc":
            yield f"hostile={self.hostile} with memory={self.memory}: one that lies has no store buffer; use sc"


def _wrong_model(memory: Memory) -> Iterator[str]:
    """What is wrong with a memory model of one's own."""
    name = memory.name
    if not isinstance(name, str) or not name.isidentifier():
        yield f"memory: the name of a memory model is one word, as `name = \"pso\"` in its class, not {name!r}"
    elif name in (SC.name, TSO.name) and type(memory) not in (type(SC), type(TSO)):
        yield f"memory: {name!r} is the name of another memory model: give {type(memory).__name__} a name of its own"
    if type(memory).__hash__ is None:
        yield f"memory: {type(memory).__name__} has a `==` of its own: write a plain class, an object is one model"
    if not set(memory.orders) <= {"mb", "rmb", "wmb"} or isinstance(memory.orders, str):
        yield f"memory: orders={memory.orders!r}: a tuple of the kinds of barriers that do something: mb, rmb, wmb"
