"""Lists and tables: the models as targets show what the real implementations show, on either layout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.needs import need
from vrx.models.conformance.harness.outcome import Outcome
from vrx.models.conformance.protocol import Setup, setup
from vrx.models.conformance.scenario import Operation, Scenario, as_program
from vrx.models.conformance.targets.model.spec_device import REFUSALS, SpecDevice
from vrx.models.conformance.targets.model.spec_driver import SpecDriver
from vrx.models.conformance.wire.lies import DRIVER_LIES
from vrx.models.conformance.wire.packed import driver_lies as lies
from vrx.models.conformance.worker.supervisor import Worker
from vrx.proofs.command.cli import main

Operations = tuple[Operation, ...]
LISTS_AND_ONE: Operations = (
    *(("post", 0, [64, 64], []), ("kick",), ("use", 0, -1), ("publish", 0), ("take", 1)),
    *(("post", 0, [100], []), ("post", 0, [64, 64], []), ("kick",), ("use", 1, -1), ("use", 0, 12), ("publish", 0)),
    *(("take", 100), ("post", 0, [1, 2, 3], []), ("post", 0, [64], []), ("kick",), ("use", 0, -1), ("publish", 0)),
    *(("disable",), ("take", 100), ("enable",), ("post", 0, [7, 7], []), ("kick",), ("interrupt",)),
)
"""Lists of several lengths and single descriptors, used out of order, over the end of a ring of three and of four."""
FRAMES: Operations = (
    *(("post", 0, 0, [64, 1462], 0), ("publish", 0), ("notify",), ("inject", 60), ("settle",), ("take", 1)),
    *(("refill", 1), ("post", 0, 0, [12, 1000, 514], 0), ("publish", 0), ("notify",), ("inject", 1514), ("settle",)),
    *(("inject", 1000), ("settle",), ("take", 100), ("post", 0, 1, [64, 1462], 0), ("post", 0, 3, [1526], 0)),
    *(("publish", 0), ("notify",), ("inject", 700), ("inject", 60), ("settle",), ("take", 100)),
)
"""Lists and tables, a frame in each, over the end of the ring."""


class Watched:
    """Scenarios, each on the one process of its target."""

    def __init__(self, workers: ExitStack) -> None:
        self.workers, self.of = workers, dict[str, Worker]()

    def __call__(self, target: str, of: Setup, operations: Operations, hostile: bool = False) -> Outcome:
        if target not in self.of:
            self.of[target] = self.workers.enter_context(Worker(target))
        return self.of[target].run(Scenario(target, of, operations, hostile), watched=True)


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with ExitStack() as workers:
        yield Watched(workers)


@pytest.mark.parametrize("of", [
    setup(size, packed=packed, indirect=indirect, event_idx=event_idx)
    for packed, sizes in ((False, (4,)), (True, (3, 4, 5)))
    for size in sizes for indirect in (False, True) for event_idx in (False, True)
], ids=lambda of: of.name)  # fmt: skip
def test_the_model_of_linux_shows_what_its_c_shows(watched: Watched, of: Setup) -> None:
    need("linux-vring")
    mine, its = (watched(target, of, LISTS_AND_ONE) for target in ("spec-driver", "linux-vring"))
    assert mine.seen == its.seen and not mine.deviations and not mine.unsupported


@pytest.mark.parametrize("of", [
    setup(size, packed=packed, mergeable=mergeable, indirect=indirect, event_idx=event_idx)
    for packed, size in ((False, 4), (True, 3), (True, 4), (True, 5))
    for mergeable, indirect in ((False, False), (True, False), (False, True)) for event_idx in (False, True)
], ids=lambda of: of.name)  # fmt: skip
def test_the_model_of_qemu_shows_what_it_shows(watched: Watched, of: Setup) -> None:
    """Where buffers merge, the model has them of one descriptor, and is asked for those."""
    need("qemu")
    frames = tuple(o if o[0] != "post" else ("post", 0, 0, [1526], 0) for o in FRAMES) if of.mergeable else FRAMES
    mine, its = (watched(target, of, frames) for target in ("spec-device", "qemu"))
    assert mine.seen == its.seen and not mine.unsupported
    assert {d.clause for d in mine.deviations} == {d.clause for d in its.deviations}


@pytest.mark.parametrize("kind", [
    lies.LIST_OVER_THE_END, lies.LIST_OF_WHAT_IS_NOT, lies.NO_LENGTH, lies.READABLE_LAST, lies.NOTHING_WRITABLE,
    lies.LAPS_MIXED, lies.TABLE_ODD, lies.TABLE_OUTSIDE, lies.TABLE_NESTED, lies.TABLE_AND_NEXT, lies.TABLE_WITH_FLAGS,
])  # fmt: skip
@pytest.mark.parametrize("before", [0, 1])
def test_of_a_driver_that_lies_the_model_makes_what_qemu_makes(watched: Watched, kind: int, before: int) -> None:
    need("qemu")
    told: Operations = (("lie", kind, 1), ("notify",), ("settle",), ("inject", 60), ("settle",), ("inject", 60))
    operations = (*(("refill", 1),) * before, *told, ("settle",))
    of = setup(3, packed=True, indirect=True)
    mine, its = (watched(target, of, operations, hostile=True) for target in ("spec-device", "qemu"))
    assert mine.seen == its.seen and not mine.untold


def test_of_a_table_of_length_0_the_model_says_that_the_device_gives_up(watched: Watched) -> None:
    """QEMU ends there, which is listed (`qemu-packed-empty-table`); in the model the device is broken."""
    of = setup(3, packed=True, indirect=True)
    told: Operations = (("lie", lies.TABLE_EMPTY, 1), ("kick",), ("inject", 60), ("settle",))
    outcome = watched("spec-device", of, told, hostile=True)
    assert outcome.seen[1][-1] is True and not outcome.untold


@pytest.mark.parametrize("of", [
    setup(4, packed=packed, mergeable=mergeable, indirect=indirect)
    for packed in (False, True) for mergeable, indirect in ((False, False), (True, False), (False, True))
], ids=lambda of: of.name)  # fmt: skip
def test_a_lie_is_told_or_it_is_said_why_not(watched: Watched, of: Setup) -> None:
    """One line each; what the model takes it comes to rest behind."""
    for kind in range(DRIVER_LIES):
        why = REFUSALS[of.layout](of).get(kind)
        outcome = watched("spec-device", of, (("lie", kind, 1), ("kick",), ("inject", 60), ("settle",)), hostile=True)
        assert outcome.untold == ({(of.layout, kind, why)} if why else frozenset()), kind
        assert not {d.clause for d in outcome.deviations} & {"crash", "hang", "foreign-memory"}, kind


def test_replay_names_the_reason_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    operations: Operations = (("lie", lies.IDS_OF_NOBODY, 1), ("kick",), ("inject", 60), ("settle",))
    path = tmp_path / "lie.py"
    path.write_text(as_program(Scenario("spec-device", setup(3, packed=True), operations, True), "a lie"))
    assert main(["conform", "spec-device", "--replay", str(path)]) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("untold")]
    assert line == "untold    in the model an ID is one that the ring has: lie 15 on a packed ring"


def test_both_layouts_are_asked_in_the_same_kinds_of_configurations() -> None:
    for target in (SpecDevice(), SpecDriver()):
        kinds = {
            layout: {(s.mergeable, s.indirect, s.event_idx) for s in target.setups() if s.layout == layout}
            for layout in ("split", "packed")
        }
        assert kinds["split"] == kinds["packed"] and any(indirect for _, indirect, _ in kinds["packed"])
        target.close()


@pytest.mark.parametrize("packed", [False, True])
def test_what_the_models_do_not_have_is_said(watched: Watched, packed: bool) -> None:
    outcome = watched("spec-device", setup(4, packed=packed, mergeable=True, indirect=True), (("refill", 1),))
    assert outcome.unsupported == "the model has no indirect tables where buffers merge"
