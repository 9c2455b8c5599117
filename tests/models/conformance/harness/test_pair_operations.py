"""Linux's queue with QEMU's device in one memory: nothing but what is listed; a line that loses something is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.needs import need
from vrx.models.conformance.grammar import PAIR, random_operations
from vrx.models.conformance.harness.pair_operations import pair_run
from vrx.models.conformance.protocol import Feature, setup
from vrx.models.conformance.scenario import Scenario
from vrx.models.conformance.targets.linux_qemu.target import LinuxQemu
from vrx.proofs.command.cli import main


@pytest.fixture(scope="module")
def target() -> Iterator[LinuxQemu]:
    need("linux-qemu")
    made = LinuxQemu()
    yield made
    made.close()


both_ways_to_ask = pytest.mark.parametrize("event_idx", [False, True])
each_layout = pytest.mark.parametrize("packed", [False, True], ids=["split", "packed"])


def causes(target: LinuxQemu, event_idx: bool, packed: bool = False) -> set[str]:
    """The clauses that some drawn scenarios find broken, mergeable buffers."""
    found = set()
    for seed in range(12):
        chosen = setup(4, packed=packed, mergeable=True, event_idx=event_idx)
        run = pair_run(target, Scenario("linux-qemu", chosen, random_operations(PAIR, Random(seed), 40)))
        run.run()
        found |= {d.clause for d in run.record.deviations}
    return found


@pytest.mark.slow
def test_linux_and_qemu_keep_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    need("linux-qemu")
    assert main(["conform", "linux-qemu", "--examples", "4"]) == 0
    text = capsys.readouterr().out
    assert "0 deviations, 3 known" in text and "0 gone" in text


@each_layout
@both_ways_to_ask
def test_without_a_fault_nothing_but_what_is_listed_is_found(target: LinuxQemu, event_idx: bool, packed: bool) -> None:
    assert causes(target, event_idx, packed) <= ({"P-2.8.3-1"} if packed else {"2.7.7.2-6"})


def owed(packed: bool, split_clause: str) -> str:
    """The clause of a notification that is owed: the packed chapter has one for all of them."""
    return "P-2.8.10-3" if packed else split_clause


@each_layout
@both_ways_to_ask
def test_a_line_that_loses_kicks_is_found(
    target: LinuxQemu, event_idx: bool, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target.device, "kick", lambda: None)
    assert "no_lost_kick" in causes(target, event_idx, packed)


@each_layout
@both_ways_to_ask
def test_a_driver_that_does_not_kick_is_found(
    target: LinuxQemu, event_idx: bool, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target.driver, "kick", lambda: None)
    assert owed(packed, "2.7.10.1-6" if event_idx else "2.7.10.1-4") in causes(target, event_idx, packed)


@each_layout
@both_ways_to_ask
def test_a_device_that_does_not_interrupt_is_found(
    target: LinuxQemu, event_idx: bool, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target.device, "interrupts", lambda: 0)
    wanted = {"no_lost_interrupt", owed(packed, "2.7.7.2-5" if event_idx else "2.7.7.2-3")}
    assert wanted <= causes(target, event_idx, packed)


def outcome(target: LinuxQemu, scenario: Scenario) -> tuple[object, ...]:
    """All that a run says."""
    run = pair_run(target, scenario)
    run.run()
    return run.record.deviations, run.record.operations, run.record.reached


def test_on_a_packed_ring_a_scenario_comes_out_the_same_each_time(target: LinuxQemu) -> None:
    """QEMU writes over what it has read: it comes to rest before anybody goes on, or the outcome would be luck."""
    setups = [s for s in target.setups() if s.has(Feature.RING_PACKED)]
    for seed in range(24):
        drawn = random_operations(PAIR, Random(seed), 60)
        scenario = Scenario("linux-qemu", setups[seed % len(setups)], drawn)
        assert outcome(target, scenario) == outcome(target, scenario)


def test_a_buffer_handed_back_with_another_length_is_found(
    target: LinuxQemu, monkeypatch: pytest.MonkeyPatch
) -> None:
    take: Callable[[], tuple[int, int] | None] = target.driver.take

    def less() -> tuple[int, int] | None:
        got = take()
        return got and (got[0], got[1] - 1)

    monkeypatch.setattr(target.driver, "take", less)
    assert "used_entries_exact" in causes(target, False)
