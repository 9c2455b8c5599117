"""What buffers hold: the memory behind descriptors, whatever the ring in front of it looks like.

A buffer is named after its head descriptor, its pieces (one for each descriptor) are numbered
head * segments + n.  What was never written, or no longer counts, is 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from vrx.spec.memory import Location
from vrx.spec.sizes import DATA_PACKET, TOP_NUMBER
from vrx.spec.words import Array, Of, Upto


@dataclass(slots=True)
class Contents:
    """The memory of all buffers, by piece.

    header, total: whose header it holds, and the length of the packet that the header tells
    num: num_buffers
    data, begin, len: whose data it holds, from where in the packet, and how much
    """

    header: Annotated[Array[int], Of(Upto(3))] = field(default_factory=Array)
    total: Annotated[Array[int], Of(Upto(DATA_PACKET))] = field(default_factory=Array)
    num: Annotated[Array[int], Of(Upto(TOP_NUMBER))] = field(default_factory=Array)
    data: Annotated[Array[int], Of(Upto(3))] = field(default_factory=Array)
    begin: Annotated[Array[int], Of(Upto(DATA_PACKET))] = field(default_factory=Array)
    len: Annotated[Array[int], Of(Upto(DATA_PACKET))] = field(default_factory=Array)


def new_contents(cfg: Any) -> Contents:
    """Memory in which nothing was written yet; without packets there is none."""
    cells = cfg.cells
    lengths = (cells, cells, cells, cells or (cfg.size if cfg.packets else 0), cells, cells)
    return Contents(*(Array([0] * n) for n in lengths))


class loc:
    """The locations in buffers, which the device writes.  A layout has numbers of its own for those in its ring."""

    header = Location("buffer.header", ("header", "total"), 13, "device", array=True, part="contents")
    data = Location("buffer.data", ("data",), 14, "device", array=True, part="contents")
    num_buffers = Location("buffer.num_buffers", ("num",), 16, "device", array=True, part="contents")
    piece = Location("buffer.data", ("data", "begin", "len"), 17, "device", array=True, part="contents")


LOCATIONS = (loc.header, loc.data, loc.num_buffers, loc.piece)


def stored(cfg: Any) -> tuple[Location, ...]:
    """The locations in buffers that a system with this configuration stores to."""
    if cfg.data:
        return (loc.header, loc.num_buffers, loc.piece) if cfg.mergeable else (loc.header, loc.piece)
    return (loc.data,) if cfg.watch else ()
