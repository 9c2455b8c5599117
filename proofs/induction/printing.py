"""The induction of one system, told: the verdict in a line, and where it stops, why, and whether that is a bug.

For a variant of your own:

    from vrx.models.systems.system import rx
    from vrx.proofs.induction.systems import any_size
    from vrx.proofs.induction.printing import prove

    prove(any_size(rx(event_idx=True).replace("virtqueue_poll", faulty)))
"""

from __future__ import annotations

import textwrap

from vrx.models.engines.induction.second_opinion import check_again
from vrx.models.engines.induction.step_result import Failure
from vrx.models.engines.induction.system_proof import Report, check
from vrx.models.engines.induction.witness import judge, witness
from vrx.models.systems.system import System
from vrx.proofs.induction.claims import unexpected
from vrx.proofs.induction.invariant import lemmas
from vrx.proofs.induction.mutant import Mutant
from vrx.proofs.induction.systems import ALSO, GOALS, short
from vrx.spec.properties import SPINE


def tell_failures(system: System, report: Report) -> None:
    """Step, lemma, a state before it and what changes; then whether the search finds a real trace."""
    said = {lemma.name: lemma.sentence for lemma in lemmas(system.cfg)}
    told: set[tuple[str, str]] = set()
    for failure in (f for s in report.steps for f in s.failures):
        if (failure.step, failure.lemma) in told:
            continue
        told.add((failure.step, failure.lemma))
        print(f"  STOPS  {failure.step}  does not preserve  {failure.lemma}  ({failure.answer})")
        _tell(said.get(failure.lemma, "a new value is in the range of its field; a ring index is inside the ring"))
        _tell_witness(system, failure)
    print("  searching rings of 1 and 2 for a real trace", flush=True)
    real = judge(system, SPINE)
    if real.kind == "bug":
        print(f"  A BUG: {real.property} is violated after {real.steps} steps, ring of {real.size}")
    elif real.kind == "hole":
        print(f"  no bug: rings up to {real.size} were searched ({real.states:,} states). The change is a correct")
        print("  program there, and the invariant too weak to show it for every size")
    else:
        print(f"  not decided: no trace among {real.states:,} states, and the search was not complete")


def _tell(text: str) -> None:
    print(textwrap.fill(text, 118, initial_indent=" " * 9, subsequent_indent=" " * 11))


def _tell_witness(system: System, failure: Failure) -> None:
    found = witness(system, lemmas(system.cfg), failure)
    if found is None:
        _tell("no such state on rings of 1, 2 and 4: only the solver's patience failed there")
        return
    for line in found.lines():
        _tell(line)
    _tell("replayed on integers" if found.confirmed else "NOT CONFIRMED on integers")


def prove(system: System, cache: bool = True, verbose: bool = False, bits: bool = False) -> bool:
    """Check one system and print what was found.  bits: in bit-vectors, the second opinion."""
    asked = lemmas(system.cfg)
    found = (check_again if bits else check)(system, asked, (*GOALS, *ALSO), cache=cache)
    verdict = "INDUCTIVE" if found.inductive else "STOPS"
    slowest = max(found.steps, key=lambda s: s.seconds)
    print(
        f"{verdict:9}  {short(system):22} {len(asked)} lemmas, {len(found.steps)} steps, "
        f"{found.queries} questions ({found.known} known), {found.seconds:.1f} s, slowest {slowest.seconds:.1f} s",
        flush=True,
    )
    for change in (*sorted(system.cfg.without), *system.changed):
        print(f"  without {change}" if change in system.cfg.without else f"  with {change}")
    if verbose:
        for step in found.steps:
            answers = f"{step.paths:2} paths {step.queries:3} questions, {step.known:3} known"
            print(f"    {step.name:62} {answers}, {step.seconds:6.2f} s")
    others = unexpected(system, found.never)
    if others:
        print(f"  the invariant excludes {', '.join(others)}")
    if not found.inductive:
        for text in found.reasons():
            print(f"  {text}")
        if found.failures and not bits:
            tell_failures(system, found)
    return found.inductive and not others


def try_mutant(mutant: Mutant) -> bool:
    """Check that the induction stops where it is written down."""
    asked = lemmas(mutant.system.cfg)
    found = check(mutant.system, asked, GOALS)
    stops = found.stops()
    as_stated = set(stops) == set(mutant.stops) and all(set(n) <= set(stops[s]) for s, n in mutant.stops.items())
    where = "; ".join(f"{s}: {', '.join(n)}" for s, n in mutant.stops.items()) or "goes through"
    print(f"{'as stated' if as_stated else 'DIFFERS  '}  {mutant.name}: {where}", flush=True)
    if not as_stated:
        print(f"  {found.sentence()}")
    return as_stated
