"""`python -m proofs.induction`: the proof, system by system; exit status 0 if everything is as stated, else 1."""

from __future__ import annotations

import argparse
import sys

from models.induction.check import Report, check
from models.induction.results import Failure
from models.induction.second import check_again, in_bits
from models.induction.witness import judge, witness
from models.system import System
from proofs.induction.claims import unexpected
from proofs.induction.faults import faults
from proofs.induction.invariant import lemmas
from proofs.induction.mutants import Mutant
from proofs.induction.systems import ALSO, GOALS, SYMBOLIC, short, systems
from proofs.induction.table import text
from spec.properties import SPINE


def tell_failures(system: System, report: Report) -> None:
    """Step, lemma, a state before it and what changes; then whether the search finds a real trace."""
    told: set[tuple[str, str]] = set()
    for failure in (f for s in report.steps for f in s.failures):
        if (failure.step, failure.lemma) in told:
            continue
        told.add((failure.step, failure.lemma))
        print(f"  STOPS  {failure.step}  does not preserve  {failure.lemma}  ({failure.answer})")
        _tell_witness(system, failure)
    real = judge(system, SPINE)
    if real.kind == "bug":
        print(f"  a bug: {real.property} is violated after {real.steps} steps, ring of {real.size}")
    elif real.kind == "hole":
        print(f"  no bug in rings up to {real.size} ({real.states} states): the invariant is too weak there")
    else:
        print(f"  no trace among {real.states} states, search not complete")


def _tell_witness(system: System, failure: Failure) -> None:
    found = witness(system, lemmas(system.cfg), failure)
    if found is None:
        print("         no such state on rings of 1, 2 and 4: only the solver's patience failed there")
        return
    for line in found.lines():
        print(f"         {line}")
    print("         replayed on integers" if found.confirmed else "         NOT CONFIRMED on integers")


def prove(system: System, cache: bool, verbose: bool, bits: bool = False) -> bool:
    """Check one system and print what was found."""
    asked = lemmas(system.cfg)
    found = (check_again if bits else check)(system, asked, (*GOALS, *ALSO), cache=cache)
    verdict = "INDUCTIVE" if found.inductive else "UNDECIDED"
    slowest = max(found.steps, key=lambda s: s.seconds)
    print(
        f"{verdict}  {short(system):22} {len(asked)} lemmas, {len(found.steps)} steps, "
        f"{found.queries} questions ({found.known} known), {found.seconds:.1f} s, slowest {slowest.seconds:.1f} s",
        flush=True,
    )
    if verbose:
        for step in found.steps:
            answers = f"{step.paths:2} paths {step.queries:3} questions, {step.known:3} known"
            print(f"    {step.name:62} {answers}, {step.seconds:6.2f} s")
    others = unexpected(system, found.never)
    if others:
        print(f"  the invariant excludes {', '.join(others)}")
    if not found.inductive:
        print(f"  {found.sentence()}")
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


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m proofs.induction", description=__doc__)
    parser.add_argument("--full", action="store_true", help="all systems, the table and the mutants")
    parser.add_argument("--system", default="", help="only systems whose short name contains this")
    parser.add_argument("--lemmas", action="store_true", help="list the lemmas")
    parser.add_argument("--table", action="store_true", help="which step needs which lemma: drop one at a time")
    parser.add_argument("--mutants", action="store_true", help="systems with faults, and where the induction stops")
    parser.add_argument("--bits", action="store_true", help="in bit-vectors instead: the second opinion")
    parser.add_argument("--no-cache", action="store_true", help="prove everything again")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for every step")
    options = parser.parse_args()
    chosen = [s for tier, s in systems() if (tier == "quick" or options.full or options.system)]
    chosen = [s for s in chosen if options.system == short(s)] or [s for s in chosen if options.system in short(s)]
    if not chosen:
        print("no system is called so; there are " + ", ".join(short(s) for _, s in systems()), file=sys.stderr)
        return 2
    if options.lemmas:
        for lemma in lemmas(chosen[0].cfg):
            print(f"{lemma.name}{' (goal)' if lemma.goal else ''}\n    {lemma.sentence}\n    {lemma.mirrors}")
        return 0
    good = True
    if not (options.table or options.mutants) or options.full:
        print(SYMBOLIC)
        if options.bits:
            print(f"in bit-vectors, by {in_bits()}")
        for system in chosen:
            good = prove(system, not options.no_cache, options.verbose, options.bits) and good
    if options.table or (options.full and not options.bits):
        print(f"which step needs which lemma: {short(chosen[0])}")
        for line in text(chosen[0]):
            print(line, flush=True)
    if options.mutants or (options.full and not options.bits):
        for mutant in faults():
            good = try_mutant(mutant) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
