"""What is assumed of the scheduler, and what of a rank is not proved."""

from __future__ import annotations

from vrx.models.engines.induction.prover import Prover
from vrx.models.engines.induction.ranking import Progress, Ranking
from vrx.models.systems.system import System
from vrx.proofs.induction.invariant import lemmas

FAIRNESS = "fair: weakly per context; a softirq that interrupts hold up, strongly"


def fairness(system: System) -> str:
    """What is assumed of the scheduler, and of a general caller."""
    general = "; that a caller notifies, and takes a kick, strongly: other calls may come before it"
    return FAIRNESS + (general if system.cfg.general else "")


def unproved(system: System, ranking: Ranking) -> list[str]:
    """What of a ranking is not proved; empty where it holds.  Says nothing where the induction of the system fails."""
    return Progress(Prover(system, lemmas(system.cfg)), ranking).failures()
