"""The simulator: runs are repeatable, what they count adds up, and they find what is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks.receive_soak import soak
from vrx import spec
from vrx.models.claims import Exhibit
from vrx.models.simulation.monitor import Monitor
from vrx.models.simulation.simulator import Schedule, Simulator
from vrx.models.simulation.statistics import COUNTED, Run, Spread
from vrx.models.simulation.undo_log import InPlace
from vrx.models.systems.fields import walk
from vrx.models.systems.system import rx
from vrx.models.traces.trace import replay
from vrx.proofs.command.simulate import BUFFERS
from vrx.proofs.museum import data, device, driver
from vrx.proofs.museum.device import unpop_keeps_inuse
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import L, Softirq
from vrx.spec.properties import CONTENTS, SPINE, Property
from vrx.spec.rx import FREE
from vrx.spec.steps import ModelError
from vrx.spec.words import Of, counts

SYSTEMS = st.fixed_dictionaries(
    {
        "size": st.sampled_from([1, 2, 8, 64]),
        "event_idx": st.booleans(),
        "memory": st.sampled_from(["sc", "tso"]),
        "irq": st.sampled_from(["same", "other", "any"]),
        "data": st.booleans(),
        "stops": st.booleans(),
    }
)


@settings(deadline=None, max_examples=10)
@given(options=SYSTEMS, seed=st.integers(0, 1000))
def test_every_packet_is_accounted_for(options: dict[str, Any], seed: int) -> None:
    system = rx(idx_bits=16, **options)
    run = Simulator(system, (*SPINE, *(CONTENTS if options["data"] else ())), seed).run(40)
    assert run.violated is None, run.text()
    counts = run.counts()
    lost = sum(n for name, n in counts.items() if name.startswith("dropped"))
    if run.finished:
        assert counts["packets accepted"] == 40
        assert counts["buffers taken by the driver"] == counts["packets published by the device"]
        assert counts["packets published by the device"] + lost + run.waiting == 40
        assert counts["parked"] - counts["woken from parking"] in (0, 1) or options["stops"]
        assert run.rests >= 1
    assert run.steps == len(run.moves)


@settings(deadline=None, max_examples=15)
@given(SYSTEMS, st.integers(0, 1000), st.integers(0, 5), st.sampled_from(get_args(Schedule)))
def test_a_run_in_place_is_one_of_the_system(options: dict[str, Any], seed: int, budget: int, schedule: Any) -> None:
    """The moves, taken by the program that copies every field, lead to the same state, and to an end only at a rest."""
    system = rx(idx_bits=16, **options)
    simulator = Simulator(system, SPINE, seed, schedule=schedule, budget=budget)
    run = simulator.run(15)
    program = system.built()
    values = program.initial
    for move in run.moves:
        after = program.take(values, move)
        assert after is not None
        values = program.checked(after)
    assert values == simulator.program.view.get()
    if run.finished:
        moves = [move for move, _ in program.successors(values)]
        assert all(program.actions[move.action].step.environment for move in moves)


def test_steps_that_are_undone_leave_nothing_behind() -> None:
    """With full store buffers many steps fail halfway; the state is that before."""
    simulator = Simulator(rx(size=2, idx_bits=16, event_idx=True, memory="tso", data=True, buffer_depth=1), SPINE, 2)
    program = simulator.program
    failed = 0
    for _ in range(2000):
        before = program.view.get()
        for number in list(program.candidates()):
            for choice in simulator._choices(number):
                if program.step(number, choice, []):
                    program.undo()
                else:
                    failed += 1
                assert program.view.get() == before
                assert [a.count(0) for a in program.arrays] == [list(a).count(0) for a in program.arrays]
        if simulator._pick(Run(simulator.system, 0, 0), True) is None:
            break
    assert failed > 1000


@pytest.mark.parametrize("exhibit", [e for m in (data, device, driver) for e in m.exhibits()], ids=lambda e: str(e.id))
def test_a_property_is_asked_whenever_it_could_have_changed(exhibit: Exhibit) -> None:
    """The properties that are asked say the same as all of them, in every state of runs of what is faulty."""
    asked = [p for p in (*SPINE, *CONTENTS) if p.when == "always"]
    for seed in range(3):
        simulator = Simulator(exhibit.faulty, asked, seed)
        run = Run(exhibit.faulty, seed, 30)
        run.violated = simulator.always.broken()
        while run.violated is None and run.steps < 400 and simulator._advance(run, None):
            broken = [p for p in asked if not p.holds(simulator.program.state)]
            assert run.violated is (broken[0] if broken else None)


READS: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "a field": (lambda s: s.vq.num_free, ["vq.num_free"]),
    "by its name as text": (lambda s: getattr(s, "vq").num_free, ["vq.num_free"]),  # noqa: B009
    "from all of a part": (lambda s: [getattr(s.lines, f.name) for f in fields(s.lines)], ["lines.irq", "lines.kick"]),
    "behind a condition": (lambda s: s.vq.broken or s.net.queued, ["vq.broken", "net.queued"]),
    "not behind it": (lambda s: not s.vq.broken or s.net.queued, ["vq.broken"]),
    "of every CPU": (lambda s: [cpu.hardirq.pc for cpu in s.cpus], ["cpus0.hardirq.pc", "cpus1.hardirq.pc"]),
    "an element": (lambda s: s.ring.used_id[1], ["ring.used_id[1]"]),
    "elements": (lambda s: 3 in s.ring.used_id, [f"ring.used_id[{i}]" for i in range(4)]),
    "elements, to compare": (lambda s: s.ring.used_id == [0] * 4, [f"ring.used_id[{i}]" for i in range(4)]),
    "elements, backwards": (lambda s: [*reversed(s.vq.token)], [f"vq.token[{i}]" for i in range(4)]),
    "how many": (lambda s: counts(s.ghost.owner, FREE), [f"ghost.owner[{i}]" for i in range(4)]),
}
"""What a property may do to read values, and the fields after whose change it has to be asked again."""


@pytest.mark.parametrize(("look", "expected"), READS.values(), ids=READS)
def test_a_property_is_asked_again_when_something_that_it_read_has_changed(look: Any, expected: list[str]) -> None:
    """However it reads, and after no other change."""
    program = InPlace(rx(size=4, idx_bits=16, irq="other"))
    asked: list[object] = []

    def looks(s: SplitState) -> bool:
        asked.append(look(s))
        return True

    again = []
    for name, owner, attribute, _, form in walk(program.state, ""):
        held = getattr(owner, attribute)
        elements = range(len(held)) if isinstance(form, Of) else []
        for place, change in [
            *((f"{name}[{i}]", partial(held.__setitem__, i, 1 - held[i])) for i in elements),
            *([] if isinstance(form, Of) else [(name, partial(setattr, owner, attribute, type(held)(held == 0)))]),
        ]:
            monitor = Monitor(program, [Property("looks", looks, "always")])
            assert monitor.broken() is None
            asked.clear()
            change()
            assert monitor.broken() is None
            if asked:
                again.append(place)
                assert asked == [look(program.state)]
            program.undo()
    assert sorted(again) == sorted(expected)


def test_an_answer_rests_on_what_was_read_for_it() -> None:
    """A property that looks elsewhere next time is asked after a change there; what stands behind a broken one, too."""
    program = InPlace(rx(size=4, idx_bits=16))
    state = program.state
    elsewhere = Property("elsewhere", lambda s: s.net.queued == 0 if s.vq.broken else s.dev.inuse == 0, "always")
    behind = Property("behind", lambda s: s.dev.inuse == 0, "always")
    monitor = Monitor(program, [elsewhere, behind])
    assert monitor.broken() is None
    for owner, name, value, expected in [
        (state.net, "queued", 1, None),
        (state.vq, "broken", True, "elsewhere"),
        (state.dev, "inuse", 1, "elsewhere"),
        (state.net, "queued", 0, "behind"),
        (state.dev, "inuse", 0, None),
        (state.net, "queued", 1, "elsewhere"),
    ]:
        program.log.clear()
        setattr(owner, name, value)
        broken = monitor.broken()
        assert (broken and broken.name) == expected


def test_a_value_out_of_range_is_an_error_of_the_model() -> None:
    def too_many(s: SplitState, me: Softirq) -> None:
        s.vq.num_free = s.vq.num_free + 5
        me.goto(L.KICK_PREPARE)

    with pytest.raises(ModelError, match=r"vq\.num_free"):
        Simulator(rx(size=4, idx_bits=16).replace("try_fill_recv", too_many), (), 1).run(3)


def test_sizes_and_schedules() -> None:
    """The sizes arrive as they are; alone, each packet comes at a rest; in a burst, the ring runs empty."""
    system = rx(size=8, idx_bits=16, mergeable=True, max_packet=4)
    sizes = [1, 4, 2, 3] * 10
    alone, burst = (Simulator(system, SPINE, 1, schedule=s, budget=64).run(sizes) for s in ("alone", "burst"))
    for run in (alone, burst):
        assert run.finished
        assert run.per_packet == Spread(40, 100, 1, 4)
    assert alone.rests >= 40 and burst.rests < 40
    assert burst.counts()["parked"] > alone.counts()["parked"]
    with pytest.raises(BadConfiguration):
        Simulator(system, SPINE).run([5])


def test_a_budget_ends_polls() -> None:
    system = rx(size=64, idx_bits=16)
    run = Simulator(system, SPINE, 1, schedule="burst", budget=5).run(300)
    assert run.finished and run.per_poll.most == 5 and run.counts()["polls that used the whole budget"] > 10


def test_the_same_seed_is_the_same_run() -> None:
    system = rx(size=4, idx_bits=16, event_idx=True, memory="tso")
    first, second, other = (Simulator(system, SPINE, seed).run(30) for seed in (7, 7, 8))
    assert first == second
    assert first.moves != other.moves


def test_indices_wrap_on_a_long_run() -> None:
    run = Simulator(rx(size=4, idx_bits=5), SPINE, 1).run(400)
    assert run.finished and run.events["[driver index wraps]"] > 5 and run.events["[device index wraps]"] > 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("buffers", "ring", "packets"),
    [*((kind, 256, 500) for kind in BUFFERS), ("mergeable", 1024, 100), ("small", 1024, 100)],
)
def test_mixed_sizes_through_large_rings(buffers: str, ring: int, packets: int) -> None:
    """Every kind of buffer, real ring sizes and indices that wrap, other schedules: the short form of a benchmark."""
    found = soak(buffers, ring, packets, seed=5)
    short = found.counts["dropped by the driver, too short"]
    too_large = found.counts["dropped, does not fit"]
    assert found.counts["packets delivered"] + short + too_large == packets
    assert (too_large > 0) is (buffers == "small")
    assert packets < ring or (found.wraps >= 2 and short > 0)


def test_a_broken_device_is_found_and_the_run_is_a_trace() -> None:
    system = rx(size=4, idx_bits=16).replace("virtqueue_unpop", unpop_keeps_inuse)
    run = Simulator(system, SPINE, 1).run(1000)
    assert run.violated is not None and not run.finished and run.violated.name in run.text()
    assert replay("x", system, run.violated, run.moves).steps


def test_a_lost_wake_up_is_found_at_a_rest() -> None:
    system = rx(memory="tso", guest="up").without("virtqueue_poll__mb")
    runs = [Simulator(system, SPINE, seed, {"cpu0 stores": 0.1}).run(500) for seed in range(3)]
    violated = [run.violated for run in runs if run.violated]
    assert [p.name for p in violated] == ["no_lost_interrupt"] * 3
    assert replay("x", system, violated[0], runs[0].moves).steps


def test_weights_change_who_runs() -> None:
    system = rx(size=64, idx_bits=16)
    slow, fast = (Simulator(system, SPINE, 1, {"cpu0 napi": w}).run(300) for w in (0.05, 20.0))
    assert slow.counts()["polls"] < fast.counts()["polls"]
    for bad in ({"nobody": 1.0}, {"cpu0 napi": 0.0}, {"cpu0 napi": float("nan")}):
        with pytest.raises(BadConfiguration):
            Simulator(system, SPINE, 1, bad)


def test_a_limit_ends_a_run_unfinished() -> None:
    run = Simulator(rx(), SPINE, 1).run(1000, limit=50)
    assert (run.steps, run.finished) == (50, False)
    assert "not finished" in run.text()


def test_what_is_counted_exists() -> None:
    steps = {s.name for s in rx().steps}
    passed = Simulator(rx(size=2, stops=True, memory="tso"), SPINE, 1).run(500).events
    source = "".join(path.read_text() for path in Path(spec.__file__).parent.rglob("*.py"))
    for name, event in COUNTED.items():
        assert event in steps or event in passed or f'"{event.strip("[]")}"' in source, name


def test_as_json() -> None:
    found = Simulator(rx(), SPINE, 5).run(10).as_json()
    assert found["version"] == 1 and found["counts"]["packets accepted"] == 10
    assert found["events"]["qemu_net_queue_send"] == 10
