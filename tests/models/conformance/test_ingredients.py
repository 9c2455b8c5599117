"""A known deviation is recognised by what leads to it; what only reads alike is new."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tests.needs import need
from vrx.models.conformance.deviation import Deviation, deviation
from vrx.models.conformance.harness.outcome import Outcome
from vrx.models.conformance.known.known import Known
from vrx.models.conformance.known_deviations import KNOWN, recognise
from vrx.models.conformance.protocol import Setup, setup
from vrx.models.conformance.scenario import Operation, Scenario
from vrx.models.conformance.search.search import Search
from vrx.models.conformance.worker.supervisor import Worker

UNPOP = [k for k in KNOWN if "packed-unpop" in k.id]
LIST: Operation = ("post", 0, 0, [64, 1462], 0)
LARGE: Operation = ("inject", 2048)


def shown(known: Known) -> Deviation:
    return deviation(known.clause, "as it was seen", summary=known.summary)


@pytest.mark.parametrize("known", UNPOP, ids=lambda k: k.id)
def test_what_is_listed_has_its_ingredients(known: Known) -> None:
    for target in known.targets:
        assert recognise(target, shown(known), known.scenario(target)) is known


@pytest.mark.parametrize(
    ("of", "operations"),
    [
        (setup(3, packed=True), [LARGE]),
        (setup(3, packed=True), [LIST]),
        (setup(3, packed=True), [LIST, ("inject", 1514)]),
        (setup(3, packed=True), [("post", 0, 0, [1526], 0), LARGE]),
        (setup(3, packed=True), [("refill", 2), LARGE]),
        (setup(3, packed=True, indirect=True), [("post", 0, 1, [64, 1462], 0), LARGE]),
        (setup(3, packed=True, mergeable=True), [LIST, LARGE]),
        (setup(1, packed=True), [LIST, LARGE]),
        (setup(4), [LIST, LARGE]),
    ],
    ids=["no list", "no frame", "it fits", "one descriptor", "refill", "a table", "merging", "a ring of one", "split"],
)
def test_without_one_of_them_it_is_new(of: Setup, operations: Sequence[Operation]) -> None:
    scenario = Scenario("qemu", of, (*operations, ("settle",), ("inject", 60)))
    for known in UNPOP:
        assert recognise("qemu", shown(known), scenario) is None
    on_packed = Scenario("qemu", setup(3, packed=True), (LIST, LARGE))
    assert [recognise("qemu", shown(k), on_packed) for k in UNPOP if "qemu" in k.targets] == UNPOP[:-1]


def test_what_comes_after_it_was_seen_does_not_lead_to_it() -> None:
    stalls = next(k for k in UNPOP if k.clause == "no_lost_kick")
    early = deviation(stalls.clause, "", summary=stalls.summary, at=1)
    scenario = Scenario("qemu", setup(3, packed=True), (("inject", 60), LIST, LARGE))
    assert recognise("qemu", early, scenario) is None


def test_of_a_pair_linux_makes_a_table_where_it_may() -> None:
    pair = next(k for k in UNPOP if "linux-qemu" in k.targets)
    operations: tuple[Operation, ...] = (("post", 1, 1, 0), ("inject", 4096))
    for of, it_is in ((setup(3, packed=True), pair), (setup(3, packed=True, indirect=True), None)):
        assert recognise("linux-qemu", shown(pair), Scenario("linux-qemu", of, operations)) is it_is


class Both:
    """In the place of a worker: every scenario shows the same words."""

    def run(self, scenario: Scenario, watched: bool = False) -> Outcome:
        return Outcome(len(scenario.operations), deviations=(deviation("no_lost_kick", "nothing comes"),))


def test_a_known_deviation_hides_no_other_that_reads_alike() -> None:
    search = Search(cast(Any, Both()))
    known = next(k for k in UNPOP if k.clause == "no_lost_kick").scenario("qemu")
    other = Scenario("qemu", setup(3, packed=True), (("refill", 1), ("inject", 60)))
    search.try_all([known, other, known])
    found = [recognise("qemu", f.deviation, f.scenario) for f in search.findings.values()]
    assert [k and k.id for k in found] == ["qemu-packed-unpop-stalls", None]


DEAF = """
from vrx.models.conformance.targets.qemu.target import QemuTarget

class Deaf(QemuTarget):
    def kick(self):
        pass
"""


@pytest.mark.slow
def test_a_planted_fault_of_qemu_is_not_called_known(tmp_path: Path) -> None:
    """A device that hears no kick shows the words of a known deviation, and has another cause."""
    need("qemu")
    file = tmp_path / "deaf.py"
    file.write_text(DEAF)
    scenario = Scenario(f"{file}:Deaf", setup(3, packed=True), (("inject", 60), ("refill", 1), ("settle",)))
    with Worker(scenario.target) as worker:
        found = worker.run(scenario).deviations
    words = {(k.clause, k.summary) for k in UNPOP}
    alike = [d for d in found if d.cause in words]
    assert alike and not any(recognise("qemu", d, scenario) for d in alike), found
