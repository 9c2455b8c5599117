"""No claim is about a constant: what holds in every state that the fields have room for says nothing of the steps."""

from __future__ import annotations

from collections import defaultdict

import pytest

from vrx.models.claims import Safety
from vrx.models.engines.z3.constant import Constants
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.standard_systems import peers, standard
from vrx.models.systems.system import System
from vrx.proofs import all_claims, all_exhibits, exhibit_claims
from vrx.spec.layouts.split.standard.properties import event_index_only_if_negotiated
from vrx.spec.property import Property
from vrx.spec.standard.abstract import comes_back_in_order, lengths_fit, whole_packets_only


def always_so(system: System, properties: set[Property]) -> list[str]:
    """Those of some properties that no state within the ranges of the fields breaks, whether reachable or not.

    Asked of Z3, which knows more constants than a search is told of.
    """
    constants = Constants(Reading(system, ()), enough=0)
    return sorted(p.name for p in properties if constants.always_so(p))


@pytest.mark.slow
def test_no_claim_is_about_a_constant() -> None:
    asked: dict[System, set[Property]] = defaultdict(set)
    for claim in (*all_claims(), *(c for e in all_exhibits() for c in exhibit_claims(e))):
        if isinstance(claim, Safety) and claim.decide is None:
            asked[claim.system].add(claim.asks)
    assert {s.name: found for s, properties in asked.items() if (found := always_so(s, properties))} == {}


def test_what_says_nothing_where_a_switch_is_off_is_not_asked_there() -> None:
    assert "standard(lengths=True)" in lengths_fit.meaningless(standard().cfg)
    assert "standard(in_order=True)" in comes_back_in_order.meaningless(standard(lengths=True).cfg)
    assert "mergeable=True" in whole_packets_only.meaningless(standard().cfg)
    assert "event_idx=False" in event_index_only_if_negotiated.meaningless(peers(event_idx=True).cfg)
    assert lengths_fit.meaningless(standard(lengths=True).cfg) == ""
    assert event_index_only_if_negotiated.meaningless(peers().cfg) == ""
    assert comes_back_in_order.meaningless(standard(in_order=True).cfg) == ""
    assert whole_packets_only.meaningless(standard(mergeable=True, size=2).cfg) == ""
