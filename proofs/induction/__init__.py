"""Nobody loses a wake-up and no buffer has two owners, for every ring size: the proof by induction.

`python -m vrx.proofs.induction` runs it.  docs/induction.md tells the proof in words.
"""

from __future__ import annotations

from vrx.models.claims import Claim
from vrx.proofs.induction import reachable
from vrx.proofs.induction.claims import claims

CLAIMS: list[Claim] = [*reachable.claims(), *claims()]
