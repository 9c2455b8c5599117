"""The rules of a buffer in a packed ring: what each refuses, and what it allows."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from vrx.spec.layouts.packed.standard.chain import (
    AVAIL,
    INDIRECT,
    NEXT,
    USED,
    WRITE,
    List,
    aligned,
    available,
    entry_of_table,
    piece,
    slot_of_list,
    used,
)
from vrx.spec.standard.rules import Forbidden


class Rules(NamedTuple):
    size: int = 3
    indirect: bool = True


Slot = tuple[int, int, int, int]
"""Flags beside the mark, wrap counter, ID, entries of a table."""


def walk(slots: list[Slot], table: list[int], indirect: bool = True) -> List:
    """All of a buffer, each piece of 8 bytes."""
    rules, found = Rules(indirect=indirect), List()
    for flags, wrap, buffer_id, entries in slots:
        slot_of_list(rules, found, flags | (AVAIL if wrap else USED), wrap, buffer_id, entries)
        if not found.in_table:
            piece(found, flags, 8)
    for flags in table:
        entry_of_table(rules, found, flags)
        piece(found, flags, 8)
    return found


GOOD: list[tuple[list[Slot], list[int]]] = [
    ([(WRITE, 1, 2, 0)], []),
    ([(NEXT, 1, 9, 0), (NEXT | WRITE, 0, 9, 0), (WRITE, 0, 1, 0)], []),
    ([(INDIRECT | WRITE, 0, 0, 2)], [0, WRITE]),
]
BAD: list[tuple[str, list[Slot], list[int], bool]] = [
    ("2.8.17-2", [(NEXT, 1, 0, 0)] * 4, [], True),
    ("2.8.17-3", [(NEXT | WRITE, 1, 0, 0), (0, 1, 0, 0)], [], True),
    ("2.8.17-3", [(INDIRECT, 1, 0, 2)], [WRITE, 0], True),
    ("2.8.19-1", [(INDIRECT, 1, 0, 1)], [], False),
    ("2.8.19-2", [(INDIRECT, 1, 0, 2)], [WRITE | NEXT], True),
    ("2.8.19-2", [(INDIRECT, 1, 0, 2)], [INDIRECT], True),
    ("2.8.19-3", [(INDIRECT, 1, 0, 4)], [], True),
    ("2.8.19-4", [(INDIRECT | NEXT, 1, 0, 1)], [], True),
    ("2.8.19-4", [(NEXT, 1, 0, 0), (INDIRECT, 1, 0, 1)], [], True),
    ("P-2.8.7-1", [(INDIRECT, 1, 0, 0)], [], True),
    ("P-2.8.21.1-2", [(WRITE, 1, 3, 0)], [], True),
]


@pytest.mark.parametrize(("slots", "table"), GOOD)
def test_what_a_buffer_may_be(slots: list[Slot], table: list[int]) -> None:
    found = walk(slots, table)
    assert found.ended and found.slots == len(slots) and found.id == slots[-1][2]
    assert found.pieces == len(table or slots)
    assert found.capacity == 8 * sum(flags & WRITE != 0 for flags in table or [s[0] for s in slots])


@pytest.mark.parametrize(("clause", "slots", "table", "indirect"), BAD)
def test_a_rule_of_a_list_forbids(clause: str, slots: list[Slot], table: list[int], indirect: bool) -> None:
    with pytest.raises(Forbidden) as refused:
        walk(slots, table, indirect)
    assert refused.value.clause == clause


def test_every_slot_of_a_list_has_the_mark_of_its_own_lap() -> None:
    """A list that goes over the end changes it there, and not where it began (A15)."""
    with pytest.raises(Forbidden, match=r"P-2\.8\.6-3"):
        slot_of_list(Rules(), List(), WRITE | AVAIL, 0, 0, 0)


def test_a_slot_is_available_or_used_or_neither() -> None:
    for wrap in (0, 1):
        marks = [(available(flags, wrap), used(flags, wrap)) for flags in (0, AVAIL, USED, AVAIL | USED)]
        assert sorted(marks) == [(False, False), (False, False), (False, True), (True, False)]
    assert not available(0, 1) and not used(0, 1), "a ring of zeros has nothing"


@pytest.mark.parametrize("where", [(8, 4, 4), (16, 2, 4), (16, 4, 2)])
def test_the_parts_of_a_queue_are_aligned(where: tuple[int, int, int]) -> None:
    with pytest.raises(Forbidden, match=r"2\.8\.11-1"):
        aligned(*where)
    aligned(16, 4, 8)
