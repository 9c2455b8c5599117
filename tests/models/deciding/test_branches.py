"""Branches of steps: what is one, that a search says which it takes, and what is wrong with a list."""

from __future__ import annotations

import pytest

from vrx.models.claims import Cover, Statement
from vrx.models.deciding.branches import Branch, NeverTaken, Taken, Unsearched, asked, complaints, taken
from vrx.models.deciding.digest import identity
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.system import System, rx
from vrx.proofs import all_claims, all_exhibits
from vrx.proofs.branches import COVERING, every_branch, everything
from vrx.proofs.never_taken import BRANCHES

SMALL = rx(idx_bits=2, max_packet=1, notify=False, data=True)


def test_a_branch_is_a_condition_as_it_is_written_and_an_answer() -> None:
    there = asked(rx())
    assert Branch("split.virtqueue_poll", "s.vq.broken", True) in there
    assert {Branch("looked_again", "found", answer) for answer in (True, False)} <= there
    # Both operands, of a plain name too, which a jump alone does not tell apart.
    assert {Branch("split.virtqueue_split_pop__empty", "dev.broken", answer) for answer in (True, False)} <= there
    assert Branch("split.virtqueue_split_pop__empty", "dev.inuse >= s.cfg.size", True) in there


def test_both_rings_have_branches_of_their_own() -> None:
    """A branch of the one, taken, says nothing of the other's function of the same name."""
    split, packed = ({b for b in asked(rx(ring=ring)) if b.function.startswith(ring)} for ring in ("split", "packed"))
    for ring, there in (("split", split), ("packed", packed)):
        assert Branch(f"{ring}.virtqueue_poll", "s.vq.broken", True) in there
    assert {b.asks for b in split} != {b.asks for b in packed}


def test_the_code_that_variants_change_is_asked_too() -> None:
    """What is proved of packed rings is of QEMU with a mend: the code that it stands for counts, the mend does not."""
    packed = [claim for claim in all_claims() if claim.system and "packed" in claim.system.name]
    (mended,) = {c.system for c in packed if c.name == "no_lost_interrupt-packed-ring1-flags-sc-smp-same-positions"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vrx.proofs.branches.all_claims", lambda: [c for c in packed if c.system == mended])
        there = set(everything())
    assert {b.function.partition(".")[0] for b in there} >= {"packed"}
    assert there == asked(rx(ring="packed", positions=True))


def test_what_the_configuration_decides_is_no_branch() -> None:
    texts = {b.asks for b in asked(rx())}
    assert not any("cfg.event_idx" in text or "cfg.data" in text for text in texts)
    assert {b.function for b in asked(rx())}.isdisjoint({"require", "mark", "give", "fate", "store_drains"})


def test_a_search_says_which_branches_it_takes() -> None:
    found = taken(SMALL)
    assert found.taken < found.there
    assert Branch("split.virtqueue_split_flush", "since < count", False) in found.taken
    assert Branch("split.virtqueue_num_heads", "heads > s.cfg.size", True) in found.there - found.taken


@pytest.mark.parametrize("system", [SMALL, rx(idx_bits=2, hostile="driver")], ids=lambda s: s.name)
def test_the_marks_change_nothing_of_the_search(system: System) -> None:
    assert taken(system).states == explore_native(system, few=True).states


def test_a_search_that_does_not_end_is_no_answer() -> None:
    with pytest.raises(Unsearched, match="did not end"):
        taken(rx(size=2, event_idx=True, memory="tso"), seconds=0.2)


def test_what_is_wrong_with_a_list_is_said() -> None:
    one, other = Branch("f", "a", True), Branch("f", "a", False)
    found = [Taken("here", frozenset({one, other}), frozenset({one}), 2)]
    assert complaints([], found, []) == ["never taken: f: a is not so"]
    assert complaints([], found, [NeverTaken("f", "a", False, "why")]) == []
    (wrong,) = complaints([], found, [NeverTaken("f", "a", False, "why"), NeverTaken("f", "a", True, "why")])
    assert wrong == "listed as never taken, but taken: f: a is so, in here"
    (gone,) = complaints([], found, [NeverTaken("f", "a", False, "why"), NeverTaken("g", "b", True, "why")])
    assert gone == "listed as never taken, but no step asks it: g: b is so"
    assert complaints([Branch("g", "b", True)], found, []) == [
        "never taken: f: a is not so",
        "never taken: g: b is so",
    ]


def test_the_systems_that_cover_are_those_of_claims() -> None:
    """Of code that nobody mends all is proved but what is refuted: QEMU's flush in parts has Linux break the ring."""
    claims = [*all_claims(), *(claim for exhibit in all_exhibits() for claim in exhibit.claims())]
    complete = [c for c in claims if c.expected == "proved" or isinstance(c, Cover)]
    searched = {identity(c.system) for c in complete if c.system is not None}
    refuted = {c.system.name for c in claims if c.system is not None and not c.system.changed}
    assert {s.name for s in COVERING if identity(s) not in searched and s.name not in refuted} == set()


def test_each_listed_branch_is_there_and_has_a_reason() -> None:
    there = {b for system in COVERING for b in asked(system)}
    assert [never for never in BRANCHES if never.branch not in there or not never.reason] == []
    assert len({never.branch for never in BRANCHES}) == len(BRANCHES)


def test_a_branch_that_nobody_takes_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vrx.proofs.branches.COVERING", (SMALL,))
    monkeypatch.setattr("vrx.proofs.branches.everything", list)
    (claim,) = (c for c in all_claims() if c.name == "every_branch_is_taken")
    assert isinstance(claim, Statement)
    outcome = every_branch(claim)
    assert outcome.verdict == "refuted"
    assert "never taken: split.virtqueue_num_heads: heads > s.cfg.size is so" in outcome.reason
