"""The claims of the proof, and how they are decided."""

from __future__ import annotations

from functools import cache

from vrx.models.claims import Claim, Extra, Lasting, Outcome, Safety, Sentence, Statement, Verdict
from vrx.models.engines.induction.bit_solver import in_bits, solver_version
from vrx.models.engines.induction.integer_reading import Taken
from vrx.models.engines.induction.ranking import Ranking
from vrx.models.engines.induction.second_opinion import check_again, proved_in_bits
from vrx.models.engines.induction.system_proof import Report, check
from vrx.models.engines.induction.witness import judge
from vrx.models.systems.system import System
from vrx.models.terminal.output import install
from vrx.proofs.induction.faults import faults
from vrx.proofs.induction.invariant import lemmas
from vrx.proofs.induction.layouts import proof_of
from vrx.proofs.induction.mutant import Mutant
from vrx.proofs.induction.progress import fairness, unproved
from vrx.proofs.induction.systems import ALSO, GOALS, AnySize, claimed, short, symbolic, twice, unreachable
from vrx.spec.liveness import Liveness
from vrx.spec.properties import SPINE, no_lost_interrupt

_BY_NAME: dict[str, AnySize] = {}


@cache
def report(name: str) -> Report:
    """The induction of one of the systems, once per process."""
    system = _BY_NAME[name]
    return check(system, lemmas(system.cfg), (*GOALS, *ALSO))


def unexpected(system: System, never: list[Taken]) -> list[str]:
    """Steps that the invariant excludes although nothing says that it should."""
    known = unreachable(system)
    names = {t.name: {t.step.name, t.name.removeprefix(f"{t.context.name}: ")} for t in never}
    return [name for name, called in names.items() if not called & set(known)]


def _decide(claim: Safety | Lasting) -> Outcome:
    """One engine for the goals and the ranks of a system, so that one process decides them: both rest on its report."""
    found = report(short(claim.system))
    if isinstance(claim, Lasting):
        return _decide_progress(claim, found)
    others = unexpected(claim.system, found.never)
    if others:
        return Outcome("undecided", "z3", reason=f"the invariant excludes {', '.join(others)}", why="unproved")
    mine = [g for g in found.goals if g.name == claim.asks.name]
    if found.failures or found.initial or mine:
        return Outcome("undecided", "z3", reason=found.sentence(), why="unproved")
    return Outcome("inductive", "z3")


def _decide_again(claim: Statement) -> Outcome:
    """Every step, goal and guard once more, in bit-vectors."""
    assert claim.system is not None
    found = check_again(claim.system, lemmas(claim.system.cfg), (*GOALS, *ALSO))
    wrong = [] if found.inductive else [found.sentence()]
    wrong += [f"the invariant excludes {name}" for name in unexpected(claim.system, found.never)]
    verdict: Verdict = "undecided" if wrong else "inductive"
    mend = "" if not wrong or solver_version() else f"{BITWUZLA.command}: bitwuzla answers where z3 gives up"
    return Outcome(verdict, in_bits(), reason="; ".join(wrong), why="unproved" if wrong else "", mend=mend)


BITWUZLA = Extra(
    "bitwuzla",
    lambda: bool(solver_version()),
    install("bits"),
    "With it such a claim takes a quarter of a minute, with z3 in its place one took ten",
)
"""What the second opinion wants."""
SECOND_OPINION = Sentence(
    "induction_in_bits",
    "No lost interrupt, no lost kick, single owner, each lemma after each step: all of it in bit-vectors of 16 bits.",
)


def _decide_progress(claim: Lasting, found: Report) -> Outcome:
    """Does the rank fall?  Only where the induction goes through: it is relative to the invariant."""
    (ranking,) = (r for r in proof_of(claim.system.cfg).rankings if r.name == claim.asks.name)
    wrong = unproved(claim.system, ranking) if found.inductive else [found.sentence()]
    reason = "; ".join(wrong) or fairness(claim.system)
    if wrong:
        return Outcome("undecided", "z3", reason=reason, why="unproved")
    return Outcome("inductive", "z3", reason=reason)


def _progress(ranking: Ranking) -> Liveness:
    """That a ranking's situation does not last: the rank falls in it."""
    return Liveness(ranking.name, ranking.sentence, ranking.situation, ranking.situation)


def _decide_mutant(mutant: Mutant) -> Outcome:
    """Does the induction stop where it is written down, in both readings, and does the search find the bug?"""
    found = check(mutant.system, lemmas(mutant.system.cfg), GOALS)
    stops = found.stops()
    wrong = [step for step, names in mutant.stops.items() if not set(names) <= set(stops.get(step, ()))]
    wrong += [step for step in stops if step not in mutant.stops]
    if wrong:
        return Outcome("undecided", "z3", fault=True, reason=f"stops elsewhere: {found.sentence()}")
    if not stops:
        return Outcome("inductive", "z3") if found.inductive else Outcome("undecided", "z3", why="unproved")
    in_vectors = proved_in_bits(mutant.system, lemmas(mutant.system.cfg), mutant.stops)
    if in_vectors:
        reason = f"the bit-vectors do not stop at {', '.join(in_vectors)}"
        return Outcome("undecided", "z3", fault=True, reason=reason)
    real = judge(mutant.system, SPINE)
    where = "; ".join(f"{step}: {', '.join(names)}" for step, names in mutant.stops.items())
    if real.kind == "bug" and mutant.property and real.property != mutant.property.name:
        return Outcome("undecided", "z3 and search", fault=True, reason=f"the search finds {real.property} violated")
    if real.kind == "bug":
        return Outcome("refuted", "z3 and search", steps=real.steps, reason=f"stops at {where}")
    if real.kind == "hole":
        return Outcome("proved", "z3 and search", reason=f"stops at {where}; no bug in a ring of 1")
    return Outcome("undecided", "z3 and search", reason="the search is too large", why="too_large")


def claims() -> list[Claim]:
    """Every claimed system with each goal; every mutant for which the induction or a trace decides."""
    out: list[Claim] = []
    for tier, system in claimed():
        _BY_NAME[short(system)] = system
        for goal in GOALS:
            name = f"{goal.name}-any-size-{short(system)}"
            out.append(Safety(name, system, goal, "inductive", tier=tier, note=symbolic(system.cfg), decide=_decide))
        for ends in map(_progress, proof_of(system.cfg).rankings):
            name, note = f"{ends.name}-any-size-{short(system)}", f"a rank that falls; {fairness(system)}"
            out.append(Lasting(name, system, ends, "inductive", tier=tier, note=note, decide=_decide))
    for system in twice():
        name, note = f"induction-in-bits-{short(system)}", "a second opinion: 16-bit vectors, slots computed"
        out.append(Statement(name, system, SECOND_OPINION, "inductive", tier="full", note=note, decide=_decide_again,
                             wants=BITWUZLA))  # fmt: skip
    for mutant in faults():

        def decide(claim: Safety, mutant: Mutant = mutant) -> Outcome:
            return _decide_mutant(mutant)

        name = "induction-" + mutant.name.replace(" ", "-")
        expected: Verdict = "refuted" if mutant.stops else "inductive"
        note = "the induction stops where it is written down" if mutant.stops else "the induction goes through"
        note += f"; {mutant.note}" if mutant.note else ""
        about = mutant.property or no_lost_interrupt
        out.append(Safety(name, mutant.system, about, expected, tier="full", note=note, decide=decide))
    return out
