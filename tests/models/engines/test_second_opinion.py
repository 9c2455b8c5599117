"""The induction in bit-vectors: its reading of terms, what it assumes, and that planted faults stop it too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import z3
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vrx.models.engines.induction.evaluate import Plain, named, taken_path
from vrx.models.engines.induction.instances import Instances
from vrx.models.engines.induction.integer_reading import SIZE, free_running, sized
from vrx.models.engines.induction.prover import INSTANCE, Prover
from vrx.models.engines.induction.second_opinion import Second, SecondInduction
from vrx.models.engines.induction.vectors import Vectors
from vrx.models.symbolic.terms import Num, Row
from vrx.models.symbolic.walk import in_order
from vrx.models.systems.system import Move, System
from vrx.proofs.induction.faults import faults
from vrx.proofs.induction.invariant import lemmas
from vrx.proofs.induction.systems import short, systems
from vrx.spec.steps import ModelError

pytestmark = pytest.mark.slow

ALL = [s for _, s in systems() if s.cfg.buffer_depth == 2]
PROVERS: dict[str, Prover] = {}
SOLVERS = ["z3", pytest.param("bitwuzla", marks=pytest.mark.needs("bitwuzla"))]


def prover_of(system: System) -> Prover:
    return PROVERS.setdefault(short(system), Prover(system, lemmas(system.cfg)))


def numbers(vectors: Vectors, formula: Any, term: Any, values: dict[str, Any], signed: bool) -> int:
    """The lowered term with numbers in the place of its variables."""
    pairs = []
    for t in in_order((term,)):
        form: Any = t
        if form.op != "var":
            continue
        value = values[form.data]
        if isinstance(form, Row):
            lowered = vectors.row(form)
            constant: Any = z3.K(lowered.domain(), z3.BitVecVal(0, lowered.range().size()))
            for k, element in enumerate(value):
                index = z3.BitVecVal(k, lowered.domain().size())
                constant = z3.Store(constant, index, z3.BitVecVal(int(element), lowered.range().size()))
            pairs.append((lowered, constant))
        else:
            pairs.append((vectors.term(form), vectors.constant(value, form)))
    return vectors.read(z3.simplify(z3.substitute(formula, *pairs)), signed)


def situations(system: System, size: int, random: Any) -> Any:
    """A walk: states before, the move's number, its path, the fields after."""
    program = replace(system, cfg=sized(system.cfg, size)).built()
    reading = prover_of(system).reading
    values = program.initial
    for _ in range(30):
        moves = []
        for number, taken in enumerate(reading.actions):
            choice = tuple(random.randrange(n) for _, n in program.actions[number].choices)
            try:
                after = program.take(values, Move(number, choice))
            except (IndexError, ModelError):
                continue
            if after is not None:
                moves.append((taken, choice, after))
        if not moves:
            return
        taken, choice, after = moves[random.randrange(len(moves))]
        before = named(reading, program, values)
        found = taken_path(reading, taken, before, choice, size)
        assert found is not None
        chosen = {c.data: v for (c, _), v in zip(taken.choices, choice, strict=True) if c.op == "var"}
        instance = random.randrange(size) if random.randrange(2) else before["vq.last_used_idx"]
        yield taken, found[0], {**before, **chosen, "instance": instance, "N": size}, found[1]
        values = after


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(ALL), st.integers(1, 8), st.randoms(use_true_random=False))
def test_bit_vectors_are_the_integers(system: System, most: int, random: Any) -> None:
    """Each decision, new value and lemma of a walk is worth the same in both readings."""
    laps = not free_running(system.cfg)
    vectors, prover, size = Vectors(laps), prover_of(system), most if laps else 1 << most.bit_length() - 1
    for _, path, values, _ in situations(system, size, random):
        plain = Plain(values, size)
        asked: list[Any] = [c for c, _ in path.decisions]
        asked += [v for v in path.updates.values() if not isinstance(v, Row)]
        asked += [prover.terms[random.choice(prover.lemmas).name] for _ in range(2)]
        for term in asked:
            signed = isinstance(term, Num) and term.low < 0
            assert numbers(vectors, vectors.term(term), term, values, signed) == int(plain.value(term))


