"""A third memory model: stores to different places take effect in any order, unless a write barrier stands between.

About PSO of SPARC with its STBAR (The SPARC Architecture Manual, Version 8, 1992, appendix K).  Nothing
of it stands outside of this file: a system takes it as `rx(memory=PSO)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec.memory import Cell, Location, StoreBuffer, TotalStoreOrder, drain, new_store_buffer
from vrx.spec.sizes import BUFFER_DEPTH
from vrx.spec.steps import Machine, require
from vrx.spec.words import Array, Of


@dataclass(slots=True)
class PartlyOrdered(StoreBuffer):
    """The stores of one CPU, and where write barriers stand between them.

    behind: a write barrier stands right before the store
    fenced: the next store will be behind one
    """

    behind: Annotated[Array[bool], Of(bool)] = field(default_factory=Array)
    fenced: bool = False


class PartialStoreOrder(TotalStoreOrder):
    """A store buffer for each CPU, from which any store drains that has none to the same place before it."""

    name = "pso"
    orders = ("mb", "wmb")
    steps = Machine("the machine underneath")

    def new_buffers(
        self, cfg: Any, owners: Iterable[tuple[str, str]], locations: tuple[Location, ...]
    ) -> tuple[StoreBuffer, ...]:
        depth = cfg.buffer_depth
        plain = [new_store_buffer(name, cpu, side, locations, depth) for cpu, (name, side) in enumerate(owners)]
        return tuple(
            PartlyOrdered(b.name, b.cpu, b.side, b.locations, 0, b.where, b.at, *b.parts, Array([False] * depth))
            for b in plain
        )

    def store(self, s: Any, me: Any, cell: Cell, values: tuple[Any, ...]) -> None:
        buffer: PartlyOrdered = s.buffers[me.cpu]
        super().store(s, me, cell, values)
        buffer.behind[buffer.count - 1] = buffer.fenced
        buffer.fenced = False

    def wmb(self, s: Any, me: Any) -> None:
        buffer: PartlyOrdered = s.buffers[me.cpu]
        buffer.fenced = buffer.count > 0


PSO = PartialStoreOrder()


@PSO.steps.step(n=BUFFER_DEPTH)
def any_store_drains(s: Any, me: PartlyOrdered, n: int) -> None:
    """A store of a CPU becomes visible to the others, unless an earlier one to its place or a barrier holds it back.

    C: none: PSO (The SPARC Architecture Manual, Version 8, 1992, appendix K)
    Spec: VIRTIO 1.4, 6 (Reserved Feature Bits), VIRTIO_F_ORDER_PLATFORM
    """
    require(n < me.count)
    for k in range(s.cfg.buffer_depth):
        if k < n:
            require(me.where[k] != me.where[n] or me.at[k] != me.at[n])
            require(not me.behind[k + 1])
    depth = len(me.where)
    drain(s, me, n)
    for k in range(depth - 1):
        if k >= n:
            me.behind[k] = me.behind[k + 1]
    me.behind[depth - 1] = False
    me.behind[0] = False
    me.fenced = me.fenced and me.count > 0
