"""Compiled and in Python, the same seed is the same run; what breaks a property is replayed before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vrx.models.simulation.native import compiled, walker
from vrx.models.simulation.native.codegen import CannotCompile, _unsigned
from vrx.models.simulation.native.reading import ArrayReading
from vrx.models.simulation.native.walker import NativeSimulator
from vrx.models.simulation.simulator import ENVIRONMENT, Schedule, Simulator
from vrx.models.simulation.statistics import Run
from vrx.models.symbolic import terms
from vrx.models.symbolic.trees import Leaf
from vrx.models.systems.system import System, rx
from vrx.models.traces.trace import replay
from vrx.proofs import all_claims, all_exhibits
from vrx.proofs.command.simulate import BUFFERS
from vrx.proofs.museum.device import unpop_keeps_inuse
from vrx.spec.accounts import ACCOUNTS
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.properties import ALL, SPINE, Property, free_list_intact
from vrx.spec.questions import meaningful
from vrx.spec.rx import FREE, USED
from vrx.spec.steps import ModelError, require

CHUNKS = 12
STANDARD = (*ALL, *ACCOUNTS, free_list_intact)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short runs: compiling well takes longer than it saves."""
    monkeypatch.setattr(compiled, "FLAGS", ("-O0", *compiled.FLAGS[1:]))


@cache
def quick_systems() -> dict[str, System]:
    """Every system with packets of the quick tier, faulty ones too."""
    claimed = [c.system for c in all_claims() if c.system is not None and c.tier == "quick"]
    faulty = [e.faulty for e in all_exhibits() if e.tier == "quick"]
    return {s.name: s for s in (*claimed, *faulty) if getattr(s.state(), "net", None) is not None}


def both(system: System, asked: Sequence[Property], seed: int, **given: Any) -> tuple[Simulator, NativeSimulator]:
    return Simulator(system, asked, seed, **given), NativeSimulator(system, asked, seed, **given)


def same(python: Simulator, native: NativeSimulator, one: Run, other: Run) -> None:
    """The two runs are one, to their last random number."""
    assert one == other and one.moves == other.moves
    assert one.as_json() == other.as_json()
    assert (one.occupancy, one.parks) == (other.occupancy, other.parks)
    assert [int(v) for v in python.program.view.get()] == [int(v) for v in native.program.view.get()]
    assert (python.draws.at, python.taken) == (native.draws.at, native.taken)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_same_seed_is_the_same_run_of_every_quick_system(chunk: int, hasty: None) -> None:
    for number, system in [*enumerate(quick_systems().values())][chunk::CHUNKS]:
        asked = meaningful(system.cfg, STANDARD)
        python, native = both(system, asked, number)
        assert not native.by_python
        same(python, native, python.run(60, limit=400), native.run(60, limit=400))


