"""Engines that examine the specification, and what a user's own file begins with.

    from vrx.models import rx, check, L, Q, Softirq, MainLoop, State, load, loc, mb, store

is all that a variant needs; `docs/your-own.md` has examples.  `loc`, `State`, `SplitL` and `SplitQ` are a split ring's:
`vrx.spec.layouts.split.prelude`.
"""

from vrx.models.claims import (
    Claim,
    Cover,
    Exhibit,
    Lasting,
    Outcome,
    Result,
    Safety,
    Sentence,
    Statement,
    claims_of,
    cover,
    lasting,
    reached,
)
from vrx.models.deciding.checking import Answer, Checked, check
from vrx.models.deciding.counterexample import shortest
from vrx.models.deciding.many_claims import prove_here
from vrx.models.systems.standard_systems import peers, standard
from vrx.models.systems.system import System, rx
from vrx.spec.counting import begins, counted, header_tells, let_go, none_there, takes_further, takes_next
from vrx.spec.layouts.split.prelude import (
    NO_INTERRUPT,
    NO_NOTIFY,
    SplitL,
    SplitMainLoop,
    SplitQ,
    SplitSoftirq,
    State,
    loc,
)
from vrx.spec.linux.napi import put_on_poll_list
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.liveness import Liveness, never_forever
from vrx.spec.memory import dead, load, locked, mb, over, rmb, store, wmb
from vrx.spec.properties import Property, at_rest, invariant
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import STANDARD
from vrx.spec.ring import idx_add, idx_sub, slot, vring_need_event
from vrx.spec.rx import CHAINED, FREE, HELD, OFFERED, USED, fate, give, goes_on, lied
from vrx.spec.steps import mark, require
from vrx.spec.words import Bits, Of, Upto, pick, wrap

__all__ = [
    "CHAINED",
    "FREE",
    "HELD",
    "NO_INTERRUPT",
    "NO_NOTIFY",
    "OFFERED",
    "STANDARD",
    "USED",
    "Answer",
    "Bits",
    "Checked",
    "Claim",
    "Cover",
    "Exhibit",
    "GuestContext",
    "HardIrq",
    "L",
    "Lasting",
    "Liveness",
    "MainLoop",
    "Of",
    "Outcome",
    "Property",
    "Q",
    "Result",
    "Safety",
    "Sentence",
    "Softirq",
    "SplitL",
    "SplitMainLoop",
    "SplitQ",
    "SplitSoftirq",
    "State",
    "Statement",
    "System",
    "Upto",
    "at_rest",
    "begins",
    "check",
    "claims_of",
    "counted",
    "cover",
    "dead",
    "fate",
    "give",
    "goes_on",
    "header_tells",
    "idx_add",
    "idx_sub",
    "invariant",
    "lasting",
    "let_go",
    "lied",
    "load",
    "loc",
    "locked",
    "mark",
    "mb",
    "never_forever",
    "none_there",
    "over",
    "peers",
    "pick",
    "prove_here",
    "put_on_poll_list",
    "reached",
    "require",
    "rmb",
    "rx",
    "shortest",
    "slot",
    "standard",
    "store",
    "takes_further",
    "takes_next",
    "vring_need_event",
    "wmb",
    "wrap",
]  # fmt: skip
