"""The proof without bounds: its lemmas on integers, a quick part of the induction, and faults that must stop it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import ROOT
from vrx.models.engines.induction import proof_cache
from vrx.models.engines.induction.enabled_steps import enabled
from vrx.models.engines.induction.evaluate import named, taken_path
from vrx.models.engines.induction.integer_reading import IntegerReading, free_running, sized
from vrx.models.engines.induction.integers import rounded, wrapped
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.prover import Prover
from vrx.models.engines.induction.step_proof import Induction, Question
from vrx.models.engines.induction.system_proof import check, initial
from vrx.models.engines.induction.witness import broken_names, judge, witness
from vrx.models.engines.native.explore import explore_native
from vrx.models.symbolic.walk import in_order
from vrx.models.systems.system import Move, System, rx
from vrx.proofs.induction.faults import faults
from vrx.proofs.induction.invariant import broken, lemmas
from vrx.proofs.induction.printing import prove
from vrx.proofs.induction.progress import unproved
from vrx.proofs.induction.ranks import RANKINGS
from vrx.proofs.induction.reachable import asked
from vrx.proofs.induction.split.barrier_rows import cells
from vrx.proofs.induction.split.caller_mutants import SC as GENERAL
from vrx.proofs.induction.split.mutants import SC, mutants
from vrx.proofs.induction.systems import GOALS, any_size, short, systems, unbounded, unreachable
from vrx.proofs.induction.table import head
from vrx.proofs.museum.device import parks_without_looking
from vrx.spec.config import BadConfiguration
from vrx.spec.layouts.split.driver_used import virtqueue_get_buf_ctx_split__more_used
from vrx.spec.linux.state import L, Softirq
from vrx.spec.properties import Property, no_lost_kick
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.steps import ModelError, require

pytestmark = pytest.mark.slow

ALL = [s for _, s in systems()]
READINGS: dict[str, IntegerReading] = {}
QUICK = [s for s in ALL if s.cfg.buffer_depth == 2]


def fitting(system: System, most: int) -> int:
    """A ring size of the system's layout: the largest there is up to this one."""
    return 1 << most.bit_length() - 1 if free_running(system.cfg) else most


def random_walk(system: System, steps: int, draw: Any) -> None:
    """Enabled moves one after the other, every lemma asked of every state."""
    program = system.built()
    asked = lemmas(system.cfg)
    values = program.initial
    for _ in range(steps):
        program.view.set(values)
        assert list(broken(program.state, asked)) == []
        assert program.view.out_of_range(values) == []
        program.view.set(values)
        moves = []
        for number in list(program.candidates()):
            counts = [n for _, n in program.actions[number].choices]
            few = [range(n) if n <= 3 else (0, n // 2, n - 1) for n in counts]
            for choice in product(*few):
                after = program.take(values, Move(number, tuple(choice)))
                if after is not None:
                    moves.append(after)
        if not moves:
            return
        values = moves[draw(len(moves))]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ALL), st.integers(1, 64), st.randoms(use_true_random=False))
def test_lemmas_hold_along_walks(system: System, most: int, random: Any) -> None:
    random_walk(replace(system, cfg=sized(system.cfg, fitting(system, most))), 150, random.randrange)


@pytest.mark.needs("compiler")
@pytest.mark.parametrize("options", [{"event_idx": True}, {"event_idx": False, "memory": "tso"}], ids=str)
def test_lemmas_hold_in_reachable_states(options: dict[str, Any]) -> None:
    system = rx(positions=True, **options)
    found = explore_native(system, keep_states=True, limit=60_000)
    assert found.seen is not None
    program, asked = system.built(), lemmas(system.cfg)
    for values in sorted(found.seen)[::12]:
        assert broken_names(program, values, asked) == set()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ALL), st.integers(1, 8), st.randoms(use_true_random=False))
