"""Parts of a state, as values: what a question reads, and what a system has.

`reads=parts.NET & parts.MAIN` reads both; `parts.VQ_HAS | parts.DEV_HAS` one of them, where one is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vrx.spec.steps import ModelError


@dataclass(frozen=True)
class Parts:
    """Parts of a state.  every: each is a place in the state, or several of which one is enough."""

    every: tuple[tuple[str, ...], ...] = ()

    def __and__(self, other: Parts) -> Parts:
        return Parts((*self.every, *other.every))

    def __or__(self, other: Parts) -> Parts:
        if len(self.every) != 1 or len(other.every) != 1:
            raise ModelError("parts of a state: put `|` between single parts, and `&` around them")
        return Parts(((*self.every[0], *other.every[0]),))

    @property
    def names(self) -> tuple[str, ...]:
        """As they are said: `s.net`, `s.vq.has or s.dev.has`."""
        return tuple(" or ".join(f"s.{place}" for place in places) for places in self.every)

    def lacking(self, there: Parts) -> str:
        """The first place that a state with these parts does not have; an empty string where it has all."""
        known = {place for places in there.every for place in places}
        return next((places[0] for places in self.every if known.isdisjoint(places)), "")


NOTHING = Parts()
"""No part in particular: what every state has."""


def _part(place: str) -> Parts:
    return Parts(((place,),))


# Both sides, or the machine between them.
RING, CONTENTS = _part("ring"), _part("contents")
LINES, BUFFERS, GHOST = _part("lines"), _part("buffers"), _part("ghost")
# The driver.
VQ, NUM_FREE, LAST_USED_IDX = _part("vq"), _part("vq.num_free"), _part("vq.last_used_idx")
NAPI, CPUS = _part("napi"), _part("cpus")
# The device.
DEV, INUSE, LAST_AVAIL_IDX = _part("dev"), _part("dev.inuse"), _part("dev.last_avail_idx")
NET, MAIN = _part("net"), _part("main")
# The standard's side in the place of one of them.
VQ_SEEN, VQ_HAS, DEV_SEEN, DEV_HAS = _part("vq.seen"), _part("vq.has"), _part("dev.seen"), _part("dev.has")
WATCH = _part("watch")
# Other systems: the small core, the virtqueue of the standard, litmus programs.
DRIVER, DEVICE, QUEUE, PACKET = _part("driver"), _part("device"), _part("queue"), _part("packet")
VARIABLES, THREADS = _part("variables"), _part("threads")


def only_parts(name: str, reads: Any) -> None:
    """Raise ModelError unless what is written behind `reads=` is made of parts.  name: of the question."""
    if isinstance(reads, Parts):
        return
    there = [(n, value.every) for n, value in globals().items() if isinstance(value, Parts)]
    known = {every[0][0]: f"parts.{n}" for n, every in there if every}
    words = reads.split() if isinstance(reads, str) else []
    wanted = [known.get(place, "") for word in words for place in word.split("|")]
    example = " & ".join(wanted) if wanted and all(wanted) else "parts.NET & parts.MAIN"
    mend = f"write reads={example}, and `from vrx.spec import parts`"
    raise ModelError(f"{name}: reads={reads!r} is no part of a state: {mend}")
