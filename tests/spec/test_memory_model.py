"""A memory model is an object: a third one, whose file stands under tests/, runs on every engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pso import PSO
from tests.spec.test_litmus import allowed, reached
from vrx.models.deciding.schedule import likeness
from vrx.models.engines.explorer import explore
from vrx.models.engines.native.explore import explore_native
from vrx.models.engines.z3.bmc import bmc
from vrx.models.simulation.simulator import Simulator
from vrx.models.systems.system import litmus_test, rx
from vrx.models.traces.narration import text
from vrx.models.traces.trace import replay
from vrx.spec.config import BadConfiguration
from vrx.spec.litmus import SHAPES, r, w
from vrx.spec.memory import Memory
from vrx.spec.properties import SPINE, Property, single_owner

FENCE = ("wmb", "", 0)
FENCED = (w("x", 1), FENCE, w("y", 1)), (r("y", 0), r("x", 1))


def old_behind_new(s: Any) -> bool:
    """Nobody sees y written and then x not."""
    return not (s.threads[1].pc == 2 and s.threads[1].registers[0] == 1 and s.threads[1].registers[1] == 0)


MESSAGE = Property("old_behind_new", old_behind_new, "always")


@pytest.mark.parametrize("shape", SHAPES)
def test_litmus_shapes_have_exactly_the_outcomes_of_the_axioms(shape: str) -> None:
    assert reached(SHAPES[shape], PSO) == allowed(SHAPES[shape], "pso")


@pytest.mark.parametrize("program", [FENCED, ((w("x", 1), w("y", 1), w("x", 2)), (r("y", 0), r("x", 1)))])
def test_a_write_barrier_and_one_place_keep_stores_in_order(program: Any) -> None:
    assert reached(program, PSO) == allowed(program, "pso")


def test_litmus_tells_it_from_tso() -> None:
    assert reached(SHAPES["MP"], "tso") < reached(SHAPES["MP"], PSO)
    assert reached(FENCED, "tso") == reached(FENCED, PSO)


@pytest.mark.parametrize("memory", ["tso", PSO], ids=str)
def test_the_engines_agree_on_message_passing(memory: Any) -> None:
    system = litmus_test(SHAPES["MP"], memory)
    found, native = explore(system, [MESSAGE]), explore_native(system, [MESSAGE])
    assert (found.states, found.depth, found.rests) == (native.states, native.depth, native.rests)
    bounded = bmc(system, MESSAGE, 8)
    if memory == "tso":
        assert not found.violations and not native.violations and bounded.verdict == "bounded"
    else:
        lengths = {len(one.violations["old_behind_new"].path) for one in (found, native)}
        assert lengths == {len(bounded.moves)}


def test_the_engines_agree_on_the_receive_path() -> None:
    system = rx(memory=PSO, idx_bits=2, arrivals=False)
    found, native = explore(system, SPINE), explore_native(system, SPINE)
    assert found.complete and not found.violations and not native.violations
    assert (found.states, found.depth, found.rests) == (native.states, native.depth, native.rests)


def test_the_receive_path_holds_under_it() -> None:
    found = explore_native(rx(memory=PSO, idx_bits=2, max_packet=1), SPINE)
    assert found.complete and not found.violations


def test_it_needs_the_write_barrier_before_avail_idx() -> None:
    """With two buffers the device reads an entry that is not written yet: a buffer that it has already."""
    system = rx(memory=PSO, size=2, max_packet=1).without("virtqueue_add_split__wmb")
    path = explore_native(system, [single_owner], stop_at_violation=True).violations[single_owner.name].path
    told = text(replay("without", system, single_owner, path))
    assert "avail.idx = 2, visible to all" in told and "(store buffer)" in told


def test_what_a_barrier_orders_tells_systems_apart() -> None:
    """Systems that are alike share a search; under TSO one without a write barrier is."""
    barrier = "virtqueue_add_split__wmb"
    assert likeness(rx(memory="tso")) == likeness(rx(memory="tso").without(barrier))
    assert likeness(rx(memory=PSO)) != likeness(rx(memory=PSO).without(barrier))
    assert likeness(rx(memory=PSO)) == likeness(rx(memory=PSO).without("virtqueue_split_pop__rmb"))


def test_the_simulator_runs_it() -> None:
    run = Simulator(rx(memory=PSO, size=4, idx_bits=16), SPINE, 3).run(300)
    assert run.finished and run.violated is None


@pytest.mark.parametrize(
    "body, said",
    [
        ({"name": None}, "one word"),
        ({"name": "sc"}, "the name of another memory model"),
        ({"name": "tso"}, "the name of another memory model"),
        ({"name": "x y"}, "one word"),
        ({"name": "x", "orders": "mb"}, "a tuple of the kinds"),
        ({"name": "x", "__eq__": lambda self, other: True, "__hash__": None}, "a `==` of its own"),
    ],
    ids=["none", "sc", "tso", "two words", "orders", "equal"],
)
def test_a_memory_model_that_would_pass_for_another_is_refused(body: dict[str, Any], said: str) -> None:
    with pytest.raises(BadConfiguration, match=said):
        rx(memory=type("Mine", (Memory,), body)())
