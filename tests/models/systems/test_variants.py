"""Variants of a system: what makes two of them the same, what can be exchanged, fields of their own, wider ranges."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from vrx.models.claims import Figures, Safety
from vrx.models.deciding.many_claims import prove_here
from vrx.models.deciding.schedule import work
from vrx.models.engines.explorer import explore
from vrx.models.engines.z3.bmc import bmc
from vrx.models.simulation.simulator import Simulator
from vrx.models.symbolic.reading import Reading
from vrx.models.systems.family import CHOICES, family, given
from vrx.models.systems.standard_systems import peers, standard, watched
from vrx.models.systems.system import System, rx
from vrx.proofs.induction.systems import any_size
from vrx.spec.config import BadConfiguration, Config
from vrx.spec.layouts.split.driver import virtqueue_kick_prepare_split, virtqueue_poll
from vrx.spec.layouts.split.state import SplitState
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.properties import no_lost_interrupt, no_lost_kick, no_stranded_packet, rest_is_idle
from vrx.spec.qemu.returns import judge_buffers
from vrx.spec.qemu.state import MainLoop
from vrx.spec.sizes import SIZE
from vrx.spec.steps import Replaced
from vrx.spec.words import Array, Bits, Of, Upto, wrap

POLL = "virtqueue_poll"


def make(looks: bool) -> Callable[[SplitState, Softirq], None]:
    """A poll that looks once more, or does not."""

    def poll(s: SplitState, me: Softirq) -> None:
        """The last look, perhaps."""
        if looks:
            virtqueue_poll(s, me)
        else:
            me.opaque = 0
            me.goto(L.IDLE)

    return poll


def poll_with(looks: bool, s: SplitState, me: Softirq) -> None:
    """The last look, perhaps."""
    make(looks)(s, me)


class Poll:
    """A callable object as a step."""

    def __init__(self, looks: bool) -> None:
        self.looks = looks

    def __call__(self, s: SplitState, me: Softirq) -> None:
        """The last look, perhaps."""
        make(self.looks)(s, me)


GOOD, BAD = make(True), make(False)
PAIRS: dict[str, tuple[Any, Any]] = {
    "factory": (GOOD, BAD),
    "lambda": (
        lambda s, me: GOOD(s, me),
        lambda s, me: BAD(s, me),
    ),
    "partial": (partial(poll_with, True), partial(poll_with, False)),
    "object": (Poll(True), Poll(False)),
}


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("good_first", [True, False])
def test_two_functions_of_one_name_are_two_systems(kind: str, good_first: bool) -> None:
    good, bad = (rx(max_packet=1, idx_bits=2).replace(POLL, f) for f in PAIRS[kind])
    assert good != bad and good.name != bad.name
    claims = [
        Safety("good", good, no_lost_interrupt, "proved"),
        Safety("bad", bad, no_lost_interrupt, "refuted", figures=Figures(steps=31)),
    ]
    assert len(work(claims)) == 2
    results = prove_here(claims if good_first else claims[::-1])
    assert [r.reason for r in results if not r.ok] == [] and len(results) == 2


def test_a_system_is_equal_to_another_with_the_same_functions() -> None:
    assert rx() == rx() and hash(rx()) == hash(rx())
    assert rx().replace(POLL, GOOD) == rx().replace(POLL, GOOD) != rx()
    assert rx().replace(POLL, GOOD, "x") != rx().replace(POLL, BAD, "x")
    assert rx().replace("judge_buffers", judges_nothing, "x") != rx().replace("judge_buffers", judges_all, "x")
    assert watched(peers(idx_bits=2)) == watched(peers(idx_bits=2))


def test_the_name_tells_the_function_and_where_it_stands() -> None:
    """A name of its own is enough; that of the step itself, a lambda and a partial have their line too."""

    def virtqueue_poll(s: SplitState, me: Softirq) -> None:
        """Named as the step is."""

    assert rx().replace(POLL, completes).changed == ("virtqueue_poll := completes",)
    assert rx().replace(POLL, GOOD).changed == ("virtqueue_poll := poll(looks=True)",)
    for other, name in ((virtqueue_poll, "virtqueue_poll"), (PAIRS["lambda"][0], "<lambda>")):
        line = other.__code__.co_firstlineno
        place = f"tests/models/systems/test_variants.py:{line}"
        assert rx().replace(POLL, other).changed == (f"virtqueue_poll := {name} ({place})",)
    line = poll_with.__code__.co_firstlineno
    said = f"virtqueue_poll := poll_with(True) (tests/models/systems/test_variants.py:{line})"
    assert rx().replace(POLL, PAIRS["partial"][0]).changed == (said,)
    assert rx().replace(POLL, Poll(True)).changed == ("virtqueue_poll := Poll(looks=True)",)


def test_what_a_replaced_step_says() -> None:
    """Its own docstring; without one, that there is none."""

    def silent(s: SplitState, me: Softirq) -> None:
        me.goto(L.IDLE)

    def sentence(run: Any) -> str:
        return next(s for s in rx().replace(POLL, run).steps if s.name == POLL).sentence

    assert sentence(completes) == "SCHED is given up and that is that."
    assert sentence(PAIRS["partial"][0]) == sentence(Poll(True)) == "The last look, perhaps."
    assert sentence(silent) == "(no docstring) silent"


def completes(s: SplitState, me: Softirq) -> None:
    """SCHED is given up and that is that."""
    me.opaque = 0
    me.goto(L.IDLE)


def kicks_never(s: SplitState, me: Softirq) -> None:
    """Nobody is told."""
    s.vq.num_added = 0
    me.ret()


def test_several_steps_at_once() -> None:
    both = {POLL: completes, "virtqueue_kick_prepare_split": kicks_never}
    one_by_one = rx().replace(POLL, completes).replace("virtqueue_kick_prepare_split", kicks_never)
    assert rx().replace(both) == one_by_one
    assert rx().replace(both, called="two faults").changed == ("two faults",)
    assert one_by_one.replaced == ("virtqueue_kick_prepare_split", POLL)
    with pytest.raises(BadConfiguration, match="exchange each by itself"):
        rx().replace(both, exhausted=2)


def test_a_replacement_runs_where_the_original_runs() -> None:
    """A wider type of `me` adds no context; one without a type is taken at the step's word."""

    def wide(s: SplitState, me: GuestContext) -> None:
        """Could run in the hard interrupt too."""
        me.goto(L.IDLE)

    def untyped(s, me):  # type: ignore[no-untyped-def]
        """Says nothing."""
        me.goto(L.IDLE)

    original = [a.actor_name for a in rx().built().actions if a.step.name == POLL]
    for run in (wide, untyped):
        assert [a.actor_name for a in rx().replace(POLL, run).built().actions if a.step.name == POLL] == original


