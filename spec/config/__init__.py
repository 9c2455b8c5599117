"""The configuration of a receive system: constants that steps may ask for.

Options stand in groups, a module each: the ring, who is around it, buffers, packets, the machine, the guest, ghosts.
A group has its options with their values, the rules of what goes together, and what follows from them.
A configuration is all groups in one, so that a step says `s.cfg.event_idx`.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, fields
from itertools import chain
from typing import Any

from vrx.spec.config.ghosts import Ghosts
from vrx.spec.config.guest import Guest
from vrx.spec.config.packets import Packets
from vrx.spec.config.ring import USUAL_IDX_BITS


class BadConfiguration(ValueError):
    """An option or a combination of options that no system can have; the text says what to use."""


@dataclass(frozen=True)
class Config(Ghosts, Guest, Packets):
    """What is negotiated, how large things are, and what the machine underneath is like.

    The options are those of `ring.Ring`, `environment.Environment`, `buffers.Buffers`, `packets.Packets`,
    `machine.Machine`, `guest.Guest` and `ghosts.Ghosts`.  Raises BadConfiguration.
    """

    def __post_init__(self) -> None:
        if self.idx_bits == 0:
            object.__setattr__(self, "idx_bits", max(USUAL_IDX_BITS, self.layout.idx_bits(self)))
        for said in chain(self.outside(), self.wrong()):
            raise BadConfiguration(said)

    def describe(self) -> str:
        """The configuration in a few words, as reports name a system."""
        return f"rx({', '.join([self.layout.name, *self.words()])})" + self.left_out()

    def left_out(self) -> str:
        """The barriers that are left out, as the name of a system ends."""
        return "".join(f" without {b}" for b in sorted(self.without))

    def words(self) -> list[str]:
        """What the name of a system says of its configuration, the layout apart."""
        words = [f"size={self.size}"]
        words.append("event_idx" if self.event_idx else "flags")
        words.append(str(self.memory))
        words.append(self.guest)
        words.append(f"irq={self.irq}")
        for field in in_order(self):
            value = getattr(self, field.name)
            if field.name in IN_NAMES and field.name != "notify" and value != usual(field):
                words.append(field.name if value is True else f"{field.name}={value}")
        if not self.notify:
            words.append("free wake-ups")
        if not self.arrivals:
            words.append("no arrivals")
        return words


def usual(field: Field[Any]) -> Any:
    """The value of a field that the name of a system leaves out."""
    return USUAL_IDX_BITS if field.name == "idx_bits" else field.default


def in_order(cfg: Config) -> list[Field[Any]]:
    """The fields of a configuration as the names of systems and of claims have them, whatever groups there are."""
    place = {name: number for number, name in enumerate(IN_NAMES)}
    return sorted(fields(cfg), key=lambda field: place.get(field.name, len(place)))


IN_NAMES = (
    *("idx_bits", "buffer_depth", "caller", "mergeable", "max_packet", "watch", "data", "segments", "indirect"),
    *("hdr_len", "hdr_room", "buffer_len", "eth_len", "max_elements", "filter", "hostile", "notify", "decisions"),
    *("positions", "stale", "symmetry", "stops", "busy_poll", "netpoll", "gro_flush_timeout", "defer_hard_irqs"),
    *("opens", "enable_cb"),
)
"""Fields that stand in the names of systems and of claims where they are not as usual, in this order: names stay."""