def test_integer_reading_equals_the_steps(system: System, most: int, random: Any) -> None:
    """Along a walk, and from states with a few fields changed: the same moves enabled, the same states after."""
    size = fitting(system, most)
    program = replace(system, cfg=sized(system.cfg, size)).built()
    reading = READINGS.setdefault(short(system), IntegerReading(system))
    values = program.initial
    for _ in range(40):
        asked = list(values)
        for _ in range(random.randrange(3)):
            i = random.randrange(len(asked))
            asked[i] = random.randint(0, program.view.fields[i].top)
        outcomes = []
        for state in (tuple(values), tuple(asked)):
            before = named(reading, program, state)
            for number, taken in enumerate(reading.actions):
                choice = tuple(random.randrange(n) for _, n in program.actions[number].choices)
                try:
                    after = program.take(state, Move(number, choice))
                except (IndexError, ModelError):
                    continue  # a state that no lemma allows
                found = taken_path(reading, taken, before, choice, size)
                assert (found is None) == (after is None), taken.name
                if after is not None and found is not None:
                    assert found[1] == named(reading, program, after), taken.name
                    if state == tuple(values):
                        outcomes.append(after)
        if outcomes:
            values = outcomes[random.randrange(len(outcomes))]


def test_initial_states_of_small_rings() -> None:
    for system in QUICK:
        assert initial(system, lemmas(system.cfg), (2, 4, 256)) == []


def test_a_walk_and_z3_agree_on_what_is_enabled() -> None:
    """What a walk meets inside the invariant, z3 finds there as well; a lemma that no state satisfies hides all."""
    system = unbounded(event_idx=True)
    walked = enabled(system, lemmas(system.cfg), 2)
    assert len(walked) > 40 and not {name for _, name, _ in walked} & set(unreachable(system))
    prover = Prover(system, lemmas(system.cfg), size=2)
    sample = [t for t in prover.reading.actions if t.key in sorted(walked)[::6]]
    assert sample and all(prover.possible(t) for t in sample)
    assert not enabled(system, [*lemmas(system.cfg), Lemma("nowhere", lambda s: s.vq.num_free > s.cfg.size)], 2)


@pytest.mark.parametrize("mutant", [m for m in faults() if m not in cells() and m.stops], ids=lambda m: m.name)
def test_a_walk_ends_where_a_fault_leaves_the_invariant(mutant: Any) -> None:
    """It goes on from the beginning, also where a faulty step or a lemma asks for an element that there is not."""
    assert len(enabled(mutant.system, lemmas(mutant.system.cfg), 2)) > 5


def test_positions_are_off_by_default() -> None:
    assert not [f for f in rx().built().view.fields if "place" in f.name or "stack" in f.name]


@given(st.integers(-(1 << 16), (1 << 17) - 1))
def test_wrapped_is_modulo(x: int) -> None:
    term = wrapped(z3.IntVal(x), -(1 << 16), (1 << 17) - 1, 1 << 16)
    assert z3.simplify(term).as_long() == x % (1 << 16)


@given(st.integers(1, 1 << 15), st.data())
def test_rounded_is_modulo(n: int, data: Any) -> None:
    x = data.draw(st.integers(-n, 2 * n - 1))
    assert z3.simplify(rounded(z3.IntVal(x), z3.IntVal(n))).as_long() == x % n


def test_of_a_number_more_than_one_turn_away_nothing_is_said() -> None:
    for x in (-4, 6):
        assert not z3.is_int_value(z3.simplify(rounded(z3.IntVal(x), z3.IntVal(3))))


def test_reading_finds_every_step() -> None:
    for system in QUICK:
        reading = IntegerReading(system)
        program = system.built()
        assert [t.step.name for t in reading.actions] == [a.step.name for a in program.actions]
        assert all(t.paths for t in reading.actions)


