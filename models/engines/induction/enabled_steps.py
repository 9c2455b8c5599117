"""Steps that a walk on integers can take from states inside the invariant: the cheapest sign that it is not empty."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from vrx.models.engines.induction.integer_reading import BITS, sized
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.witness import broken_names
from vrx.models.symbolic.terms import NotANumber
from vrx.models.systems.fields import Values
from vrx.models.systems.system import ActionKey, Move, Program, System
from vrx.spec.steps import OutsideArray

LENGTH = 400
"""Steps of a walk: ten times as many find no more."""


def enabled(system: System, lemmas: Sequence[Lemma], size: int, length: int = LENGTH) -> set[ActionKey]:
    """The steps that a walk on a ring of this size meets enabled while all lemmas hold.

    Every other step, about, is what it has taken least often; the walk is the same each time.  None where the system
    has a variable that is no part of its state: there is no walk on integers then.
    """
    try:
        return _walked(system, lemmas, size, length)
    except NotANumber:
        return set()


def _walked(system: System, lemmas: Sequence[Lemma], size: int, length: int) -> set[ActionKey]:
    program = replace(system, cfg=sized(system.cfg, size, BITS)).built()
    chance, taken, values = random.Random(0), Counter[int](), program.initial
    found: set[ActionKey] = set()
    for _ in range(length):
        ways = _ways(program, values, lemmas)
        if not ways:
            values = program.initial
            continue
        found |= {program.actions[move.action].key for move, _ in ways}
        rarest = min(ways, key=lambda way: (taken[way[0].action], chance.random()))
        move, values = chance.choice((rarest, chance.choice(ways)))
        taken[move.action] += 1
    return found


def _ways(program: Program, values: Values, lemmas: Sequence[Lemma]) -> list[tuple[Move, Values]]:
    """What can follow a state inside the invariant; nothing after one outside, or at a rest whose sender stopped."""
    if broken_names(program, values, lemmas):
        return []
    try:
        return list(program.successors(values))
    except OutsideArray:  # a faulty step
        return []
