"""A variant or a question that tells buffers apart by their numbers is refused where they have none, and only then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vrx.models.deciding.checking import check
from vrx.models.deciding.refusals import refusals, undecidable
from vrx.models.systems.system import rx
from vrx.models.variants.buffer_names import SAMPLED, names_a_buffer, tells_buffers_apart
from vrx.proofs.caller import completes_the_first, notifies_nobody
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.liveness import LIVENESS, never_forever
from vrx.spec.property import invariant
from vrx.spec.questions import standard_for
from vrx.spec.rx import State


@invariant
def the_first_is_offered_last(s: State) -> bool:
    """Buffer 0 is out only if all are."""
    vq: Any = s.vq
    return not vq.token[0] or vq.num_free == 0


@invariant
def as_many_are_out(s: State) -> bool:
    """What is not free is out."""
    vq: Any = s.vq
    return bool(vq.token.count(True) + vq.num_free == s.cfg.size)


@never_forever
def the_first_stays_out(s: State) -> bool:
    """Buffer 0 is out."""
    vq: Any = s.vq
    return bool(vq.token[0])


def refills_if_the_first_is_free(s: State, budget: int) -> bool:
    """Whether there is room depends on which buffer came back."""
    vq: Any = s.vq
    return not vq.token[0]


def refills_at_once(s: State, budget: int) -> bool:
    """Any free buffer will do."""
    return bool(s.vq.num_free > 0)


def test_a_caller_that_completes_buffer_0_is_refused() -> None:
    named = rx(size=2, caller="any").replace("caller_fills", completes_the_first)
    refusal = refusals(named.under(replace(named.cfg, symmetry=True)))
    assert refusal.startswith("step caller_fills (main loop) tells buffers apart by their numbers: with buffers 0 and")
    assert refusal.endswith("; use symmetry=False") and "\n" not in refusal
    assert refusals(named) == ""


def test_a_helper_that_asks_for_a_number_is_found_in_the_step_that_calls_it() -> None:
    system = rx(size=2, symmetry=True)
    assert "virtnet_receive__refill" in refusals(system.replace("refill_wanted", refills_if_the_first_is_free))
    assert refusals(system.replace("refill_wanted", refills_at_once)) == ""


@pytest.mark.parametrize("options", [{}, {"memory": "tso"}, {"event_idx": True}, {"watch": True}], ids=str)
def test_who_treats_numbers_as_names_is_not_refused(options: dict[str, Any]) -> None:
    system = rx(**{"size": 2, "symmetry": True, **options})
    assert refusals(system.replace("virtio_queue_split_poll", parks_without_looking)) == ""
    general = rx(**{"size": 2, "caller": "any", "symmetry": True} | {k: v for k, v in options.items() if k != "watch"})
    assert refusals(general.replace("caller_notifies", notifies_nobody)) == ""


def test_a_question_that_names_a_buffer_is_refused() -> None:
    system = rx(size=2, symmetry=True)
    assert "it tells buffers apart by their numbers" in undecidable(system, the_first_is_offered_last)
    assert "use symmetry=False" in undecidable(system, the_first_stays_out)
    assert undecidable(system, as_many_are_out) == ""
    assert undecidable(rx(size=2), the_first_is_offered_last) == ""


@pytest.mark.parametrize("options", [{}, {"size": 4, "caller": "any"}, {"watch": True},
                                     {"event_idx": True, "decisions": True, "stops": True}], ids=str)  # fmt: skip
def test_no_standard_question_names_a_buffer(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the tool are not looked at in every run, so they are here."""
    monkeypatch.setattr("vrx.models.variants.buffer_names.all_of", lambda run, known: False)
    system = rx(**{"size": 2, "symmetry": True, **options})
    asked, _ = standard_for(system.cfg)
    assert len(asked) > 10 and set(asked).intersection(LIVENESS)
    assert [question.name for question in asked if names_a_buffer(system, question)] == []


def test_nothing_is_looked_for_where_numbers_are_kept() -> None:
    assert tells_buffers_apart(rx(size=2).replace("refill_wanted", refills_if_the_first_is_free)) == ""
    assert tells_buffers_apart(rx(size=2, symmetry=True)) == ""


def test_what_is_proved_of_a_variant_with_symmetry_says_on_what_it_rests() -> None:
    """A step may tell buffers apart where no random walk comes."""
    mine = rx(size=2, symmetry=True).replace("virtio_queue_split_poll", parks_without_looking)
    for system, said in ((mine, True), (mine.under(replace(mine.cfg, symmetry=False)), False)):
        found = check(system, only=["single_owner"])
        assert (SAMPLED in found.notes) == said
