"""The view of a ring of one slot."""

from __future__ import annotations

from typing import Any

from tests.one_slot.memory import AVAILABLE, USED
from tests.one_slot.state import OneState
from vrx.spec.layouts.sides_view import SidesView
from vrx.spec.ring import idx_add
from vrx.spec.words import pick


class OneSlotView(SidesView):
    """What `spec.layouts.view.View` says of it: memory has a state, and both sides count the laps for themselves."""

    __slots__ = ()
    s: OneState

    def __init__(self, s: OneState) -> None:
        self.s = s

    def _shown(self, shown: Any) -> int:
        """The driver's index, and one more where its buffer is out and memory shows something of this lap."""
        taken = self.s.vq.last_used_idx
        index: int = pick((self.s.vq.num_free == 0) & shown, idx_add(self.s.cfg, taken, 1), taken)
        return index

    @property
    def _back(self) -> Any:
        """Memory says USED, and that is not left of the last lap."""
        return (self.s.ring.state == USED) & (self.s.dev.used_idx != self.s.vq.last_used_idx)

    @property
    def added(self) -> int:
        """Of the driver."""
        return self.s.vq.added

    @property
    def offered(self) -> int:
        """By the state word."""
        return self._shown((self.s.ring.state == AVAILABLE) | self._back)

    @property
    def returned(self) -> int:
        """By the state word."""
        return self._shown(self._back)

    def returned_head(self, n: int) -> int:
        """There is one buffer."""
        return 0

    @property
    def callbacks_off(self) -> bool:
        """Of the driver."""
        return self.s.vq.no_interrupt

    @property
    def interrupts_refused(self) -> int:
        """The driver's word."""
        return self.s.ring.no_interrupt

    @property
    def kicks_refused(self) -> int:
        """The device's word."""
        return self.s.ring.no_notify

    interrupt_event = kick_event = decided = added_since = 0
    decided_known = event_is_away = False

    def free_list_intact(self) -> bool:
        """The buffer is free, or out."""
        s = self.s
        return bool(s.vq.num_free == pick(s.vq.added == s.vq.last_used_idx, 1, 0))

    def detaching(self, me: Any) -> bool:
        """It is back in one step."""
        return False

    def adding(self, me: Any) -> bool:
        """It is out in one step."""
        return False

    def popping(self, me: Any) -> bool:
        """It is popped in one step."""
        return False
