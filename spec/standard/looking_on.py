"""The standard looks on: what happens to a ring in memory, followed by the rules, step by step.

A layout says what a change of its memory is: which entries have become visible on a way, which wish was
changed (`spec.layouts.layout.Peers`).  What the standard makes of it is here, and the same for every
layout: the entries are written, published and taken, a wish is asked, a raised line is a
notification.  A change that is none of these is nothing that the standard sees.  So a step
either is a step of the standard, or changes nothing that it sees, or breaks a rule, whose
number is kept.

Both publishers are taken for evaders (see `spec.standard.judge`): whatever the device and
the driver think they owe, this is the least that the rules make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, NamedTuple

from vrx.spec.ring import idx_add, slot
from vrx.spec.standard import virtqueue as vq
from vrx.spec.standard.rules import Forbidden

Looking = Callable[[Callable[..., None]], Callable[..., None]]


@dataclass
class At:
    """The standard's queue as its functions want it."""

    cfg: Any
    queue: vq.Queue
    marks: list[str] | None = None


class Asked(NamedTuple):
    """What a side says that it wants to hear of: flags and event, as they stand in memory."""

    flags: int
    event: int


def looking(picture: Callable[[Any], Any], follow: Callable[..., None], clauses: Mapping[str, str]) -> Looking:
    """What makes of the function of a step one that the standard looks on at.

    picture: what of the memory it sees at one moment, given the state
    follow: takes the course that the memory has taken since a picture; given the state, the watch, who ran, the picture
    clauses: by the clause that a function of the queue names, that of the layout
    """

    @cache  # the same function for the same step, so that equal systems are equal
    def watched(run: Callable[..., None]) -> Callable[..., None]:
        @wraps(run)
        def step(s: Any, me, **choices: int) -> None:  # type: ignore[no-untyped-def]  # who runs it: as the step itself
            before = picture(s)
            run(s, me, **choices)
            if s.watch is not None and s.watch.broken == 0:
                s.watch.queue.life = vq.LIVE  # said here, so that no engine reads the steps for another life
                try:
                    follow(s, s.watch, me, before)
                except Forbidden as breach:
                    s.watch.broken = 1 + s.watch.rules.index(clauses.get(breach.clause, breach.clause))

        return step

    return watched


def passes_offers(at: At, heads: Any, start: int, count: int) -> None:
    """Offers have become visible: each is written, all are published, each is taken at once.

    heads: of each slot; start: the position where they begin; count: how many
    """
    _passes(at, heads, start, count, (vq.offer, vq.expose, vq.take))


def passes_returns(at: At, heads: Any, start: int, count: int) -> None:
    """Returns have become visible, likewise."""
    _passes(at, heads, start, count, (vq.use, vq.hand_back, vq.receive))


def _passes(at: At, heads: Any, start: int, count: int, rules: tuple[Any, Any, Any]) -> None:
    c = at.cfg
    written, published, taken = rules
    if count != 0:
        passed = [heads[slot(c, idx_add(c, start, k))] for k in range(c.size)]
        for k, head in enumerate(passed):
            if k < count:
                written(at, head)
        published(at, count)
        for k, head in enumerate(passed):
            if k < count:
                taken(at, head)


def listens(at: At, before: Asked, now: Asked, rule: Any) -> bool:
    """A side says what it wants to hear of, if that is another wish than before.  rule: its function of the standard"""
    asked = now.flags != before.flags or now.event != before.event
    if asked:
        rule(at, now.flags, now.event)
    return asked


def evade(c: Any, way: vq.Way, teller: vq.Teller, told: bool) -> None:
    """Whoever has not to notify now considers it done.  told: a notification is on its way and covers everything."""
    if told or not vq.wanted(c, way, teller.told):
        vq.decide(c, way, teller)
        teller.owed = False
