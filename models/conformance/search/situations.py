"""Situations that are rare among drawn scenarios, and that z3 finds: what they ask for is said in the words of `spec/`.

A situation names unknowns (an index to begin with, an event index, a length) and what
must hold of them: the event test of both layouts and ring arithmetic of `spec.ring`, on terms.
z3 solves for the unknowns, the same functions check them on integers, and a scenario
is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import z3

from vrx.models.conformance.memory import PAGE
from vrx.models.conformance.protocol import About, Feature, Setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.wire.layouts import WIRES
from vrx.models.conformance.wire.protocol import Wire
from vrx.models.engines.z3.bitvectors import BitVectors
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Truth
from vrx.models.terminal.ending import held
from vrx.spec.config import Config
from vrx.spec.ring import idx_add, idx_sub, slot, turn

TOP: Final = 65535
Values = Mapping[str, Any]
"""Of the unknowns: terms, or integers."""
Holds = Callable[[Wire, Config, Values], Sequence[Any]]
Made = Callable[[Setup, Mapping[str, int]], tuple[Operation, ...]]


@dataclass(frozen=True)
class Situation:
    """unknowns: name -> smallest and largest value; holds: all of these; made: the scenario; fits: which setups.

    What asks for an event asks how the layout has it passed, so its `holds` takes the wire.
    """

    name: str
    unknowns: Mapping[str, tuple[int, int]]
    holds: Holds
    made: Made
    fits: Callable[[Setup], bool] = lambda _: True


class NoSolution(Exception):
    """What a situation asks for is contradictory: a fault of this module."""


def no(x: Any) -> Any:
    """Not x, of a term or of a truth value."""
    return terms.negate(x) if isinstance(x, Truth) else not x


def config_of(wire: Wire, size: int) -> Config:
    """The arithmetic of a ring."""
    return Config(size=size, layout=wire.wording.shape, idx_bits=wire.wording.idx_bits)


def solve(situation: Situation, wire: Wire, size: int) -> dict[str, int]:
    """Values of the unknowns for a ring of this layout and size.  Raises NoSolution."""
    config = config_of(wire, size)
    whole = {name: (1 << top.bit_length()) - 1 for name, (_, top) in situation.unknowns.items()}
    unknowns = {name: terms.variable(name, top) for name, top in whole.items()}
    low = BitVectors()
    solver = z3.SolverFor("QF_BV")
    inside = [
        x for name, (least, most) in situation.unknowns.items()
        for x in (least <= unknowns[name], unknowns[name] <= most)
    ]  # fmt: skip
    for asked in (*inside, *situation.holds(wire, config, unknowns)):
        solver.add(low.truth(terms.truth(asked)))
    if solver.check() != z3.sat:
        raise NoSolution(f"{situation.name}: z3 says {solver.check()}")
    model = solver.model()
    found = {name: low.value(term, model) for name, term in unknowns.items()}
    if not all(situation.holds(wire, config, found)):
        raise NoSolution(f"{situation.name}: {found} does not do, says the check on integers")
    return found


# Where the event lies, as seen from a move of the index from `begin` by n.


def _last(w: Wire, c: Config, event: Any, new: Any, old: Any) -> list[Any]:
    return [w.passed(c, event, new, old), no(w.passed(c, event, idx_sub(c, new, 1), old))]


def _first(w: Wire, c: Config, event: Any, new: Any, old: Any) -> list[Any]:
    return [w.passed(c, event, new, old), no(w.passed(c, event, new, idx_add(c, old, 1)))]


def _after(w: Wire, c: Config, event: Any, new: Any, old: Any) -> list[Any]:
    return [no(w.passed(c, event, new, old)), w.passed(c, event, idx_add(c, new, 1), old)]


def _before(w: Wire, c: Config, event: Any, new: Any, old: Any) -> list[Any]:
    return [no(w.passed(c, event, new, old)), w.passed(c, event, new, idx_sub(c, old, 1))]


def _opposite(w: Wire, c: Config, event: Any, new: Any, old: Any) -> list[Any]:
    """Where positions count slots, the slot that comes next, in the lap before."""
    return [no(w.passed(c, event, new, old)), idx_sub(c, event, new) == turn(c) // 2]


PLACES: Final = {
    "at the last entry": _last,
    "at the first entry": _first,
    "one behind the last": _after,
    "one before the first": _before,
    "half of all indices away": _opposite,
}
WRAPS: Final[Mapping[str, Callable[[Config, Any, Any], list[Any]]]] = {
    "the index wraps": lambda c, old, new: [new < old, 0 < new],
    "the ring wraps": lambda c, old, new: [old < new, old < 2 * c.size, slot(c, new) < slot(c, old), 0 < slot(c, new)],
    "the index ends at 0": lambda c, old, new: [new == 0],
}


def _events(made: Made, fits: Callable[[Setup], bool], most: int) -> Iterator[Situation]:
    """Every place of the event with every wrap.  most: entries that the index moves by."""
    for place, at in PLACES.items():
        for wrap, over in WRAPS.items():

            def holds(w: Wire, c: Config, x: Values, at: Any = at, over: Any = over) -> list[Any]:
                old, new = x["begin"], idx_add(c, x["begin"], x["n"])
                inside = [x[name] <= turn(c) - 1 for name in ("begin", "event")]
                return [*inside, *at(w, c, x["event"], new, old), *over(c, old, new)]

            unknowns = {"begin": (0, TOP), "n": (3, most), "event": (0, TOP)}
            yield Situation(f"event {place}, {wrap}", unknowns, holds, made, fits)


def _available(setup: Setup, x: Mapping[str, int]) -> tuple[Operation, ...]:
    """n buffers are made available and one kick thought of, then one more; where there are tables, by tables."""
    lengths = [64, 64] if setup.indirect and not setup.mergeable else [64]
    one: tuple[Operation, ...] = (("post", 0, lengths, []),)
    return (("begin", x["begin"]), ("event", x["event"] - x["begin"]), *one * x["n"], ("kick",), *one, ("kick",))


BUFFER: Final = 64
"""Bytes of a buffer where a packet shall take several."""


def _entries(setup: Setup, x: Mapping[str, int]) -> tuple[Operation, ...]:
    """A packet fills n buffers, whose entries are published at once; then one more, of one."""
    posts = tuple(o for _ in range(x["n"] + 1) for o in (("post", 0, 0, [BUFFER], 0), ("publish", 0)))
    frame = x["n"] * BUFFER - setup.header_bytes
    return (
        ("begin", x["begin"]), *posts, ("notify",), ("event", x["event"] - x["begin"]), ("inject", frame), ("settle",),
        ("inject", 20), ("settle",),
    )  # fmt: skip


# Lengths.


def _ends_at_a_page(setup: Setup, x: Mapping[str, int]) -> tuple[Operation, ...]:
    """The first segment ends with its page, and the frame ends `over` bytes behind it."""
    lengths = [x["first"], 2048]
    return (("post", x["at"], 0, lengths, 0), ("publish", 0), ("notify",), ("inject", x["frame"]), ("settle",))


def _fills(setup: Setup, x: Mapping[str, int]) -> tuple[Operation, ...]:
    """Buffers of one length, and a frame that just fits or just does not."""
    posts = tuple(o for _ in range(x["n"]) for o in (("post", 0, 0, [x["length"]], 0), ("publish", 0)))
    return (*posts, ("notify",), ("inject", x["frame"]), ("settle",), ("refill", 1), ("settle",), ("take", 100))


def _page(over: int) -> Holds:
    def holds(w: Wire, c: Config, x: Values) -> list[Any]:
        return [x["at"] + x["first"] == PAGE, x["frame"] + 12 == x["first"] + over, 1526 < x["first"] + 2048]

    return holds


def _all_of(over: int, n: int) -> Holds:
    """A packet with its header is `over` bytes longer than n buffers."""

    def holds(w: Wire, c: Config, x: Values) -> list[Any]:
        room = sum((x["length"] for _ in range(n)), x["frame"] - x["frame"])
        return [x["frame"] + 12 == room + over, x["n"] == n]

    return holds


def _chains(setup: Setup, x: Mapping[str, int]) -> tuple[Operation, ...]:
    """Two chains that together take as many descriptors as there are, or one more; the first comes back, again."""
    first: Operation = ("post", 4090, [64] * x["a"], [])
    second: Operation = ("post", 4090, [64] * x["b"], [])
    return (first, ("kick",), second, ("kick",), ("use", 0, -1), ("publish", 0), ("take", 1), second, first, ("kick",))


LENGTHS: Final = {"at": (32, PAGE - 1), "first": (12, PAGE), "frame": (14, 2048)}
DRIVER: Final = (
    *_events(_available, lambda s: s.event_idx, 8),
    *(
        Situation(
            f"two chains take all descriptors and {over}",
            {"a": (2, 1023), "b": (2, 1023)},
            lambda w, c, x, over=over: [x["a"] + x["b"] == c.size + over],  # type: ignore[misc]
            _chains,
            lambda s: not s.indirect,
        )
        for over in (0, 1)
    ),
)
DEVICE: Final = (
    *_events(_entries, lambda s: s.event_idx and s.mergeable, 8),
    *(
        Situation(f"a frame ends {over} bytes behind a page", LENGTHS, _page(over), _ends_at_a_page)
        for over in (-1, 0, 1)
    ),
    *(
        Situation(
            f"a packet of {n} buffers and {over} bytes",
            {"length": (26, 4096), "frame": (14, TOP), "n": (1, 4)},
            _all_of(over, n),
            _fills,
            lambda s: s.mergeable,
        )
        for n in (1, 4)
        for over in (-1, 0, 1)
    ),
)
SIDES: Final = {"driver": DRIVER, "device": DEVICE}
RINGS: Final = (16, 1024)
"""Entries of the smallest and the largest ring that situations are solved for."""


def scenarios(target: str, about: About) -> Iterator[Scenario]:
    """The situations of a target in each kind of configuration, on one ring of it.

    The smallest; where an index of 16 bits is only reached by so many buffers going round, the largest.
    """
    rings = sorted((s for s in about.setups if RINGS[0] <= s.size <= RINGS[1]), key=lambda s: s.size)
    chosen: dict[tuple[str, frozenset[Feature]], tuple[Wire, Setup]] = {}
    for layout, wire in WIRES.items():
        of_it = [s for s in rings if s.layout == layout]
        for setup in reversed(of_it) if wire.counts_buffers and "begin" not in about.can else of_it:
            chosen.setdefault((setup.buffers, setup.features), (wire, setup))
    wanted = [(wire, setup, x) for wire, setup in chosen.values() for x in SIDES.get(about.side, ()) if x.fits(setup)]
    with held():  # in the middle of a call of z3 one leaves objects behind that complain
        asked = {(x.name, setup.layout, setup.size): (x, wire) for wire, setup, x in wanted}
        solved = {key: solve(x, wire, key[2]) for key, (x, wire) in asked.items()}
    for _, setup, x in wanted:
        values = solved[x.name, setup.layout, setup.size]
        yield Scenario(target, setup, x.made(setup, values), origin="solved")
