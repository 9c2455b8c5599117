"""Which fields of a state are kept together: the parts that `parts.c` numbers.

Fields that one context alone writes are a part: its private state, and what only it stores in memory.
What several write is parted by where it stands.  Small parts are put together: there
are fewer numbers then, and what depends on each other takes fewer values together than apart.
"""

from __future__ import annotations

from collections import defaultdict

from vrx.models.engines.native.layout import WORD, Layout
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.trees import leaves

SMALL, SMALL_OF_LARGE = 48, 64
"""Parts are put together up to so many bits; of large states, whose keys are long, up to more."""

FEWEST = 3
"""So many parts stay apart: two of a small state are half of it each, and take nearly as many values as there are
states."""
LARGE = 200
"""Bits of a state: above that it is large, and the numbers of its parts are given two words at once."""


def key_words(layout: Layout) -> int:
    """How many words are tried first for the numbers of all parts; 0 where a state is kept as it is."""
    return 0 if layout.bits <= WORD else 1 if layout.bits <= LARGE else 2


def parts(reading: Reading, layout: Layout) -> list[list[int]]:
    """The parts of a state, each as fields by number."""
    writers = _writers(reading)
    found: dict[object, list[int]] = defaultdict(list)
    for i, field in enumerate(reading.fields):
        if layout.places[i].bits:
            who = writers[i]
            found[min(who) if len(who) == 1 else field.name.split(".")[0].split("[")[0] if who else ""].append(i)
    return _put_together(list(found.values()), layout)


def _writers(reading: Reading) -> list[set[int]]:
    """The contexts whose steps write each field."""
    writers: list[set[int]] = [set() for _ in reading.fields]
    for traced in reading.actions:
        for leaf in leaves(traced.tree):
            for i in leaf.updates or {}:
                writers[i].add(traced.action.actor)
    return writers


def _put_together(apart: list[list[int]], layout: Layout) -> list[list[int]]:
    def bits(part: list[int]) -> int:
        return sum(layout.places[i].bits for i in part)

    # Equally large ones stay in the order of the fields, so that the same C comes out each time.
    found = sorted(apart, key=bits)
    most = SMALL if layout.bits <= LARGE else SMALL_OF_LARGE
    while len(found) > FEWEST and bits(found[0]) + bits(found[1]) <= most:
        found = sorted([found[0] + found[1], *found[2:]], key=bits)
    return found


def masks(found: list[list[int]], layout: Layout) -> list[list[int]]:
    """The bits of each part, a number for each word."""
    out = [[0] * layout.words for _ in found]
    for mask, part in zip(out, found, strict=True):
        for place in (layout.places[i] for i in part):
            mask[place.word] |= place.mask << place.shift
    return out
