"""How large the fields can become: fewer bits for what no step ever makes large.

A field is declared for every configuration; in one system it is often smaller:
the places that a store buffer can name, a counter that stays 0.  The bounds are
the least that hold initially and are kept by every update, whatever the guards
say, so they hold in all reachable states.  In others they need not hold.
"""

from __future__ import annotations

from vrx.models.engines.native.expressions import Term
from vrx.models.symbolic.reading import Reading
from vrx.models.symbolic.terms import Num
from vrx.models.symbolic.trees import leaves

ROUNDS = 4
"""A bound that still rises after so many rounds is given up: it counts something."""


def bounds(reading: Reading) -> list[int]:
    """The largest value of each field in reachable states, or a larger one: at most its declared top."""
    tops = [f.top for f in reading.fields]
    bound = [int(v) for v in reading.initial]
    place = {f.name: i for i, f in enumerate(reading.fields)}
    updates = _updates(reading)
    for number in range(len(tops) + ROUNDS):
        memo: dict[int, int] = {}
        risen = []
        for i, terms in updates.items():
            high = max((_high(t, bound, place, memo) for t in terms), default=0)
            if high > bound[i]:
                risen.append((i, min(high, tops[i]) if number < ROUNDS else tops[i]))
        if not risen:
            break
        for i, high in risen:
            bound[i] = high
    return bound


def _updates(reading: Reading) -> dict[int, list[Term]]:
    found: dict[int, dict[int, Term]] = {}
    for traced in reading.actions:
        for leaf in leaves(traced.tree):
            for i, term in (leaf.updates or {}).items():
                found.setdefault(i, {})[id(term)] = term
    return {i: list(terms.values()) for i, terms in found.items()}


def _high(term: Term, bound: list[int], place: dict[str, int], memo: dict[int, int]) -> int:
    """The largest value of a term when no field is above its bound."""
    if id(term) not in memo:
        memo[id(term)] = _computed(term, bound, place, memo)
    return memo[id(term)]


def _computed(term: Term, bound: list[int], place: dict[str, int], memo: dict[int, int]) -> int:
    top = term.high if isinstance(term, Num) else 1
    if term.op == "const":
        return int(term.data)
    if term.op == "var":
        return bound[place[term.data]] if term.data in place else top
    if term.op == "ite":
        return min(top, max(_high(arg, bound, place, memo) for arg in term.args[1:]))
    if term.op == "wrap" and term.args[0].low >= 0:
        return min(top, _high(term.args[0], bound, place, memo))
    return top
