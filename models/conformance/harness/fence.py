"""A ring in memory of pattern: whoever writes beside its three parts is seen."""

from __future__ import annotations

from typing import Final

from vrx.models.conformance.buffers import PATTERN
from vrx.models.conformance.memory import Memory
from vrx.models.conformance.wire.layout import Layout, parts, place
from vrx.models.conformance.wire.protocol import Breach

SPREAD: Final = 64
"""Bytes of pattern around each part of the ring."""


class Fence:
    """A fresh ring of zeros in the harness's room.  where: its parts; end: the first address behind it."""

    def __init__(self, layout: Layout, size: int, memory: Memory) -> None:
        begin = memory.room[0]
        self.where, self.end = place(layout, size, begin, SPREAD)
        where = self.where
        area = memory.at(begin, self.end - begin)
        area[:] = bytes([PATTERN]) * len(area)
        sides = []
        for part, at in zip(parts(layout, size), (where.desc, where.driver, where.device), strict=True):
            memory.at(at, part.length)[:] = bytes(part.length)
            sides.append(memory.at(begin, at - begin))
            begin = at + part.length
        sides.append(memory.at(begin, self.end - begin))
        self._gaps = [g for g in sides if len(g)]
        self._clean = [bytes(g) for g in self._gaps]

    def trespass(self) -> Breach | None:
        """Something was written beside the ring."""
        if all(bytes(g) == clean for g, clean in zip(self._gaps, self._clean, strict=True)):
            return None
        return Breach("foreign-memory", "a byte beside the ring", summary="memory beside the ring changes")
