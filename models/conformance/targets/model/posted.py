"""What the model of Linux writes into descriptors of a buffer, on either layout: real addresses and lengths.

The model numbers the pieces of memory of its buffers, and its tables, from 1 on, and a table's length is in entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vrx.models.conformance.memory import PAGE, Memory
from vrx.models.conformance.protocol import Segment, Unsupported
from vrx.models.conformance.wire.layout import DESC_BYTES


class Posted:
    """The buffer that is being added, and the tables: one for each buffer's number, as long as the ring.

    state: of the model, once there is one; segments: of that buffer; tables: the bytes of all of them
    """

    state: Any

    def __init__(self, memory: Memory, size: int, behind: int) -> None:
        """behind: the first address that the ring does not take"""
        self._size, self._at = size, -(-behind // PAGE) * PAGE
        self.tables = memory.at(self._at, size**2 * DESC_BYTES)
        self.segments: Sequence[Segment] = ()

    def posts(self, segments: Sequence[Segment]) -> None:
        """The next buffer that the model adds is this one.  Raises Unsupported."""
        if len(segments) > self._size:
            raise Unsupported("the model's buffers are no longer than the ring")
        self.segments = segments

    def row(self, k: int) -> int:
        """Of all tables' entries, the one that the model calls k: its tables have as many as the buffer."""
        head, n = divmod(k, self.state.cfg.segments)
        return int(head * self._size + n)

    @property
    def _seg(self) -> int:
        """Which descriptor of the buffer is being written; behind the last one, the one that names their table."""
        return int(self.state.cpus[0].softirq.seg)

    @property
    def _names_table(self) -> bool:
        return bool(self.state.cfg.indirect) and self._seg == self.state.cfg.segments

    def address(self, value: int) -> int:
        """Of the segment, or of the table."""
        if self._names_table:
            return self._at + (value - 1) * self._size * DESC_BYTES
        return self.segments[(value - 1) % int(self.state.cfg.segments)].address

    def length(self, value: int) -> int:
        """Of that segment, which is not what the driver of the model would post, or of that table."""
        return value * DESC_BYTES if self._names_table else self.segments[self._seg].length
