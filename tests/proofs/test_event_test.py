"""The event test proofs: verdicts, smallest witnesses, and the wording against a plain loop."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrx.proofs.deciders import event_test as proof
from vrx.spec.ring import vring_need_event
from vrx.spec.words import u16

U16 = st.integers(0, 65535)


def test_the_event_test_is_what_the_standard_says() -> None:
    assert proof.decide_event_test(vring_need_event).verdict == "proved"


@pytest.mark.parametrize(
    ("form", "witness"),
    [
        (proof.latest_only, {"old": 0, "new": 0, "event": 65535}),
        (proof.first_only, {"old": 0, "new": 0, "event": 0}),
        (proof.off_by_one, {"old": 0, "new": 1, "event": 0}),
        (proof.compared, {"old": 1, "new": 0, "event": 1}),
    ],
)
def test_wrong_forms_have_a_smallest_witness(form: proof.EventTest, witness: dict[str, int]) -> None:
    answer = proof.decide_event_test(form)
    assert (answer.verdict, answer.witness) == ("refuted", witness)


@given(event=U16, old=U16, count=st.integers(0, 300), near=st.integers(-3, 303))
def test_the_words_without_a_quantifier(event: int, old: int, count: int, near: int) -> None:
    """What stands for the quantifier is the loop over the entries written."""
    new = u16(old + count)
    for e in (event, u16(old + near)):
        assert proof.event_is_passed(e, new, old) == any(u16(old + d) == e for d in range(count))


def test_the_slot_axiom_needs_a_power_of_two() -> None:
    assert proof.decide_slot_axiom().verdict == "proved"
    assert proof.decide_slot_lowered(256).verdict == "proved"
    refuted = proof.decide_slot_axiom(35)
    assert refuted.verdict == "refuted"
    i, j = refuted.witness["i"], refuted.witness["j"]
    assert i % 35 == j % 35 and (u16(i - j) < 35 or u16(j - i) < 35)
