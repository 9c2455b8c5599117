"""What may be done to a target: each operation with its arguments, as data.

One table serves two readers: Hypothesis, which draws scenarios and shrinks them,
and a plain random generator for long runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Protocol

from hypothesis import strategies as st

from vrx.models.conformance.protocol import SideName
from vrx.models.conformance.scenario import Operation
from vrx.models.conformance.wire.lies import DEVICE_LIES, DRIVER_LIES


class Domain(Protocol):
    """The values of one argument."""

    def draw(self, r: Random) -> Any:
        """One of them."""


@dataclass(frozen=True)
class Pick:
    """One of these."""

    values: Sequence[int]

    def draw(self, r: Random) -> int:
        return r.choice(self.values)


@dataclass(frozen=True)
class Some:
    """A list of values of a domain: one of these lengths."""

    of: Domain
    lengths: Sequence[int]

    def draw(self, r: Random) -> list[Any]:
        return [self.of.draw(r) for _ in range(r.choice(self.lengths))]


@dataclass(frozen=True)
class Among:
    """One of these lists."""

    lists: Sequence[Sequence[int]]

    def draw(self, r: Random) -> list[int]:
        return list(r.choice(self.lists))


@dataclass(frozen=True)
class Rule:
    """How often an operation is drawn, relative to the others, and its arguments."""

    weight: int
    arguments: tuple[Domain, ...] = ()


Grammar = Mapping[str, Rule]

SEGMENTS: Final = Pick((64, 1, 2, 10, 11, 12, 13, 72, 1514, 1526, 1536, 2048, 4095, 4096, 4097, 65535, 65562))
"""Lengths of segments in bytes: around the header, a frame, a page, 64 KiB."""
OFFSETS: Final = Pick((0, 4095, 4090, 2048, 1))
"""Where in its page a buffer begins."""
FRAMES: Final = Pick(
    (
        60, 14, 15, 42, 59, 61, 64, 100, 242, 499, 500, 501, 1000, 1500, 1513, 1514, 1515, 1518, 1524, 2036, 2048,
        4083, 4084, 4085, 4096, 9000, 16384, 32768, 65521, 65535,
    )
)
"""Lengths of frames in bytes: around the smallest, the usual buffers less their header, pages, 64 KiB."""

DRIVER: Final[Grammar] = {
    "post": Rule(6, (OFFSETS, Some(SEGMENTS, (1, 1, 1, 1, 2, 3, 0, 7)), Some(Pick((12, 1, 64)), (0, 0, 0, 0, 1, 2)))),
    "kick": Rule(3),
    "use": Rule(5, (Pick((0, 1, 2, 3, 7)), Pick((-1, 0, 1, 12, 72, 1526)))),
    "publish": Rule(4, (Pick((1, 0, 2, 3)),)),
    "take": Rule(4, (Pick((1, 2, 100)),)),
    "enable": Rule(2),
    "disable": Rule(2),
    "prepare": Rule(1),
    "poll": Rule(1),
    "delayed": Rule(1),
    "interrupt": Rule(2),
    "quiet": Rule(1, (Pick((0, 1)),)),
    "noise": Rule(1, (Pick((1, 1, 0)),)),
    "event": Rule(2, (Pick((0, 1, -1, 2, 5, -2, -300, 300, 32768)),)),
    "begin": Rule(1, (Pick((0, 65535, 65534, 65530, 32767)),)),
    "turn": Rule(1, (Pick((1, 2, 3, 5, 17)),)),
    "reset": Rule(1),
}
"""What may be done to a `QueueDriver`, and what the device does meanwhile."""


HOSTILE_DRIVER: Final[Grammar] = {
    **DRIVER,
    "lie": Rule(4, (Pick(tuple(range(DEVICE_LIES))), Pick((0, 1, 2, 255, 65535)))),
}
"""The same with a device that breaks the rules."""
SHAPES: Final = Among(
    (
        (), (), (1526,), (12, 1514), (1536,), (4096,), (1, 11, 1514), (6, 6, 1514), (10, 1516), (12, 60), (12, 1),
        (12,), (13,), (100,), (512,), (2048,), (4095,), (4097,), (65562,), (12, 65550), (1,) * 12, (1,) * 40,
        (700, 700, 700), (12, 4096, 4096), (16384, 16384, 32794),
    )
)  # fmt: skip
"""Receive buffers by the lengths of their segments: headers alone, split, with the data; around a page; 64 KiB."""

DEVICE: Final[Grammar] = {
    "post": Rule(6, (OFFSETS, Pick((0, 0, 0, 1, 2, 3)), SHAPES, Pick((0, 0, 0, 0, 0, 1)))),
    "publish": Rule(4, (Pick((0, 1, 2)),)),
    "refill": Rule(3, (Pick((1, 2, 5, 16)),)),
    "notify": Rule(5),
    "kick": Rule(1),
    "inject": Rule(8, (FRAMES,)),
    "settle": Rule(5),
    "look": Rule(1),
    "steps": Rule(4, (Pick((1, 2, 3, 5, 8, 13)),)),
    "take": Rule(3, (Pick((1, 2, 100)),)),
    "quiet": Rule(1, (Pick((0, 1)),)),
    "noise": Rule(1, (Pick((1, 1, 0)),)),
    "event": Rule(3, (Pick((0, 1, -1, 2, 5, -2, -300, 300, 32768)),)),
    "stop": Rule(1),
    "go_on": Rule(1),
    "reset": Rule(1),
    "reset_queue": Rule(1),
}
"""What a driver, the network and the machine may do to a device."""

PAIR: Final[Grammar] = {
    "post": Rule(5, (Pick((1, 2, 5, 64)), Pick((0, 1, 2, 3)), OFFSETS)),
    "kick": Rule(4),
    "inject": Rule(8, (FRAMES,)),
    "settle": Rule(6),
    "poll": Rule(6, (Pick((1, 2, 64)),)),
    "stop": Rule(1),
    "go_on": Rule(1),
    "reset": Rule(1),
}
"""What the network, the driver's caller and the machine do between a real driver and a real device."""

