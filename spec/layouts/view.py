"""What others may ask of a ring, whatever its layout: properties, narration, statistics, named states, the induction.

A ring index counts modulo the layout's `turn`.  Along it stand, each at or behind the one before:

    added      up to where the driver has added buffers
    offered    up to where memory shows them as available
    seen       up to where the device has seen that
    popped     up to where the device has taken them
    used       up to where the device has published them as used
    returned   up to where memory shows them as used
    received   up to where the driver has taken them back

A distance is `idx_sub` of two.  Whether a side may be told is said by flags, or with the event index by positions.
"""

from __future__ import annotations

from typing import Any, Protocol


class View(Protocol):
    """The view of one ring, in one state.  Nothing here writes."""

    @property
    def added(self) -> int:
        """Up to where the driver has added buffers."""

    @property
    def offered(self) -> int:
        """Up to where memory shows buffers as available."""

    @property
    def seen(self) -> int:
        """Up to where the device has seen buffers; `offered`, where it keeps no copy of that."""

    @property
    def found(self) -> int:
        """Up to where the device found buffers when it looked before a pop: `seen`, where that look leaves a copy, else
        `offered`."""

    @property
    def popped(self) -> int:
        """Up to where the device has taken buffers."""

    @property
    def used(self) -> int:
        """Up to where the device has published buffers as used, whoever sees it yet."""

    @property
    def returned(self) -> int:
        """Up to where memory shows buffers as used."""

    @property
    def received(self) -> int:
        """Up to where the driver has taken buffers back."""

    def returned_head(self, n: int) -> int:
        """The buffer of the n-th used entry that the driver has not taken."""

    @property
    def callbacks_off(self) -> bool:
        """The driver counts its callbacks as off."""

    @property
    def kicks_on(self) -> bool:
        """The device counts its kicks as on."""

    @property
    def interrupts_refused(self) -> int:
        """1 where memory says by the flag that no interrupt is wanted, else 0."""

    @property
    def kicks_refused(self) -> int:
        """1 where memory says by the flag that no kick is wanted, else 0."""

    @property
    def interrupt_event(self) -> int:
        """With the event index: the position that memory names for the next interrupt."""

    @property
    def kick_event(self) -> int:
        """With the event index: the position that memory names for the next kick."""

    @property
    def decided(self) -> int:
        """With the event index: up to where the device had published when it decided last about an interrupt."""

    @property
    def decided_known(self) -> bool:
        """With the event index: the device knows that position."""

    def decides(self, point: Any) -> Any:
        """A step from this point of the device's decides about an interrupt."""

    def interrupt_needless(self, by_position: Any) -> Any:
        """With the event index: does what the device sees ask for no interrupt?

        by_position: does the position ask for none; where that is all that is asked by, this is the answer
        """

    def kick_needless(self, by_position: Any) -> Any:
        """Likewise of a kick and the driver."""

    @property
    def added_since(self) -> int:
        """How many buffers the driver has added since it decided last about a kick."""

    @property
    def event_is_away(self) -> bool:
        """With the event index: the driver has put its event where it asks for nothing, or need not any more."""

    def free_list_intact(self) -> bool:
        """The driver's free list has num_free descriptors, each once and none a head that is out, and with those of the
        buffers that are out they are all there are."""

    def detaching(self, me: Any) -> bool:
        """The driver's context puts the descriptors of a buffer back, and some are on the free list already."""

    def adding(self, me: Any) -> bool:
        """The driver's context has taken descriptors off the free list, and not counted their buffer as added."""

    def popping(self, me: Any) -> bool:
        """The device has taken a buffer from the ring that is no element in its hand yet."""

    def receiving(self, me: Any) -> bool:
        """The driver's context is between the first look for a used buffer and the end of its poll, wherever that is in
        this layout's program points."""

    def taking(self, me: Any) -> bool:
        """The device is between the first look for a buffer to pop and the interrupt for what it has published."""


def view(s: Any) -> View:
    """The view of the ring of a state."""
    seen: View = s.cfg.layout.view(s)
    return seen
