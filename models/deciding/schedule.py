"""Which claims one process decides, in which order, and how much memory each search gets.

Claims about one system are decided by one search.  So are claims about systems
that may well be one and the same, as under sequential consistency all that
differ in their barriers: that is a guess here, and `models.deciding.engine` makes a
search for each that turns out to be another.

The longest search goes first, so that none is left over at the end; two run at
the same time only where the memory that they are known to need is there for both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vrx.models.claims import Claim, Cover, Lasting
from vrx.models.deciding.digest import identity
from vrx.models.systems.locks import LOCKS
from vrx.models.systems.system import System
from vrx.spec.config import Config
from vrx.spec.memory import model as memory_model

BYTES_PER_STATE = 64
"""What a search takes at its end, the room to grow its table included."""
AT_LEAST = 1 << 30
"""Bytes that every search may take."""
OF_A_SOLVER = 15_000_000
"""How many states a search visits while a solver decides one claim, about: for the order only."""
UNKNOWN = 10_000_000
"""States of a search of which nothing is known."""
OF_A_GRAPH = 5
"""How many times as long it takes to look for cycles."""


@dataclass(frozen=True)
class Work:
    """Claims that one process decides.

    cost: for the order, in states that a search visits; bytes: of memory, 0 where nobody knows
    """

    claims: list[Claim]
    cost: int
    bytes: int


def likeness(system: System) -> object:
    """Systems with the same likeness may be one transition system: what only a weaker memory reads is left out."""
    cfg = system.cfg
    if not isinstance(cfg, Config):
        return identity(system)
    orders = memory_model(cfg).orders
    if not orders:
        return identity(replace(system, cfg=replace(cfg, guest="smp", without=frozenset())))
    idle = {b.name for b in system.barriers if b.kind not in orders} | (set(LOCKS) if cfg.guest == "up" else set())
    return identity(replace(system, cfg=replace(cfg, without=cfg.without - idle)))


def work(claims: Sequence[Claim]) -> list[Work]:
    """The claims in groups, the longest first; claims with the same engine of their own, about one system, together."""
    together: dict[object, list[Claim]] = {}
    for number, claim in enumerate(claims):
        key: object = number
        if claim.system is not None:
            own = (identity(claim.system), claim.decide)
            key = own if claim.decide is not None else (likeness(claim.system), isinstance(claim, Lasting))
        together.setdefault(key, []).append(claim)
    return sorted((_work(part) for group in together.values() for part in _apart(group)), key=lambda w: -w.cost)


def only_refuted(claims: Sequence[Claim]) -> bool:
    """Is every claim that a property fails, so that a search may end where it does?"""
    return all(not isinstance(c, Cover) and c.expected == "refuted" and c.figures.states is None for c in claims)


def _apart(claims: list[Claim]) -> Iterator[list[Claim]]:
    """A search that may end at a violation is for one property: to go on to the other's may take all states."""
    properties = dict.fromkeys(c.asks for c in claims)
    if not isinstance(claims[0], Lasting) and only_refuted(claims):
        yield from ([c for c in claims if c.asks == prop] for prop in properties)
    else:
        yield claims


def _work(claims: list[Claim]) -> Work:
    if claims[0].decide is not None:
        return Work(claims, OF_A_SOLVER, AT_LEAST)
    if only_refuted(claims):
        return Work(claims, UNKNOWN // 10, AT_LEAST)
    # Where they turn out to be several systems, their searches run one after the other.
    known = max((c.figures.states or 0 for c in claims), default=0)
    cost = (known or UNKNOWN) * (OF_A_GRAPH if isinstance(claims[0], Lasting) else 1)
    return Work(claims, cost, max(AT_LEAST, known * BYTES_PER_STATE) if known else 0)


class Memory:
    """The memory that searches share.  budget: bytes; jobs: how many run at the same time at most."""

    def __init__(self, budget: int, jobs: int) -> None:
        self.budget, self.left = budget, budget
        self.share = budget // jobs

    def next(self, waiting: Sequence[Work], running: int) -> tuple[int, int] | None:
        """Which work can begin now, and its bytes; None: none before another has ended.

        What runs alone may take everything that is left.
        """
        for number, one in enumerate(waiting):
            need = min(one.bytes or self.share, self.budget)
            if need <= self.left:
                return number, need
        return (0, self.left) if waiting and not running else None