def judges_nothing(s: SplitState, me: MainLoop) -> None:
    """Whatever there is, the device parks."""
    me.in_bytes = 0
    judge_buffers(s, me)


def judges_all(s: SplitState, me: MainLoop) -> None:
    """There is always enough."""
    me.in_bytes = me.size + s.cfg.header_len
    judge_buffers(s, me)


def test_a_helper_is_exchanged_as_a_step_is() -> None:
    """Every engine runs it, it may call the original by its name, and it leaves a mark."""
    system = rx(mergeable=True, max_packet=1, idx_bits=2).replace("judge_buffers", judges_nothing)
    assert system.name.endswith("with judge_buffers := judges_nothing") and system.replaced == ("judge_buffers",)
    found = explore(system, [no_lost_kick, no_stranded_packet])
    assert Replaced("judge_buffers") in found.covers and no_stranded_packet.name in found.violations
    (result,) = prove_here([Safety("x", system, no_stranded_packet, "refuted")])
    assert result.ok and result.outcome.steps == len(found.violations[no_stranded_packet.name].path)
    assert any(Replaced("judge_buffers") in a for a in _marks(system))


def _marks(system: System) -> list[tuple[str, ...]]:
    from vrx.models.symbolic.trees import leaves

    return [leaf.marks for traced in Reading(system).actions for leaf in leaves(traced.tree)]


def test_an_original_helper_leaves_no_mark() -> None:
    assert not any(isinstance(m, Replaced) for marks in _marks(rx(mergeable=True, max_packet=1)) for m in marks)


