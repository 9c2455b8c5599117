"""A scenario in a file is the scenario."""

from __future__ import annotations

import json

from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario, as_program, from_json, from_text


def test_scenarios_are_kept_as_they_are() -> None:
    scenario = Scenario("linux-vring", setup(8, event_idx=True), (("post", 0, [64, 1], []), ("kick",)), origin="tour")
    assert from_json(json.loads(json.dumps(scenario.as_json()))) == scenario
    assert from_text(as_program(scenario, "about it")) == scenario
