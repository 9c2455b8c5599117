"""The standard's sides on a packed ring, and the standard that looks on at it."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.engines.explorer import explore
from vrx.models.systems.standard_systems import peers, watched
from vrx.proofs.standard_packed import BREACHES
from vrx.spec.config import BadConfiguration
from vrx.spec.standard.properties import driver_not_left_asleep, follows_the_standard


@pytest.mark.parametrize(("name", "system", "clause"), BREACHES[:1], ids=[BREACHES[0][0]])
def test_a_rule_that_is_broken_is_named(name: str, system: Any, clause: str) -> None:
    """By the clause of the packed chapter, on the reference explorer."""
    found = explore(watched(system), [follows_the_standard], stop_at_violation=True)
    assert "follows_the_standard" in found.violations


def test_who_does_not_look_again_sleeps_for_ever() -> None:
    """As on a split ring: the second look is no rule."""
    system = peers(ring="packed", peer="any", looks_again=False)
    assert explore(system, [driver_not_left_asleep], stop_at_violation=True).violations


@pytest.mark.parametrize("options", [{"peer": "any-device"}, {"peer": ""}])
def test_in_order_is_negotiated_between_the_standards_sides_only(options: dict[str, Any]) -> None:
    """Neither Linux 6.1 nor QEMU 7.2 knows the feature."""
    with pytest.raises(BadConfiguration, match="in_order"):
        peers(ring="packed", in_order=True, **options)
