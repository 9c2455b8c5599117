"""The frames that a harness sends to a device, no two alike, and their way to the driver."""

from __future__ import annotations

from collections import deque
from typing import Final

SMALLEST, LARGEST = 14, 65535
"""Lengths of frames in bytes."""
_BYTES: Final = bytes((i * 7 + (i >> 8)) & 0xFF for i in range(LARGEST + 512))


def frame_of(number: int, length: int) -> bytes:
    """The frame with this number: broadcast, of an experimental type, its number as its source, no two alike."""
    start = number * 31 % 251
    head = b"\xff\xff\xff\xff\xff\xff\x52\x54" + number.to_bytes(4, "little") + b"\x88\xb5"
    return (head + _BYTES[start : start + length])[:length]


class Frame:
    """A frame on its way.  doubtful: the device may have dropped it, so only what comes after it must come."""

    __slots__ = ("data", "doubtful")

    def __init__(self, data: bytes, doubtful: bool) -> None:
        self.data, self.doubtful = data, doubtful


class Arrivals:
    """The frames on their way, the first one first."""

    def __init__(self) -> None:
        self.frames: deque[Frame] = deque()
        self._number = 0

    def send(self, length: int, doubtful: bool) -> bytes:
        """A new frame of so many bytes."""
        data = frame_of(self._number, length)
        self._number += 1
        self.frames.append(Frame(data, doubtful))
        return data

    def may_drop(self) -> None:
        """Those that are on their way may be lost now."""
        for frame in self.frames:
            frame.doubtful = True

    def arrived(self, data: bytes) -> tuple[bool, Frame | None]:
        """A packet comes out: is it in its turn?  If not, the frame that had to come first; None: nobody sent it."""
        while self.frames:
            frame = self.frames.popleft()
            if frame.data == data:
                return True, None
            if not frame.doubtful:
                return False, frame
        return False, None