@settings(
    max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(st.sampled_from(ALL), st.integers(1, 8), st.randoms(use_true_random=False))
def test_only_what_is_true_is_assumed(system: System, most: int, random: Any) -> None:
    """Along a walk all that a question takes for known is true, and so is what it asks."""
    prover, size = prover_of(system), 1 << most.bit_length() - 1 if free_running(system.cfg) else most
    instances, second = Instances(prover), Second(prover, "z3")
    names = [lemma.name for lemma in prover.lemmas]
    for taken, path, values, after in situations(system, size, random):
        obligation = random.choice(prover.obligations(path))
        goal = instances.goal(path, obligation.name)
        plain = Plain(values, size)
        known = instances.known(instances.given(taken, path.decisions), goal, names, 2)
        assert all(plain.value(fact) for fact in known)
        lemma = next((x for x in prover.lemmas if x.name == obligation.name), None)
        assert plain.value(goal)
        if lemma is not None:
            said = instances.said(lemma, INSTANCE) if lemma.over else prover.terms[lemma.name]
            later = Plain({**values, **after}, size)
            assert plain.value(goal) == later.value(said)
        some = random.sample(known, min(3, len(known)))
        for form in second._ranges(some):
            assert numbers(second._low, form, _conjunction([*some, SIZE]), values, False)


def _conjunction(facts: Any) -> Any:
    """A term that mentions what the facts mention."""

    class Mentions:
        op, args = "and", tuple(facts)

    return Mentions()


@pytest.mark.parametrize("size", [0, 3, 35])
def test_the_ring_size_is_a_power_of_two(size: int) -> None:
    vectors = Vectors()
    solver = z3.Solver()
    solver.add(vectors.power_of_two(), vectors.number(SIZE) == size)
    assert solver.check() == z3.unsat


@pytest.mark.parametrize("size", [0, 32769])
def test_a_ring_of_laps_has_any_size(size: int) -> None:
    vectors = Vectors(laps=True)
    solver = z3.Solver()
    solver.add(vectors.ring_size(), vectors.number(SIZE) == size)
    assert solver.check() == z3.unsat


CHOSEN = (
    "without virtqueue_poll__mb event-tso2-up-same",
    "no second look of the device",
    "kick test off by one",
    "no second look of the driver",
    "packed kick by the first lap",
)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("mutant", [m for m in faults() if m.name in CHOSEN], ids=lambda m: m.name)
def test_planted_faults_stop_it_too(mutant: Any, solver: str) -> None:
    induction = SecondInduction(Second(Prover(mutant.system, lemmas(mutant.system.cfg)), solver, 20.0))
    for step, names in mutant.stops.items():
        (taken,) = (t for t in induction.prover.reading.actions if t.name == step)
        failures = {f.lemma: f.answer for f in induction.step(taken).failures}
        assert set(names) <= set(failures)
        assert "sat" in failures.values()


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("step", ["virtqueue_poll", "virtio_split_should_notify", "virtqueue_kick_prepare_split"])
def test_the_barriers_steps_go_through(step: str, solver: str) -> None:
    (system,) = (s for s in ALL if short(s) == "event-tso2-up-same")
    induction = SecondInduction(Second(prover_of(system), solver))
    (taken,) = (t for t in induction.prover.reading.actions if t.step.name == step)
    assert induction.step(taken).failures == []
    assert induction.consistent(taken)


def test_without_its_lemma_a_step_is_not_proved() -> None:
    (system,) = (s for s in ALL if short(s) == "event-tso2-up-same")
    fewer = [x for x in lemmas(system.cfg) if x.name != "armed"]
    induction = SecondInduction(Second(Prover(system, fewer), "z3"))
    (taken,) = (t for t in induction.prover.reading.actions if t.step.name == "virtio_split_should_notify")
    assert induction.step(taken).failures
