"""`python -m vrx.proofs.induction`: the proof, system by system; exit status 0 if everything is as stated, else 1."""

from __future__ import annotations

import argparse
import sys

from vrx.models.engines.induction.bit_solver import in_bits
from vrx.models.systems.system import RINGS
from vrx.models.terminal import ending
from vrx.proofs.induction.faults import faults
from vrx.proofs.induction.invariant import lemmas
from vrx.proofs.induction.printing import prove, try_mutant
from vrx.proofs.induction.systems import any_size, short, symbolic, systems
from vrx.proofs.induction.table import text
from vrx.spec.config import BadConfiguration


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m vrx.proofs.induction", description=__doc__)
    parser.add_argument("--full", action="store_true", help="all systems, the table and the mutants")
    parser.add_argument("--system", default="", help="only systems whose short name contains this")
    parser.add_argument("--ring", default="", choices=RINGS, help="only systems with this ring; all of them")
    parser.add_argument("--without", action="append", default=[], metavar="BARRIER", help="take a barrier out")
    parser.add_argument("--lemmas", action="store_true", help="list the lemmas")
    parser.add_argument("--table", action="store_true", help="which step needs which lemma: drop one at a time")
    parser.add_argument("--mutants", action="store_true", help="systems with faults, and where the induction stops")
    parser.add_argument("--bits", action="store_true", help="in bit-vectors instead: the second opinion")
    parser.add_argument("--no-cache", action="store_true", help="prove everything again")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for every step")
    options = parser.parse_args()
    chosen = [s for tier, s in systems() if (tier == "quick" or options.full or options.system or options.ring)]
    chosen = [s for s in chosen if options.ring in ("", str(s.cfg.layout))]
    chosen = [s for s in chosen if options.system == short(s)] or [s for s in chosen if options.system in short(s)]
    if not chosen:
        print("no system is called so; there are " + ", ".join(short(s) for _, s in systems()), file=sys.stderr)
        return 2
    try:
        for barrier in options.without:
            chosen = [any_size(s.without(barrier)) for s in chosen]
    except BadConfiguration as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if options.lemmas:
        for lemma in lemmas(chosen[0].cfg):
            print(f"{lemma.name}{' (goal)' if lemma.goal else ''}\n    {lemma.sentence}\n    {lemma.mirrors}")
        return 0
    good = True
    if not (options.table or options.mutants) or options.full:
        for said in dict.fromkeys(symbolic(system.cfg) for system in chosen):
            print(said)
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
    try:
        with ending.in_order():
            status = main()
        sys.exit(status)
    except KeyboardInterrupt:
        print("interrupted: what was proved is kept, and taken up by the same command", file=sys.stderr)
        sys.exit(3)
