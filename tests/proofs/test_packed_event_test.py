"""The event test of a packed ring: verdicts, smallest witnesses, and the words against a plain loop."""

from __future__ import annotations

import pytest

from vrx.proofs.deciders import packed_event_test as proof


def test_the_test_of_the_c_is_what_the_standard_says() -> None:
    assert proof.decide(proof.as_in_the_c).verdict == "proved"


@pytest.mark.parametrize(
    ("form", "witness"),
    [
        (proof.last_only, {"N": 2, "count": 2, "index": 0, "event": 2}),
        (proof.raw_previous, {"N": 1, "count": 1, "index": 0, "event": 1}),
        (proof.modulo_size, {"N": 1, "count": 1, "index": 0, "event": 1}),
    ],
)
def test_wrong_forms_have_a_smallest_witness(form: proof.EventTest, witness: dict[str, int]) -> None:
    answer = proof.decide(form)
    assert (answer.verdict, answer.witness) == ("refuted", witness)


@pytest.mark.parametrize("size", range(1, 6))
def test_the_words_without_a_quantifier(size: int) -> None:
    """What stands for the quantifier is the loop over the descriptors written."""
    ring = proof.AnyRing(size)
    for index in range(2 * size):
        for count in range(size + 1):
            written = {(index - 1 - k) % (2 * size) for k in range(count)}
            for event in range(2 * size):
                assert proof.is_passed(ring, event, index, count) == (event in written)