def test_helpers_have_names_of_their_own() -> None:
    for system in (rx(), peers(), standard()):
        helpers = [h.__name__ for m in system.machines for h in m.helpers]
        assert len(helpers) == len(set(helpers)) and not set(helpers) & {s.name for s in system.steps}
    wanted = "judge_buffers lose_packet enough_buffers count_bytes got_buf filled detach refill_wanted"
    assert set(wanted.split()) <= set(rx().helpers)


def test_a_helper_gives_back_what_the_other_one_says() -> None:
    def never(s: SplitState, budget: int) -> bool:
        """The driver never refills."""
        return False

    system = rx(max_packet=1, idx_bits=2).replace("refill_wanted", never)
    (result,) = prove_here([Safety("x", system, no_stranded_packet, "refuted")])
    assert result.ok


def notes_late(s: SplitState, me: Softirq) -> None:
    """Kicks as ever, and notes that it did."""
    s.vq.late = True  # type: ignore[attr-defined]
    virtqueue_kick_prepare_split(s, me)


def looks_unless_late(s: SplitState, me: Softirq) -> None:
    """The last look, unless something was noted."""
    if s.vq.late:  # type: ignore[attr-defined]
        completes(s, me)
    else:
        virtqueue_poll(s, me)


LATE = {"virtqueue_kick_prepare_split": notes_late, POLL: looks_unless_late}


def test_a_field_of_its_own_is_state() -> None:
    """What one step notes there, another one reads, in every engine."""
    system = rx(max_packet=1, idx_bits=2).declare("vq.late", bool).replace(LATE)
    assert " with vq.late: bool with " in system.name
    (result,) = prove_here([Safety("late", system, no_lost_interrupt, "refuted")])  # natively, replayed on integers
    assert result.ok, result.reason
    small = rx(arrivals=False).declare("vq.late", bool).replace(LATE)
    seen, late = explore(small, keep_states=True).seen, small.built().view.index["vq.late"]
    assert seen and {values[late] for values in seen} == {0, 1}
    bounded = bmc(system, no_lost_interrupt, 3)
    assert bounded.verdict == "bounded"
    run = Simulator(rx(size=4).declare("vq.late", bool).replace(LATE), [no_lost_interrupt], 1).run(30)
    assert run.steps > 100


def counts(s: SplitState, me: Softirq) -> None:
    """Tries once more, three times at most; the ghost counts, and so does an array."""
    tries = me.tries  # type: ignore[attr-defined]
    if tries < 3:
        me.tries = tries + 1  # type: ignore[attr-defined]
    s.ghost.count = wrap(s.ghost.count + 1, 2)  # type: ignore[attr-defined]
    s.dev.seen[0] = True  # type: ignore[attr-defined]
    virtqueue_poll(s, me)


def test_fields_of_every_kind_in_every_part() -> None:
    system = (
        rx(irq="other", size=2, max_packet=1)
        .declare("softirq.tries", Upto(3), initial=1)
        .declare("ghost.count", Bits(2))
        .declare("dev.seen", Of(bool), length=SIZE)
        .declare("main.stage", L, initial=int(L.MORE_USED))
        .replace(POLL, counts)
    )
    program = system.built()
    tops = {f.name: f.top for f in program.view.fields}
    assert tops["cpus0.softirq.tries"] == tops["cpus1.softirq.tries"] == tops["ghost.count"] == 3
    assert tops["dev.seen[1]"] == 1 and "cpus0.hardirq.tries" not in tops
    first = dict(zip((f.name for f in program.view.fields), program.initial, strict=True))
    assert (first["cpus0.softirq.tries"], first["main.stage"], first["dev.seen[0]"]) == (1, L.MORE_USED, 0)
    assert system.changed[:3] == ("softirq.tries: 0..3 from 1", "ghost.count: 2 bits", "dev.seen: size of bool")
    assert isinstance(program.actors[0], MainLoop) and isinstance(program.state.dev.seen, Array)
    Reading(system)


def test_the_proof_for_every_ring_size_has_them_too() -> None:
    from vrx.models.engines.induction.integer_reading import IntegerReading

    reading = IntegerReading(any_size(rx().declare("vq.late", bool).declare("vq.noted", Of(bool), length=SIZE)))
    assert {"vq.late", "vq.noted"} <= set(reading.index)


def test_two_systems_with_other_fields_are_not_equal() -> None:
    assert rx().declare("vq.late", bool) != rx().declare("vq.late", Bits(2))


