"""What a fault in virtio_ring.c is: a place, and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vrx.models.conformance.errors import ConformError


class NoPlace(ConformError):
    """The text that a fault replaces is not in this version of the file."""


@dataclass(frozen=True)
class Mutant:
    """One fault.

    name: for `linux-vring+NAME`; kind: what is changed; function: where; old, new: what replaces what
    unseen: why it cannot be seen, or an empty string
    """

    name: str
    kind: str
    function: str
    old: str
    new: str
    unseen: str = ""

    def plant(self, text: str) -> str:
        """The changed file.  Raises NoPlace."""
        begin = text.find(self.function)
        at = text.find(self.old, begin)
        if begin < 0 or at < 0:
            raise NoPlace(f"{self.name}: {self.function} has no {self.old!r}")
        return text[:at] + self.new + text[at + len(self.old) :]


BARRIER: Final = "one thread runs both sides in turn: the order of its stores and loads is the order of the program"
INTERRUPT: Final = "irqreturn_t vring_interrupt("
