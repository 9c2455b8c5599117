"""Failing scenarios become short."""

from __future__ import annotations

from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.search.shrink import shrink


def test_shrinking_keeps_what_matters() -> None:
    """Everything else goes, and numbers become simple."""
    noise = [("take", 3)] * 30
    scenario = Scenario("x", setup(), (*noise, ("post", 9, [1526, 12], []), *noise, ("kick",), *noise))
    names = [o[0] for o in shrink(scenario, lambda s: {"post", "kick"} <= {o[0] for o in s.operations}).operations]
    assert names == ["post", "kick"]