HOSTILE_DEVICE: Final[Grammar] = {
    **DEVICE,
    "lie": Rule(4, (Pick(tuple(range(DRIVER_LIES))), Pick((0, 1, 2, 15, 255, 65535)))),
}
"""The same with a driver that breaks the rules."""
GRAMMARS: Final[Mapping[tuple[SideName, bool], Grammar]] = {
    ("driver", False): DRIVER,
    ("driver", True): HOSTILE_DRIVER,
    ("device", False): DEVICE,
    ("device", True): HOSTILE_DEVICE,
    ("pair", False): PAIR,
}
"""By the side that the target is, and whether the other side is hostile."""


def for_long_runs(side: SideName, can: Collection[str]) -> Grammar:
    """What is done to a target of this side where operations are counted.

    One that cannot be set to an index has as many buffers go round instead, which would be most of the run.
    """
    grammar = GRAMMARS[side, False]
    return {name: rule for name, rule in grammar.items() if name != "begin" or "begin" in can}


POOL: Final = 24
"""Concrete operations that a scenario may use, for each unit of weight."""
LENGTHS: Final = (1, 8, 20, 40, 60)
"""Lengths of lists around which scenarios are drawn: left to itself, Hypothesis draws short ones."""


def strategy(
    grammar: Grammar, seed: int, avoid: Collection[tuple[str, int, int]] = ()
) -> st.SearchStrategy[list[Operation]]:
    """Scenarios of up to 120 operations.  avoid: (operation, argument, value) that none of them has.

    An operation is one choice from a pool that the seed decides: ten times as fast
    as drawing its arguments one by one.  What is found is made simpler afterwards.
    """
    r = Random(seed)
    pool = [
        (name, *(a.draw(r) for a in rule.arguments))
        for name, rule in grammar.items()
        for _ in range(rule.weight * POOL)
    ]
    one = st.sampled_from([o for o in pool if not any(o[0] == name and o[i] == value for name, i, value in avoid)])
    return st.one_of([st.lists(one, min_size=n, max_size=2 * n) for n in LENGTHS])


def random_operations(grammar: Grammar, r: Random, n: int) -> tuple[Operation, ...]:
    """n operations."""
    names = [name for name, rule in grammar.items() for _ in range(rule.weight)]
    return tuple(
        (name, *(a.draw(r) for a in grammar[name].arguments)) for name in (r.choice(names) for _ in range(n))
    )