@pytest.mark.parametrize("system", [s for s in QUICK if short(s) == "flags-tso2-up-same"], ids=short)
def test_induction_goes_through(system: System, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = check(system, lemmas(system.cfg), GOALS, sizes=(1, 2))
    assert first.inductive, first.sentence()
    assert {t.step.name for t in first.never} <= set(unreachable(system))
    again = check(system, lemmas(system.cfg), GOALS, sizes=(1, 2))
    assert again.inductive and again.known == again.queries


def test_cache_is_not_trusted_across_versions(monkeypatch: Any) -> None:
    here = proof_cache.version()
    monkeypatch.setattr(z3, "get_full_version", lambda: "another")
    assert proof_cache.version() != here


def test_what_is_asked_is_what_is_remembered() -> None:
    """Without a lemma that it needs, a question that was answered with it is another question."""
    system = next(s for s in QUICK if short(s) == "flags-tso2-up-same")
    remembered = proof_cache.Known(use=False)
    first = Induction(Prover(system, lemmas(system.cfg)), remembered)
    taken = next(t for t in first.prover.reading.actions if t.step.name == "virtio_split_should_notify")
    assert not first.step(taken).failures
    assert first.step(taken).known > 0
    fewer = Induction(Prover(system, [x for x in lemmas(system.cfg) if x.name != "armed"]), remembered)
    (there,) = (t for t in fewer.prover.reading.actions if t.step.name == "virtio_split_should_notify")
    assert fewer.step(there).failures


def test_a_question_has_the_decisions_that_concern_it() -> None:
    """What it says nothing of is left out, what is said of the same variables stays, in its order."""
    system = next(s for s in QUICK if short(s) == "flags-tso2-up-same")
    induction = Induction(Prover(system, lemmas(system.cfg)))
    (taken,) = (t for t in induction.prover.reading.actions if t.step.name == "virtqueue_split_pop__head")
    path = next(p for p in taken.paths if len(p.decisions) > 2)
    asked = {o.name: Question(taken, path, o.name, o) for o in induction.prover.obligations(path)}

    def told(name: str, *used: str) -> list[set[str]]:
        decisions = induction.concern(asked[name], used)
        kept = [id(condition) for condition, _ in decisions]
        assert kept == [id(condition) for condition, _ in path.decisions if id(condition) in kept]
        return [variables(condition) for condition, _ in decisions]

    rest = {"main.rest"}
    assert any(rest <= names for names in map(variables, (c for c, _ in path.decisions)))
    assert told("each_head") and not any(rest & names for names in told("each_head"))
    assert any(rest <= names for names in told("device_points"))
    assert any(rest <= names for names in told("each_head", "device_points"))


def variables(condition: Any) -> set[str]:
    return {t.data for t in in_order((condition,)) if t.op == "var"}


def _stops(system: System, step: str) -> set[str]:
    prover = Prover(system, lemmas(system.cfg), timeout=5)
    taken = next(t for t in prover.reading.actions if t.name == step)
    return {f.lemma for f in Induction(prover).step(taken).failures}


FEW = [m for m in faults() if m not in cells() or (m.system.cfg.event_idx and m.system.cfg.memory == "tso")]


@pytest.mark.parametrize("mutant", [m for m in FEW if m.stops], ids=lambda m: m.name)
def test_mutants_stop_where_it_is_written(mutant: Any) -> None:
    for step, names in mutant.stops.items():
        assert set(names) <= _stops(mutant.system, step)


SMP = [m for m in FEW if not m.stops and (m.system.cfg.guest, m.system.cfg.irq) == ("smp", "same")]


@pytest.mark.parametrize("mutant", SMP, ids=lambda m: m.name)
def test_masked_steps_go_through(mutant: Any) -> None:
    changed = set(mutant.system.cfg.without) | {c.split(" := ")[0] for c in mutant.system.changed}
    prover = Prover(mutant.system, lemmas(mutant.system.cfg))
    asked = [t for t in prover.reading.actions if any(b.startswith(t.step.name) for b in changed)]
    for taken in asked:
        assert not Induction(prover).step(taken).failures


@pytest.mark.needs("compiler")
def test_a_lemma_that_is_false_is_refuted_by_a_reachable_state() -> None:
    wrong = Property("never_free", lambda s: s.vq.num_free == 0, "always")
    found = explore_native(rx(positions=True), [*asked(rx(positions=True)), wrong])
    assert found.complete and set(found.violations) == {"never_free"}


def test_a_lemma_that_is_false_stops_at_the_start() -> None:
    wrong = Lemma("never_free", lambda s: s.vq.num_free == 0)
    assert initial(SC, [wrong], (1,)) == ["size 1: never_free"]


@pytest.mark.needs("compiler")
def test_failure_is_shown_and_searched() -> None:
    mutant = next(m for m in mutants() if m.name == "no second look of the device")
    asked = lemmas(mutant.system.cfg)
    prover = Prover(mutant.system, asked, timeout=5)
    (step,) = mutant.stops
    taken = next(t for t in prover.reading.actions if t.name == step)
    failure = Induction(prover).step(taken).failures[0]
    found = witness(mutant.system, asked, failure)
    assert found is not None and found.confirmed and found.changed["main.pc"] == ("RECHECK", "IDLE")
    real = judge(mutant.system, [no_lost_kick], sizes=(1,))
    assert (real.kind, real.property) == ("bug", "no_lost_kick")


def test_a_state_names_the_stores_that_wait() -> None:
    (mutant,) = (m for m in cells() if m.name == "without virtqueue_poll__mb event-tso2-up-same")
    prover = Prover(mutant.system, lemmas(mutant.system.cfg))
    (taken,) = (t for t in prover.reading.actions if t.step.name == "virtqueue_poll")
    found = witness(mutant.system, lemmas(mutant.system.cfg), Induction(prover).step(taken).failures[0])
    assert found is not None and found.confirmed and "used_event <- " in found.before["cpu0 stores"]


def polls_nothing(s: Any, me: Softirq, exhausted: int) -> None:
    """A budget of nothing: a poll may stop before it has taken a buffer."""
    if exhausted == 1:
        me.exhausted = True
        me.goto(L.REFILL_TEST)
    else:
        virtqueue_get_buf_ctx_split__more_used(s, me, exhausted)


@pytest.mark.parametrize("ranking", RANKINGS, ids=lambda r: r.name)
@pytest.mark.parametrize("system", [SC, GENERAL], ids=short)
def test_ranks_fall(system: System, ranking: Any) -> None:
    assert unproved(system, ranking) == []


def puts_it_off(s: Any, me: MainLoop, later: int) -> None:
    """It has flushed, and may still not notify."""
    require(me.owed == 1)
    me.goto(Q.IDLE if later == 1 else Q.SHOULD_NOTIFY)


def keeps_the_kick(s: Any, me: MainLoop) -> None:
    """The kick is handled, and stays."""
    require(s.lines.kick)
    me.goto(Q.IDLE)


def test_a_caller_that_puts_its_duties_off_makes_no_progress() -> None:
    later = GENERAL.replace("caller_notifies", puts_it_off, later=2)
    assert any("caller_notifies" in text for text in unproved(later, RANKINGS[0]))
    deaf = GENERAL.replace("virtio_queue_host_notifier_read", keeps_the_kick)
    assert any("virtio_queue_host_notifier_read" in text for text in unproved(deaf, RANKINGS[1]))


def test_a_poll_that_need_not_take_anything_makes_no_progress() -> None:
    """The invariant does not mind it, and nothing is lost at rest; but it may go on for ever."""
    lazy = SC.replace("virtqueue_get_buf_ctx_split__more_used", polls_nothing)
    prover = Prover(lazy, lemmas(lazy.cfg), timeout=5)
    (taken,) = (t for t in prover.reading.actions if t.step.run is polls_nothing)
    assert not Induction(prover).step(taken).failures
    wrong = unproved(lazy, RANKINGS[0])
    assert wrong and all("more_used" in text for text in wrong)


def test_system_names_say_any_size() -> None:
    assert "any size" in unbounded().name and "size=1" not in unbounded().name


def test_the_page_of_lemmas_is_current() -> None:
    here = ROOT / "docs" / "lemmas.md"
    assert here.read_text().startswith(head()), "python -m vrx.proofs.induction.table docs/lemmas.md"


def test_a_variant_of_rx_is_proved_for_every_size() -> None:
    mine = any_size(rx(event_idx=True, memory="tso", guest="up", size=2).without("virtqueue_poll__mb"))
    same = unbounded(event_idx=True, memory="tso", guest="up").cfg
    assert mine.cfg == replace(same, size=2, without=mine.cfg.without)
    assert mine.cfg.without == {"virtqueue_poll__mb"} and "any size" in mine.name
    with pytest.raises(BadConfiguration, match="data=True: the proof for every ring size does not cover it"):
        any_size(rx(data=True))


@pytest.mark.needs("compiler")
def test_a_failing_step_is_told(capsys: Any) -> None:
    assert not prove(any_size(rx(event_idx=True).replace("virtio_queue_split_poll", parks_without_looking)))
    said = capsys.readouterr().out
    assert "STOPS  main loop: virtio_queue_split_poll  does not preserve  parked" in said
    assert "While a packet waits" in said and "replayed on integers" in said
    assert "A BUG: no_lost_kick is violated after 27 steps, ring of 1" in said
