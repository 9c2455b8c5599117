"""What is claimed of free buffers without numbers is what is claimed with them."""

from __future__ import annotations

from vrx.models.claims import tag
from vrx.proofs import all_claims
from vrx.proofs.figures import STEPS
from vrx.proofs.symmetry import (
    FAULTS,
    PACKED_RING2,
    PACKED_RINGS,
    RESTS_ON,
    RING2,
    RINGS,
    WATCHED,
    mended_packed,
    with_numbers,
)


def test_a_fault_has_runs_of_one_length_with_numbers_and_without() -> None:
    for fault, *_ in FAULTS:
        (steps, of), (same, other) = (STEPS[f"{fault}-{tag(one)}"] for one in (RING2, with_numbers(RING2)))
        assert steps == same and of != other, fault


def test_a_fault_of_a_packed_ring_has_runs_of_one_length() -> None:
    one, other = (STEPS[f"unpop-inuse-{tag(ring)}"] for ring in (PACKED_RING2, with_numbers(PACKED_RING2)))
    assert one[0] == other[0] and one[1] != other[1]


def test_of_each_ring_is_claimed_what_its_answers_rest_on() -> None:
    claimed = {(c.system, c.asks) for c in all_claims() if c.expected == "proved"}
    for system in (*RINGS, WATCHED, *map(mended_packed, PACKED_RINGS)):
        assert {(system, question) for question in RESTS_ON} <= claimed, system.name
