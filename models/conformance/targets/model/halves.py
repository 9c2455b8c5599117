"""What the targets of the models ask of a layout: a model's half of a queue, on real ring bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from vrx.models.conformance.protocol import Segment
from vrx.models.conformance.targets.model.runner import Runner
from vrx.models.conformance.wire.layout import QueueAddresses
from vrx.models.conformance.wire.protocol import UsedBuffer


class DeviceHalf(Protocol):
    """The device's half.  run, state: the model that runs, and its state."""

    run: Runner
    state: Any

    def begin(self, index: int) -> None:
        """As if so many buffers had gone through the queue, which is empty."""

    def arrives(self, frame: bytes) -> int:
        """The next frame reaches the device; its length as the model counts it."""

    def shape(self, lengths: Sequence[int]) -> list[int]:
        """The buffer that it takes instead of one of these segments, in bytes."""

    def of_device(self) -> tuple[object, ...]:
        """What decides its next steps of what it keeps; equal where it will do the same."""

    def of_ring(self) -> tuple[object, ...]:
        """The same of what stands in memory."""


class DriverHalf(Protocol):
    """The driver's half.  where: its queue; run, state: as of the device's half."""

    where: QueueAddresses
    run: Runner
    state: Any

    def begin(self, index: int) -> None:
        """As if so many buffers had gone through the queue, which is empty."""

    def posts(self, segments: Sequence[Segment]) -> None:
        """The next buffer that the model adds is this one.  Raises Unsupported."""

    def next_used(self) -> UsedBuffer:
        """What stands where the next used buffer would, whether or not there is one."""

    def taking(self, point: int) -> bool:
        """Has virtqueue_get_buf_ctx() not returned yet?"""

    def of_queue(self) -> tuple[object, ...]:
        """What decides its next steps of what it keeps; equal where it will do the same."""

    def of_ring(self) -> tuple[object, ...]:
        """The same of what stands in memory."""
