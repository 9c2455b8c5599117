"""Frames can be told apart."""

from __future__ import annotations

from vrx.models.conformance.harness.frames import SMALLEST, frame_of


def test_no_two_frames_are_alike() -> None:
    for length in (SMALLEST, 60, 1514):
        assert len({frame_of(n, length) for n in range(2000)}) == 2000
