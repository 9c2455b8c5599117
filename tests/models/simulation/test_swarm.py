"""Many runs: the same whoever takes them and however many at a time; what they see together; which engine is taken."""

from __future__ import annotations

import os
import signal

import pytest

from vrx.models.simulation.draws import Draws
from vrx.models.simulation.engines import FEW, simulator
from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.processes import in_turn
from vrx.models.simulation.simulator import Simulator
from vrx.models.simulation.swarm import Settings, settle, swarm
from vrx.models.systems.system import rx
from vrx.models.terminal.output import Usage
from vrx.proofs.museum.device import unpop_keeps_inuse
from vrx.spec.properties import SPINE
from vrx.spec.steps import ModelError

SYSTEM = rx(size=4, idx_bits=16, event_idx=True)
FAULTY = rx(size=4, idx_bits=16).replace("virtqueue_unpop", unpop_keeps_inuse)


def test_the_random_numbers_are_those_of_splitmix64() -> None:
    """The first three of its reference implementation from 0 on, all 64 bits of them."""
    draws = Draws(0)
    assert draws.at == 0
    assert [draws.below(1 << 64) for _ in range(3)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert {Draws(seed).below(6) for seed in range(60)} == set(range(6))
    assert Draws(-1).at == Draws((1 << 64) - 1).at


def test_a_swarm_is_the_same_in_python_and_compiled_in_one_process_and_in_several() -> None:
    python, native = Simulator(SYSTEM, SPINE), NativeSimulator(SYSTEM, SPINE)
    walkers = ((python, 1), (native, 1), (native, 3), (python, 2))
    found = [swarm(walker, 7, 6, 30, jobs=jobs) for walker, jobs in walkers]
    for one in found:
        assert one.violated is None and one.runs == 6 and not one.interrupted
        assert one.as_json() | {"never_passed": None} == found[0].as_json() | {"never_passed": None}
    assert found[0].unpassed is None and found[1].unpassed == found[2].unpassed
    assert "driver index wraps" in (found[1].unpassed or ())
    assert "virtqueue_napi_complete" not in found[1].never and found[1].packets == 180


def test_each_run_of_a_swarm_has_a_schedule_of_its_own_unless_it_is_given() -> None:
    walker = Simulator(SYSTEM, SPINE)
    drawn = []
    for seed in range(12):
        settle(walker, seed, Settings())
        drawn.append((walker.schedule, walker.budget, tuple(walker.weights.items())))
    assert len({schedule for schedule, _, _ in drawn}) == 3 and len({b for _, b, _ in drawn}) == 4
    assert len(set(drawn)) == 12
    settle(walker, 3, Settings("alone", {"main loop": 2.0}, 5))
    assert (walker.schedule, walker.budget, walker.weights) == ("alone", 5, {"main loop": 2.0})
    settle(walker, 3, Settings())
    assert (walker.schedule, walker.budget, tuple(walker.weights.items())) == drawn[3]


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_run_that_is_shown_is_of_the_lowest_seed_and_can_be_run_again(jobs: int) -> None:
    native = NativeSimulator(FAULTY, SPINE)
    found = swarm(native, 0, 40, 300, jobs=jobs)
    assert found.violated is not None and found.violated.violated is not None
    seed = found.violated.seed
    for earlier in range(seed):
        settle(native, earlier, Settings())
        assert native.run(300).violated is None
    python = swarm(Simulator(FAULTY, SPINE), seed, 1, 300)
    assert python.violated == found.violated
    assert f"seed {seed}" in found.text() and found.runs == seed + 1


def test_a_swarm_says_how_many_runs_came_to_no_end() -> None:
    """A device that lies lets no packet arrive."""
    found = swarm(Simulator(rx(size=2, hostile="device", data=True), ()), 0, 2, 1)
    assert found.unfinished == 2 and "2 runs reached their limit" in found.text()


def test_results_come_in_their_order_and_errors_in_their_turn() -> None:
    assert [*in_turn(lambda n: n * n, range(5, 12), 3)] == [n * n for n in range(5, 12)]
    got = []

    def odd(n: int) -> int:
        if n == 3:
            raise ModelError("three")
        return n

    with pytest.raises(ModelError, match="three"):
        for n in in_turn(odd, range(9), 2):
            got.append(n)
    assert got == [0, 1, 2]


@pytest.mark.parametrize("killed", [2, 0])
def test_a_process_that_dies_is_said(killed: int) -> None:
    """One of them, or all."""

    def dies(n: int) -> int:
        if n >= killed:
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    with pytest.raises(ModelError, match=r"ended (with status -9|early)"):
        list(in_turn(dies, range(8), 2))


def test_compiled_steps_are_taken_where_they_pay() -> None:
    few, said = simulator("auto", FEW - 1, SYSTEM, SPINE)
    assert few.engine == "python" and "from 2,000 packets on" in said
    assert simulator("python", FEW, SYSTEM, SPINE)[0].engine == "python"
    many, said = simulator("auto", FEW, SYSTEM, SPINE)
    assert (many.engine, said) == ("native", "steps taken by compiled C")


def test_without_a_compiler_steps_are_taken_in_python_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "/nowhere/cc")
    walker, said = simulator("auto", FEW, SYSTEM, SPINE)
    assert walker.engine == "python" and "there is no such program" in said
    assert walker.run(5).finished
    with pytest.raises(Usage, match="there is no such program"):
        simulator("native", FEW, SYSTEM, SPINE)
