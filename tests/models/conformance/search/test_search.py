"""What is drawn: not the same everywhere, and every lie among it."""

from __future__ import annotations

from vrx.models.conformance.grammar import GRAMMARS
from vrx.models.conformance.harness.outcome import Outcome
from vrx.models.conformance.protocol import setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.search.search import Search
from vrx.models.conformance.worker.supervisor import Worker


class Draws(Search):
    """Keeps what is drawn and runs none of it."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker)
        self.drawn: list[Scenario] = []

    def run(self, scenario: Scenario, watched: bool = False) -> Outcome:
        self.drawn.append(scenario)
        return Outcome(0)


def test_each_configuration_draws_its_own_and_all_lies_are_told() -> None:
    """As many hostile scenarios as a default run draws, over as many configurations."""
    by_setup = []
    lies = set()
    with Worker("spec-device") as worker:
        for i in range(52):
            draws = Draws(worker)
            draws.draw("qemu", setup(1 << i % 11, event_idx=bool(i & 1), indirect=bool(i & 2)),
                       GRAMMARS["device", True], 10, 0, hostile=True)  # fmt: skip
            by_setup.append(repr([s.operations for s in draws.drawn]))
            lies |= {o[1] for s in draws.drawn for o in s.operations if o[0] == "lie"}
    assert len(set(by_setup)) > 40
    assert lies == set(range(18))
