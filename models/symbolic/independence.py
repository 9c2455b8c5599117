"""Which actions commute, so that a bounded search may look at one order of them.

Two actions of different actors commute if neither writes a field that the other
reads or writes: either order leads to the same state, and neither enables or
disables the other.  Among all orders of a run there is then one in which no
action is directly followed by a commuting one of a smaller number (the
lexicographically smallest), and it ends in the same state after as many steps.
Forbidding the other orders loses no reachable state at any depth.

This is the peephole reduction of Wang, Yang, Kahlon and Gupta (TACAS 2008).
"""

from __future__ import annotations

from itertools import combinations

from vrx.models.symbolic.relation import Relation, Rule
from vrx.models.symbolic.walk import in_order


def commuting(relation: Relation) -> dict[int, list[int]]:
    """Action number -> the smaller numbers of actions that commute with it."""
    field_of = {id(v): i for i, v in enumerate(relation.variables) if v.op == "var"}
    actions = relation.reading.program.actions
    reads, writes = [], []
    for rule in relation.rules:
        reads.append(_reads(rule, field_of))
        writes.append(frozenset(rule.updates))
    after: dict[int, list[int]] = {}
    for a, b in combinations(range(len(relation.rules)), 2):
        apart = actions[a].actor != actions[b].actor
        if apart and not writes[a] & (reads[b] | writes[b]) and not writes[b] & reads[a]:
            after.setdefault(b, []).append(a)
    return after


def _reads(rule: Rule, field_of: dict[int, int]) -> frozenset[int]:
    """The fields that decide whether the action is enabled and what it writes."""
    terms = in_order([rule.guard, rule.fits, *rule.updates.values()])
    return frozenset(field_of[id(t)] for t in terms if id(t) in field_of)
