"""Bounded model checking: z3 confirms what the explorer finds, and finds by itself what is there to find."""

from __future__ import annotations

from typing import Any

import pytest

from vrx.models.engines.explorer import explore
from vrx.models.engines.z3.any_index import NotEverywhere, Symbolic, begin_anywhere, bmc_anywhere, everywhere
from vrx.models.engines.z3.bmc import Disagreement, bmc, breaks, confirm, encode, replay
from vrx.models.engines.z3.waypoints import NAMED, search, start
from vrx.models.symbolic.walk import Evaluator
from vrx.models.systems.fields import Values
from vrx.models.systems.system import Move, Program, System, rx
from vrx.spec.layouts.split.memory import loc
from vrx.spec.linux.state import L, Softirq
from vrx.spec.memory import load
from vrx.spec.properties import no_lost_interrupt, no_lost_kick, rest_is_idle, single_owner
from vrx.spec.qemu.net_queue import done
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.steps import ModelError

pytestmark = pytest.mark.slow

BARRIER = rx(event_idx=True, memory="tso", guest="up").without("virtqueue_poll__mb")


def no_second_look(s: Any, me: Softirq) -> None:
    """Goes to sleep without asking whether something came in the meantime."""
    me.opaque = 0
    me.goto(L.IDLE)


def raw_comparison(s: Any, me: MainLoop) -> None:
    """Compares the indices themselves instead of their differences."""
    dev = s.dev
    old, new = dev.signalled_used, dev.used_idx
    dev.signalled_used = new
    event = load(s, me, loc.used_event)
    if old <= event and event < new:
        me.goto(Q.IRQ)
    else:
        done(s, me)


def one_too_many(s: Any, me: MainLoop) -> None:
    """Counts more elements than a ring has: out of the range of inuse."""
    s.dev.inuse = s.dev.inuse + s.cfg.size + 1
    done(s, me)


SLEEPER = rx().replace("virtqueue_poll", no_second_look)
SLEEPER_EVENT = rx(event_idx=True).replace("virtqueue_poll", no_second_look)


@pytest.mark.parametrize("system", [SLEEPER, SLEEPER_EVENT], ids=["flags", "event index"])
def test_z3_confirms_the_traces_of_the_explorer(system: System) -> None:
    """Every shortest trace of the reference explorer, under its own schedule."""
    wanted = (no_lost_interrupt, no_lost_kick)
    found = explore(system, wanted, stop_at_violation=True)
    assert found.violations
    encoded = encode(system)
    for prop in wanted:
        if prop.name in found.violations:
            path = found.violations[prop.name].path
            assert confirm(system, path, prop, encoded=encoded)
            assert not confirm(system, path[:-1], prop, encoded=encoded)


def test_a_schedule_of_another_system_is_not_confirmed() -> None:
    """The trace of the faulty system is none of the right one."""
    path = explore(SLEEPER, (no_lost_interrupt,), stop_at_violation=True).violations["no_lost_interrupt"].path
    assert not confirm(rx(), path, no_lost_interrupt)


def test_z3_finds_the_wake_up_that_a_missing_barrier_loses() -> None:
    """From the driver about to enable callbacks; the trace begins at the beginning and replays."""
    begin = start(BARRIER, "completing")
    found = bmc(BARRIER, no_lost_interrupt, 20, begin)
    assert (found.verdict, found.depth) == ("refuted", 16)
    program = BARRIER.built()
    values: Values | None = program.initial
    for move in found.moves:
        assert values is not None
        values = program.take(values, move)
    assert values is not None and breaks(program, values, no_lost_interrupt)
    assert confirm(BARRIER, found.moves, no_lost_interrupt)


def test_with_the_barrier_nothing_is_found() -> None:
    """The same depth, the barrier in its place."""
    system = rx(event_idx=True, memory="tso", guest="up")
    assert bmc(system, no_lost_interrupt, 16, start(system, "completing")).verdict == "bounded"


@pytest.mark.parametrize("reduced", [True, False])
def test_the_depth_is_that_of_a_search(reduced: bool) -> None:
    """z3 finds the shortest way: as long as that of a breadth-first search, with the reduction and without."""
    program = SLEEPER.built()
    begin = start(SLEEPER, "completing")

    def lost(s: Any) -> bool:
        values = tuple(int(v) for v in program.view.get())
        answer = breaks(program, values, no_lost_interrupt)
        program.view.set(values)
        return answer

    way = search(program, begin.values, lambda action: True, lost)
    assert way is not None
    found = bmc(SLEEPER, no_lost_interrupt, 20, begin, reduced=reduced)
    assert (found.verdict, found.depth) == ("refuted", len(way[0]))


def test_from_the_initial_state_to_a_short_depth() -> None:
    """No start given: the initial state, bounded."""
    depths: list[int] = []
    found = bmc(rx(), single_owner, 6, progress=lambda k, seconds: depths.append(k))
    assert (found.verdict, found.depth, found.way, depths) == ("bounded", 6, [], list(range(7)))


