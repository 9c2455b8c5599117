"""Memory that both sides map: addresses as they stand in descriptors, and the bytes behind them.

Fields are read and written through `memoryview.cast`: one aligned load or store
each.  `struct.pack_into` zeroes its target first, and a peer on another core
sees the zero.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

if sys.byteorder != "little":
    raise ImportError("vrx.models.conformance needs a little-endian machine: ring fields are mapped, not converted")

PAGE = 4096
"""Bytes.  Page-crossing segments cross a multiple of this address."""


class OutsideMemory(ValueError):
    """An address range that no region of the shared memory holds."""


@dataclass(frozen=True)
class Region:
    """Consecutive addresses from `address` on; `view` is their bytes (format "B")."""

    address: int
    view: memoryview

    @property
    def end(self) -> int:
        """The first address behind the region."""
        return self.address + len(self.view)


class Segment(NamedTuple):
    """A part of a buffer in shared memory: `length` bytes at `address`; written by the device or read by it."""

    address: int
    length: int
    writable: bool = True


class Memory:
    """The shared memory of a target: regions, and the room in it that the harness may use.

    room: (address, length in bytes) of a part that the target leaves to the harness,
        for buffers, and for the ring where the harness chooses its place.  Page-aligned.
    """

    def __init__(self, regions: Sequence[Region], room: tuple[int, int]) -> None:
        self.regions = tuple(regions)
        self.room = room
        self.at(*room)

    def at(self, address: int, length: int) -> memoryview:
        """The bytes of [address, address + length).  Raises OutsideMemory unless one region holds them all."""
        for region in self.regions:
            if region.address <= address and address + length <= region.end:
                begin = address - region.address
                return region.view[begin : begin + length]
        raise OutsideMemory(f"{length} bytes at {address:#x} are outside the shared memory")

    def holds(self, address: int, length: int) -> bool:
        """Does one region hold all of [address, address + length)?"""
        return any(r.address <= address and address + length <= r.end for r in self.regions)


class SharedFile:
    """An anonymous file of zeros that other processes can map: `fd` to pass on, `view` its bytes here.

    length: bytes, a multiple of PAGE.  Nothing of it is in a file system; it ends with its last user.
    """

    def __init__(self, length: int, name: str = "vrx") -> None:
        self.fd = os.memfd_create(name, os.MFD_CLOEXEC)
        try:
            os.ftruncate(self.fd, length)
            self.map = mmap.mmap(self.fd, length, mmap.MAP_SHARED)
        except BaseException:
            os.close(self.fd)
            raise
        self.view = memoryview(self.map)

    def memory(self, address: int = 0, reserved: int = PAGE) -> Memory:
        """One region from `address` on, of which the first `reserved` bytes are not the harness's."""
        return Memory([Region(address, self.view)], (address + reserved, len(self.view) - reserved))

    def close(self) -> None:
        """Give the descriptor back.  The mapping ends with the process: views of it may still be held."""
        os.close(self.fd)
