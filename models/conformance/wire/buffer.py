"""A buffer as a ring describes it, whatever the layout, and the bytes of its writable part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vrx.models.conformance.memory import Memory, Segment


class Malformed(Exception):
    """A chain that no driver may make.  clause: the rule; seen: what stands where."""

    def __init__(self, clause: str, seen: str) -> None:
        super().__init__(clause, seen)
        self.clause, self.seen = clause, seen


class Chain(NamedTuple):
    """A buffer as the ring describes it.

    head: its first descriptor; used: the descriptors of the ring's table that it occupies
    segments: what it consists of; capacity: bytes that the device may write
    """

    head: int
    used: tuple[int, ...]
    segments: tuple[Segment, ...]
    capacity: int
    indirect: bool


def write_prefix(memory: Memory, chain: Chain, data: bytes) -> None:
    """Write `data` to the beginning of the writable part of a chain, which is large enough."""
    done = 0
    for address, length, writable in chain.segments:
        if writable and done < len(data):
            part = data[done : done + length]
            memory.at(address, len(part))[:] = part
            done += len(part)


def read_prefix(memory: Memory, segments: Sequence[Segment], length: int) -> bytes:
    """The first `length` bytes of the writable part."""
    out = bytearray()
    for address, whole, writable in segments:
        if writable and len(out) < length:
            out += memory.at(address, min(whole, length - len(out)))
    return bytes(out)