def counts_for_ever(s: SplitState, me: Softirq) -> None:
    """num_added is never set back: it counts modulo 4."""
    before = s.vq.num_added
    virtqueue_kick_prepare_split(s, me)
    s.vq.num_added = wrap(before + 1, 2)


def test_a_range_is_widened() -> None:
    narrow = rx(arrivals=False).replace("virtqueue_kick_prepare_split", counts_for_ever)
    wide = narrow.widen("vq.num_added", Bits(3))
    assert wide.changed[-1] == "vq.num_added: 3 bits"
    (spilled,) = prove_here([Safety("x", narrow, rest_is_idle, "proved")])
    step = r"step virtqueue_kick_prepare_split \(cpu0 napi\): "
    assert not spilled.ok and "virtqueue" in spilled.reason and '.widen("vq.num_added", Bits(16))' in spilled.reason
    with pytest.raises(Exception, match=step + r"vq\.num_added=2 is outside 0\.\.1; if it is meant, widen the field"):
        explore(narrow)
    (result,) = prove_here([Safety("x", wide, rest_is_idle, "proved")])
    assert result.ok and result.outcome.states == explore(wide).states
    array = rx(size=2).widen("vq.next", Upto(5))
    assert {f.top for f in array.built().view.fields if f.name.startswith("vq.next")} == {5}


def test_a_widened_range_alone_changes_nothing() -> None:
    system = rx(arrivals=False)
    wider = system.widen("softirq.opaque", Bits(5)).widen("vq.num_added", Bits(4))
    assert explore(system, keep_states=True).seen == explore(wider, keep_states=True).seen


def test_the_width_of_the_indices_is_what_the_ring_needs() -> None:
    assert [rx(size=n).cfg.idx_bits for n in (1, 2, 4, 8, 256, 32768)] == [3, 3, 4, 5, 10, 16]
    assert rx(size=4) == rx(size=4, idx_bits=4) and rx() == rx(idx_bits=3)
    assert "idx_bits" not in rx(size=2).name and "idx_bits=4" in rx(size=4).name
    assert Config().describe() == "rx(split, size=1, flags, sc, smp, irq=same)"
    with pytest.raises(BadConfiguration, match="too narrow for a ring of 4"):
        rx(size=4, idx_bits=3)


def test_hard_interrupts_have_fields_of_their_own_too() -> None:
    system = rx(irq="any").declare("hardirq.count", Bits(1))
    assert sum(f.name.endswith("hardirq.count") for f in system.built().view.fields) == 2
    assert all(isinstance(cpu.hardirq, HardIrq) for cpu in system.state().cpus)


@pytest.mark.parametrize(
    "before, options",
    [
        ({}, {"memory": "tso"}),
        ({"memory": "tso"}, {"memory": "sc"}),
        ({}, {"hostile": "device"}),
        ({}, {"hostile": "driver"}),
        ({"data": True, "notify": False}, {"data": False}),
        ({}, {"busy_poll": "other", "memory": "tso"}),
    ],
    ids=str,
)
def test_another_configuration_is_another_system_and_no_other_name(
    before: dict[str, Any], options: dict[str, Any]
) -> None:
    """Who takes steps follows the configuration: store buffers drain, a device that lies stands in QEMU's place."""
    asked, wanted = given(rx(**before), options), rx(**{**before, **options})
    assert asked == wanted and asked.steps == wanted.steps and asked.barriers == wanted.barriers


def test_the_members_of_a_family_are_what_rx_makes_of_their_options() -> None:
    members = family(rx()).members
    assert {m.cfg.memory for m in members} == {"sc", "tso"}
    for member in members:
        options = {name: getattr(member.cfg, name) for name in (*CHOICES, "idx_bits", "max_packet")}
        assert member == rx(**options) and member.steps == rx(**options).steps


def test_a_variant_goes_along_into_another_configuration() -> None:
    faulty = given(rx().replace("virtqueue_poll", virtqueue_poll), {"memory": "tso"})
    assert faulty.replaced == ("virtqueue_poll",) and "store_drains" in {s.name for s in faulty.steps}
    with pytest.raises(BadConfiguration, match="virtqueue_poll is no step of"):
        given(faulty, {"memory": "sc", "hostile": "driver"})
