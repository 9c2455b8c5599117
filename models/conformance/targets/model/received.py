"""What the model of QEMU reads of buffers, and writes into them, on either layout: addresses, tables, contents.

In the model an address is 1 + the place in memory (0: no memory), and the length of a table is in entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from vrx.models.conformance.memory import Memory
from vrx.models.conformance.protocol import Setup, Unsupported
from vrx.models.conformance.targets.model.runner import Stores
from vrx.models.conformance.wire.header import NetHeader
from vrx.models.conformance.wire.layout import DESC_BYTES
from vrx.spec.contents import loc
from vrx.spec.qemu.state import MainLoop
from vrx.spec.words import Array

OLD_HEADER: Final = 10
"""Bytes that receive_header() writes: those of a header without num_buffers."""
NUM_BUFFERS_AT: Final = 10
"""Where num_buffers lies in a header."""


class Received:
    """The frame that arrives, and the memory that it is copied to.

    segments: most descriptors of a buffer that the model takes
    main: the main loop of the model, once there is one
    """

    main: MainLoop

    def __init__(self, memory: Memory, setup: Setup) -> None:
        """Raises Unsupported."""
        if setup.mergeable and setup.indirect:
            raise Unsupported("the model has no indirect tables where buffers merge")
        self.memory, self.setup = memory, setup
        self.segments = 1 if setup.mergeable else max(2, setup.size) if setup.indirect else setup.size
        self.stores: Stores = {
            loc.header: lambda at, _: self._write(at, NetHeader().encode()[:OLD_HEADER]),
            loc.num_buffers: lambda at, count: self._write(at + NUM_BUFFERS_AT, count.to_bytes(2, "little")),
            loc.piece: self._put_piece,
        }
        self._packet = b""

    def of(self, main: MainLoop) -> None:
        """The main loop whose element it is; with room for its pieces, and for as many elements as the ring has."""
        self.main, size = main, self.setup.size
        main.sg_addr, main.sg_len = Array([0] * self.segments), Array([0] * self.segments)
        main.elems, main.lens = Array([0] * size), Array([0] * size)

    def arrives(self, frame: bytes) -> int:
        """The next frame; its length as the model counts it."""
        self._packet = frame
        return len(frame)

    def address(self, addr: int, length: int) -> int:
        """Where so many bytes lie, in the model's terms."""
        return addr + 1 if self.memory.holds(addr, length) else 0

    def entries(self, length: int) -> int:
        """How many descriptors a table of this length has; 0 if that is no whole number."""
        return 0 if length % DESC_BYTES else length // DESC_BYTES

    def row(self, i: int) -> memoryview:
        """The bytes of a descriptor in a table, whose number the model makes of the table's address and its place."""
        address, n = divmod(i, self.segments)
        return self.memory.at(address + n * DESC_BYTES, DESC_BYTES)

    def _write(self, at: int, data: bytes) -> None:
        self.memory.at(at, len(data))[:] = data

    def _put_piece(self, at: int, value: Any) -> None:
        """iov_from_buf() copies `count` bytes of the packet; behind the header, where that is in the same piece."""
        _, begin, count = value
        behind = self.setup.header_bytes if self.main.held == 1 and self.main.seg == 0 else 0
        self._write(at + behind, self._packet[begin : begin + count])

    def shape(self, lengths: Sequence[int]) -> list[int]:
        """The header lies in one piece, as Linux posts it; where buffers merge they have one segment."""
        if self.setup.mergeable:
            return [sum(lengths)]
        first, rest = 0, list(lengths)
        while rest and first < self.setup.header_bytes:
            first += rest.pop(0)
        return [first, *rest]
