"""What the refinement asks of a layout beside its view: where its functions stand, and what its memory shows.

Here is the protocol, and beside it a module for each layout of VIRTIO; `proofs.refinement` has the lemmas.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from vrx.spec.config import Config
from vrx.spec.linux.state import DriverPoint
from vrx.spec.properties import Property
from vrx.spec.qemu.state import DevicePoint


class Words(Protocol):
    """A module for each layout.  Packets of one buffer, without data.

    ADDING: between try_fill_recv() and the buffer that is counted as added; FREE: those of them where it is on the
    free list; TAKEN_OFF: where it is not any more
    TAKING: within virtqueue_get_buf(), behind the look for a used buffer
    WITHIN: all other points within a function that others call, where none of them returns to
    POPPING: within the pop, behind the look for a buffer
    FLUSHING: within the flush, in which everything that was filled is in hand
    """

    @property
    def ADDING(self) -> tuple[DriverPoint, ...]: ...
    @property
    def FREE(self) -> tuple[DriverPoint, ...]: ...
    @property
    def TAKEN_OFF(self) -> tuple[DriverPoint, ...]: ...
    @property
    def TAKING(self) -> tuple[DriverPoint, ...]: ...
    @property
    def WITHIN(self) -> tuple[DriverPoint, ...]: ...
    @property
    def POPPING(self) -> tuple[DevicePoint, ...]: ...
    @property
    def FLUSHING(self) -> tuple[DevicePoint, ...]: ...

    def written(self, s: Any) -> int:
        """Up to where used entries are written: those that are published, and those that are about to be."""

    def sees(self, s: Any) -> int:
        """Up to where the device knows of buffers when it pops one."""

    def used_at(self, s: Any, index: int) -> int:
        """The head in the used entry of an index."""

    def avail_at(self, s: Any, index: int) -> int:
        """The head in the available entry of an index, as long as it is not used."""

    def shown(self, cfg: Config) -> Iterator[Property]:
        """What memory shows is what both sides count; and what the layout's functions have in the midst of it."""


def stands(pc: Any, points: tuple[Any, ...]) -> Any:
    """Is a program counter at one of these points?"""
    found: Any = False
    for point in points:
        found = found | (pc == point)
    return found
