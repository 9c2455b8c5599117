"""What the lemmas ask of a layout beside its view: where its functions stand, and what its entries say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from vrx.proofs.induction.packed import words as packed
from vrx.proofs.induction.split import words as split
from vrx.spec.layouts.packed.shape import SHAPE as PACKED
from vrx.spec.layouts.shape import Shape
from vrx.spec.layouts.split.shape import SHAPE as SPLIT
from vrx.spec.linux.state import DriverPoint
from vrx.spec.memory import Location
from vrx.spec.qemu.state import DevicePoint
from vrx.spec.rx import State


class Words(Protocol):
    """A module for each layout.  Without data; points are those of the layout's own functions.

    ADDING: between try_fill_recv() and the buffer that is counted as added, in order
    WRITTEN: that one of them where the buffer has left the free list, and is not counted yet
    ADDS: those where it has not
    TAKING: within virtqueue_get_buf(), while callbacks are off
    ENABLING: within virtqueue_enable_cb_prepare()
    INTERRUPTED: within vring_interrupt(), behind the look for used buffers
    COUNTING: while the device counts buffers, behind the look how many there are
    ASKING: while the device asks for kicks, in order; at the last one it looks again
    REFUSING: while the device asks for no kicks; POPPING: within the pop, behind the look for a buffer
    POPPED: where the buffer is popped, and no element in hand yet
    FLUSHING: while a flush is under way, behind its first store
    DECIDING: behind the device's first look at what the driver wants to hear
    """

    @property
    def ADDING(self) -> tuple[DriverPoint, ...]: ...
    @property
    def WRITTEN(self) -> tuple[DriverPoint, ...]: ...
    @property
    def ADDS(self) -> tuple[DriverPoint, ...]: ...
    @property
    def TAKING(self) -> tuple[DriverPoint, ...]: ...
    @property
    def ENABLING(self) -> tuple[DriverPoint, ...]: ...
    @property
    def INTERRUPTED(self) -> tuple[DriverPoint, ...]: ...
    @property
    def COUNTING(self) -> tuple[DevicePoint, ...]: ...
    @property
    def ASKING(self) -> tuple[DevicePoint, ...]: ...
    @property
    def REFUSING(self) -> tuple[DevicePoint, ...]: ...
    @property
    def POPPING(self) -> tuple[DevicePoint, ...]: ...
    @property
    def POPPED(self) -> tuple[DevicePoint, ...]: ...
    @property
    def FLUSHING(self) -> tuple[DevicePoint, ...]: ...
    @property
    def DECIDING(self) -> tuple[DevicePoint, ...]: ...

    def interrupt_wishes(self, cfg: Any) -> tuple[Location, ...]:
        """Where the driver says that it wants to be interrupted; the last one is where it says that it does not."""

    def kick_wishes(self, cfg: Any) -> tuple[Location, ...]:
        """Where the device says that it wants to be kicked."""

    def shown_used(self, s: State) -> Any:
        """Up to where memory shows buffers as used.  The view says so, too; where it counts along the ring, this is
        made of what the device has published and what waits in its store buffer."""

    def shown_available(self, s: State) -> Any:
        """Up to where memory shows buffers as available, likewise."""

    def found(self, s: State) -> Any:
        """Up to where a look of the device before a pop, and its count, may go: where it keeps no copy of what it saw,
        what memory shows."""

    def kicks_asked(self, s: State) -> Any:
        """Memory says that the device wants to be kicked; with the event index, from a position on."""

    def decision(self, s: State, by_position: Any) -> Any:
        """The device will interrupt, where it goes by the position; what else it has seen may say otherwise."""

    def decided_within(self, cfg: Any) -> Any:
        """With the event index: less than this lies between the last decision that is known and what is published."""

    def call_left(self, s: State) -> Any:
        """How many steps a general caller is from the end of the call that it is in."""

    def hinted(self, s: State) -> Any:
        """The driver has noted that the event index was passed."""

    def is_out(self, s: State, head: Any) -> Any:
        """The driver counts the buffer as out."""

    def first_free(self, s: State) -> Any:
        """The buffer that the driver takes next from its free list."""

    def next_free(self, s: State, head: Any) -> Any:
        """The one behind it."""

    def offered(self, s: State, index: Any) -> Any:
        """The buffer that was offered at an index, as its writer would read it back."""

    def returned(self, s: State, index: Any) -> Any:
        """The buffer that was returned at an index, as its writer would read it back."""

    def returned_end(self, s: State) -> Any:
        """The index after the last one of which the ring says so."""

    def remembered(self, s: State, k: Any) -> Any:
        """The k-th buffer that is filled and not flushed, where the ring does not say it yet."""


_WORDS: Final[Mapping[Shape, Words]] = {SPLIT: split, PACKED: packed}
"""Whoever writes the lemmas about another layout's memory adds its words here."""


def words(s: State) -> Words:
    """Those of the ring of a state."""
    return _WORDS[s.cfg.layout]