REAL: dict[str, dict[str, Any]] = {
    "no data": {"size": 64},
    "no data, any CPU, stops": {"size": 8, "irq": "any", "stops": True},
    "small": {"size": 64, "memory": "tso", **BUFFERS["small"], "max_packet": 1514},
    "mergeable": {"size": 256, "memory": "tso", "event_idx": True, **BUFFERS["mergeable"], "max_packet": 9000},
    "big pages": {"size": 16, "memory": "tso", "event_idx": True, **BUFFERS["big"], "max_packet": 65536},
    "a device that lies": {"size": 4, "data": True, "mergeable": True, "hostile": "device"},
    "a driver that lies": {"size": 4, "hostile": "driver"},
    "a packed ring, a device that lies": {"ring": "packed", "size": 3, "data": True, "hostile": "device"},
    "a packed ring, a driver that lies": {"ring": "packed", "size": 5, "data": True, "hostile": "driver"},
    "packed": {"ring": "packed", "size": 5, "mergeable": True, "event_idx": True},
    "packed, without its barrier": {"ring": "packed", "size": 64, "memory": "tso"},
    "packed, data": {"ring": "packed", "size": 7, "data": True, "mergeable": True, "max_packet": 6, "event_idx": True},
    "packed, lists": {"ring": "packed", "size": 11, "data": True, "segments": 3, "buffer_len": 3, "max_packet": 4},
    "packed, tables": {"ring": "packed", "size": 5, "data": True, "segments": 3, "buffer_len": 3, "max_packet": 8,
                       "indirect": True},
    "packed, any caller": {"ring": "packed", "size": 16, "caller": "any", "decisions": True},
    "busy polling, a timer": {"size": 4, "busy_poll": "other", "gro_flush_timeout": True, "irq": "any"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_the_same_run_at_real_sizes_under_every_schedule(name: str, hasty: None) -> None:
    options = REAL[name]
    system = rx(**options) if "ring" in options else rx(idx_bits=16, **options)
    asked = meaningful(system.cfg, STANDARD)
    for number, schedule in enumerate(get_args(Schedule)):
        weights = {ENVIRONMENT: 0.3, "main loop": 7.5} if schedule == "random" else None
        if weights and not any(a.actor_name == "main loop" for a in system.built().actions):
            weights = {ENVIRONMENT: 0.3}
        python, native = both(system, asked, number, schedule=schedule, budget=(0, 1, 8)[number], weights=weights)
        assert not native.by_python
        for packets in (30, [1, 2, 1] * 10):  # the second goes on where the first ended
            runs = [s.run(packets, limit=2500, occupancy=number == 0) for s in (python, native)]
            same(python, native, *runs)


@settings(max_examples=8)
@given(seed=st.integers(-(2**70), 2**70), budget=st.integers(0, 3), schedule=st.sampled_from(get_args(Schedule)))
def test_any_seed_is_the_same_run(seed: int, budget: int, schedule: Any) -> None:
    system = rx(size=4, idx_bits=16, event_idx=True, memory="tso")
    python, native = both(system, SPINE, seed, schedule=schedule, budget=budget)
    same(python, native, python.run(20), native.run(20))


def test_a_planted_bug_is_found_by_both_with_the_same_trace() -> None:
    system = rx(size=64, idx_bits=16, event_idx=True, memory="tso").replace("virtqueue_unpop", unpop_keeps_inuse)
    python, native = both(system, SPINE, 4)
    runs = [s.run(4000) for s in (python, native)]
    same(python, native, *runs)
    traces = [replay("x", system, run.violated, run.moves) for run in runs if run.violated]
    assert len(traces) == 2 and traces[0] == traces[1]
    assert runs[0].violated is not None and runs[0].violated.name == "inuse_exact"


def test_a_bug_at_a_rest_is_found_by_both() -> None:
    system = rx(memory="tso", guest="up").without("virtqueue_poll__mb")
    python, native = both(system, SPINE, 1, weights={"cpu0 stores": 0.1})
    runs = [s.run(500) for s in (python, native)]
    same(python, native, *runs)
    assert runs[1].violated is not None and runs[1].violated.when == "rest"
    assert replay("x", system, runs[1].violated, runs[1].moves).steps


def test_a_run_too_long_to_keep_is_run_again_for_its_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    system = rx(size=4, idx_bits=16).replace("virtqueue_unpop", unpop_keeps_inuse)
    kept = NativeSimulator(system, SPINE, 1).run(1000)
    monkeypatch.setattr(walker, "KEPT", 10)
    monkeypatch.setattr(walker, "CHUNK", 7)
    again = NativeSimulator(system, SPINE, 1).run(1000)
    assert again == kept and again.violated is not None and len(again.moves) == again.steps
    held = NativeSimulator(rx(size=4, idx_bits=16), SPINE, 1).run(100)
    assert held.finished and len(held.moves) < held.steps


def crooked(s: SplitState) -> bool:
    """Which elements there are of each kind, asked one by one: 3**16 paths."""
    kinds = [0, 0]
    for i in range(s.cfg.size):
        if s.ghost.owner[i] == FREE:
            kinds[0] += 1
        elif s.ghost.owner[i] == USED:
            kinds[1] += 1
    return kinds[1] < 7 or s.net.queued != 0


@pytest.mark.parametrize("when", ["always", "rest"])
def test_a_question_that_cannot_be_compiled_is_answered_in_python_at_the_same_step(when: Any) -> None:
    system = rx(size=16, idx_bits=16)
    asked = [*SPINE, Property("crooked", crooked, when), Property("never", lambda s: s.dev.inuse < 99, "always")]
    python, native = both(system, asked, 3, schedule="burst")
    assert list(native.by_python) == ["crooked"] and "paths" in native.by_python["crooked"]
    same(python, native, one := python.run(300), native.run(300))
    assert (one.violated is not None and one.violated.name == "crooked") is (when == "always")


def test_what_both_break_is_the_first_of_them() -> None:
    """A question of Python's and a compiled one that fail at the same step: the one that stands first."""
    early = Property("early", lambda s: s.dev.inuse == 0, "always")
    late = Property("late", lambda s: (crooked(s) or True) and s.dev.inuse == 0, "always")
    for asked in ([early, late], [late, early]):
        python, native = both(rx(size=16, idx_bits=16), asked, 1)
        assert list(native.by_python) == ["late"]
        same(python, native, one := python.run(5), native.run(5))
        assert one.violated is asked[0]


def test_a_value_out_of_its_range_is_the_same_error() -> None:
    def too_many(s: SplitState, me: Softirq) -> None:
        s.vq.num_free = s.vq.num_free + 5
        me.goto(L.KICK_PREPARE)

    system = rx(size=4, idx_bits=16).replace("try_fill_recv", too_many)
    said = []
    for simulator in both(system, (), 1):
        with pytest.raises(ModelError) as error:
            simulator.run(3)
        said.append(str(error.value))
    assert said[0] == said[1] and "vq.num_free" in said[0]


def test_an_index_outside_an_array_is_the_same_error() -> None:
    def outside(s: SplitState, me: Softirq) -> None:
        s.vq.next[s.vq.num_free + 1] = 0
        me.goto(L.KICK_PREPARE)

    system = rx(size=4, idx_bits=16).replace("try_fill_recv", outside)
    said = []
    for simulator in both(system, (), 1):
        with pytest.raises(ModelError) as error:
            simulator.run(3)
        said.append(str(error.value))
    assert said[0] == said[1] and "index" in said[0]


def test_a_violation_that_the_integers_do_not_have_is_a_fault_of_the_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the C says is not believed: here it asks another question than the one that it was given."""
    monkeypatch.setattr(ArrayReading, "property_tree", lambda *_: Leaf({}, (), terms.NO))
    with pytest.raises(ModelError, match="fails natively after 0 steps, and not on integers"):
        NativeSimulator(rx(size=4, idx_bits=16), [SPINE[2]], 1).run(3)


def test_a_variant_that_depends_on_more_than_the_state_is_found_out() -> None:
    """Its step was read once; on integers it does something else, and the error names it."""
    elsewhere: list[bool] = []

    def depends(s: SplitState, me: Softirq) -> None:
        me.goto(L.IDLE if elsewhere else L.KICK_PREPARE)

    system = rx(size=4, idx_bits=16).replace("try_fill_recv", depends)
    stays = Property("stays", lambda s: s.cpus[0].softirq.pc != L.KICK_PREPARE, "always")
    native = NativeSimulator(system, [stays], 1)
    elsewhere.append(True)
    with pytest.raises(ModelError, match="exchanged: try_fill_recv"):
        native.run(3)


def test_a_step_that_one_choice_of_many_enables_is_taken_before_everything_rests() -> None:
    """Nothing stands still while a choice that was not drawn would let it go on."""

    def seldom(s: SplitState, me: Softirq, number: int) -> None:
        require(number == 77)
        me.goto(L.KICK_PREPARE)

    system = rx(size=4, idx_bits=16).replace("try_fill_recv", seldom, number=200)
    python, native = both(system, SPINE, 5)
    same(python, native, one := python.run(3), native.run(3))
    assert one.events["try_fill_recv"] > 0 and one.violated is None


def test_wrong_inputs_are_refused_alike() -> None:
    system = rx(size=4, idx_bits=16)
    for kind in (Simulator, NativeSimulator):
        with pytest.raises(BadConfiguration, match=r"1\.\.2"):
            kind(system, SPINE).run([3])
        with pytest.raises(BadConfiguration, match="no actor"):
            kind(system, SPINE, weights={"nobody": 1})
        with pytest.raises(BadConfiguration, match="up to"):
            kind(system, SPINE, weights={"main loop": 1e300})


def test_a_weight_beyond_all_others_is_taken() -> None:
    """The heaviest actor runs alone as long as it can; nothing overflows."""
    system = rx(size=4, idx_bits=16)
    weights = {"main loop": 1e100, ENVIRONMENT: 1e-300}
    python, native = both(system, SPINE, 2, weights=weights, schedule="burst")
    same(python, native, python.run(30), native.run(30))


def test_the_largest_field_is_refused_and_said() -> None:
    """A field of more bits than C computes with: the walk says which."""
    with pytest.raises(CannotCompile, match=r"vq\.late has 63 bits"):
        _unsigned("vq.late", (1 << 63) - 1)