def test_time_that_runs_out_is_said() -> None:
    """Undecided, with the reason and the depth that was reached."""
    found = bmc(BARRIER, rest_is_idle, 60, start(BARRIER, "asleep"), timeout=0.5)
    assert found.verdict == "undecided" and "gave up at depth" in found.reason and found.depth < 60


def test_a_value_out_of_its_range_is_an_error() -> None:
    """It is no behaviour of the model, and no bound hides it."""
    system = rx(size=2).replace("virtio_split_should_notify", one_too_many)
    with pytest.raises(ModelError, match=r"dev\.inuse=\d+ is outside"):
        bmc(system, no_lost_interrupt, 16, start(system, "deciding"))


def test_a_trace_that_differs_from_the_integers_is_not_shown() -> None:
    """A state that z3 did not get right, and a move that is not enabled, are errors."""
    program = rx().built()
    move, after = next(program.successors(program.initial))
    replay(program, [program.initial, after], [move])
    with pytest.raises(Disagreement, match="z3 and integers differ"):
        replay(program, [program.initial, program.initial], [move])
    with pytest.raises(Disagreement, match="not enabled"):
        replay(program, [program.initial, after], [Move(len(program.actions) - 1)])


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    "system",
    [
        rx(), rx(size=2, event_idx=True, memory="tso", irq="any"), rx(size=2, memory="tso", irq="other"),
        rx(size=4, event_idx=True, mergeable=True, idx_bits=16), rx(size=2, data=True, event_idx=True, memory="tso"),
    ],
    ids=lambda s: s.name,
)
def test_named_states_are_reachable(name: str, system: System) -> None:
    """The way there leads there."""
    program = system.built()
    found = start(system, name)
    values = program.initial
    for move in found.way:
        after = program.take(values, move)
        assert after is not None
        values = program.checked(after)
    assert values == found.values
    program.view.set(values)
    assert NAMED[name].reached(program.state)


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(ModelError, match="use one of asleep"):
        start(rx(), "awake")


ANYWHERE = rx(size=4, event_idx=True, idx_bits=16)


def test_a_raw_comparison_fails_at_the_wrap_only() -> None:
    """From index 0 nothing is found; from any index z3 chooses the wrap."""
    faulty = ANYWHERE.replace("virtio_split_should_notify", raw_comparison)
    begin = start(faulty, "deciding")
    assert bmc(faulty, no_lost_interrupt, 6, begin).verdict == "bounded"
    with pytest.raises(NotEverywhere, match="is not enabled at every index"):
        bmc_anywhere(faulty, no_lost_interrupt, 6, "deciding")  # there it loses interrupts on the way
    found = bmc_anywhere(faulty, no_lost_interrupt, 6, "deciding", reached_in=ANYWHERE)
    assert (found.verdict, found.depth) == ("refuted", 1)
    used = faulty.built().view.index["dev.used_idx"]
    assert found.begin[used] == 0  # 65535 was the last entry: the new index has wrapped


@pytest.mark.parametrize(("name", "prop"), [("asleep", no_lost_interrupt), ("parked", no_lost_kick)])
def test_the_right_comparison_holds_anywhere(name: str, prop: Any) -> None:
    """Bounded, from all 65536 indices at once."""
    assert bmc_anywhere(ANYWHERE, prop, 8, name).verdict == "bounded"


def test_a_state_is_reached_at_every_index() -> None:
    """What is proved of all indices is true of each: with 3 bits the rounds are run on integers, eight indices on."""
    system = rx(size=2, event_idx=True)
    found = everywhere(system)
    program, symbolic = system.built(), Symbolic(system)
    values = program.initial
    for move in found.way:
        values = program.take(values, move) or ()
    assert values == found.values
    reached = {}
    for k in range(8):
        offset = k * found.rounds[0].moved % 8
        at = Evaluator({"start offset": offset})
        assert values == tuple(at.value(v) for v in symbolic.moved(found.values))
        reached[offset] = values
        for move in found.rounds[0].moves:
            values = program.take(values, move) or ()
    assert len(reached) == 8 and all(NAMED["asleep"].reached(state_of(program, v)) for v in reached.values())


def state_of(program: Program, values: Values) -> Any:
    program.view.set(values)
    return program.state


@pytest.mark.parametrize("name", ["parked", "deciding", "completing"])
def test_a_named_state_at_every_index_is_the_named_state_at_each(name: str) -> None:
    system = rx(size=2, event_idx=True, memory="tso")
    program = system.built()
    terms_of = begin_anywhere(system, name)
    for offset in range(8):
        at = Evaluator({"start offset": offset})
        values = tuple(at.value(v) for v in terms_of)
        assert not program.view.out_of_range(values)
        assert NAMED[name].reached(state_of(program, values))


def test_without_the_event_index_the_device_looks_too_seldom() -> None:
    """Its shadow of avail.idx is refreshed only when the ring looks empty: a round does not end where it began."""
    with pytest.raises(NotEverywhere):
        everywhere(rx(size=4, idx_bits=16))
