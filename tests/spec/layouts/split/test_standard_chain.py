"""Chains by the standard: for each rule what it refuses and what it allows."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from vrx.spec.layouts.split.memory import INDIRECT, NEXT, WRITE
from vrx.spec.layouts.split.standard.chain import Chain, aligned, begin_chain, descriptor, next_place
from vrx.spec.standard.rules import Forbidden


@dataclass(frozen=True)
class Rules:
    """A queue of four descriptors."""

    size: int = 4
    indirect: bool = True


D = tuple[int, int, int]
"""flags, bytes, next"""
TABLE = (INDIRECT, 48, 0)
"""Names a table of three descriptors."""
R, W = (0, 9, 0), (WRITE, 9, 0)


def then(d: D, following: int) -> D:
    """The descriptor, with another one behind it."""
    return d[0] | NEXT, d[1], following


def walk(ring: dict[int, D], table: dict[int, D], indirect: bool, head: int) -> Chain:
    """A walk to the end of a chain."""
    rules = Rules(indirect=indirect)
    chain = begin_chain(rules, head)
    while not chain.ended:
        flags, length, following = (table if chain.in_table else ring)[next_place(rules, chain)]
        descriptor(rules, chain, flags, length, following, length // 16 if length % 16 == 0 else 0)
    return chain


Case = tuple[str, dict[int, D], dict[int, D], bool]
FORBIDDEN: list[Case] = [
    ("P-2.7-1", {0: then(W, 4)}, {}, True),
    ("P-2.7-1", {0: TABLE}, {0: then(W, 3)}, True),
    ("2.7.5.3.1-3", {0: then(W, 0)}, {}, True),
    ("2.7.5.3.1-1", {0: TABLE}, {0: W}, False),
    ("2.7.5.3.1-2", {0: TABLE}, {0: TABLE}, True),
    ("2.7.5.3.1-4", {0: then(TABLE, 1), 1: W}, {0: W}, True),
    ("2.7.4.2-1", {0: then(W, 1), 1: R}, {}, True),
    ("2.7.4.2-1", {0: TABLE}, {0: then(W, 1), 1: R}, True),
    ("2.7.5.2-1", {0: then((WRITE, 1 << 31, 0), 1), 1: (WRITE, (1 << 31) + 1, 0)}, {}, True),
    ("P-2.7.13-1", {0: (INDIRECT, 40, 0)}, {0: W}, True),
]
ALLOWED: list[tuple[str, dict[int, D], dict[int, D], bool, int, int]] = [
    # clause, ring, table, indirect, pieces, capacity
    ("P-2.7-1", {0: then(W, 3), 3: W}, {}, True, 2, 18),
    ("2.7.5.3.1-3", {0: then(W, 1), 1: then(W, 2), 2: then(W, 3), 3: W}, {}, True, 4, 36),
    ("2.7.5.3.1-1", {0: TABLE}, {0: W}, True, 1, 9),
    ("2.7.5.3.1-4", {0: TABLE}, {0: then(W, 2), 2: W}, True, 2, 18),
    ("2.7.5.3.2-1", {0: (INDIRECT | WRITE, 48, 0)}, {0: R}, True, 1, 0),
    ("2.7.5.3.2-2", {0: then(R, 2), 2: TABLE}, {0: then(R, 1), 1: W}, True, 3, 9),
    ("2.7.4.2-1", {0: then(R, 1), 1: W}, {}, True, 2, 9),
    ("2.7.5.2-1", {0: then((WRITE, 1 << 31, 0), 1), 1: (WRITE, 1 << 31, 0)}, {}, True, 2, 1 << 32),
]


@pytest.mark.parametrize("case", FORBIDDEN, ids=lambda c: c[0])
def test_a_chain_that_the_standard_refuses(case: Case) -> None:
    clause, ring, table, indirect = case
    with pytest.raises(Forbidden) as refused:
        walk(ring, table, indirect, 0)
    assert refused.value.clause == clause


@pytest.mark.parametrize("case", ALLOWED, ids=lambda c: c[0])
def test_a_chain_that_the_standard_allows(case: tuple[str, dict[int, D], dict[int, D], bool, int, int]) -> None:
    _, ring, table, indirect, pieces, capacity = case
    chain = walk(ring, table, indirect, 0)
    assert (chain.pieces, chain.capacity) == (pieces, capacity)


def test_a_head_is_a_descriptor_of_the_queue() -> None:
    with pytest.raises(Forbidden, match=r"P-2\.7-1"):
        next_place(Rules(), begin_chain(Rules(), 4))
    assert next_place(Rules(), begin_chain(Rules(), 3)) == 3


@pytest.mark.parametrize("where", [(8, 0, 0), (0, 1, 0), (0, 0, 2)])
def test_the_parts_of_a_queue_are_aligned(where: tuple[int, int, int]) -> None:
    with pytest.raises(Forbidden, match=r"2\.7\.1-1"):
        aligned(*where)
    aligned(16, 2, 4)
