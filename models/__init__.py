"""Engines that examine the specification, and what a user's own file begins with.

    from vrx.models import rx, check, L, Q, Softirq, MainLoop, State, load, loc, mb, store

is all that a variant needs; `docs/your-own.md` has examples.
"""

from vrx.models.checking import Answer, Checked, check
from vrx.models.claims import Claim, Exhibit, Outcome, Result, claims_of, cover, reached
from vrx.models.counterexample import shortest
from vrx.models.peers import peers, standard
from vrx.models.prove import prove_here
from vrx.models.system import System, rx
from vrx.spec.layouts.split.memory import NO_INTERRUPT, NO_NOTIFY, loc
from vrx.spec.linux.napi import put_on_poll_list
from vrx.spec.linux.state import GuestContext, HardIrq, L, Softirq
from vrx.spec.liveness import Liveness, never_forever
from vrx.spec.memory import dead, load, locked, mb, over, rmb, store, wmb
from vrx.spec.properties import Property, at_rest, invariant
from vrx.spec.qemu.state import MainLoop, Q
from vrx.spec.questions import STANDARD
from vrx.spec.ring import idx_add, idx_sub, slot, vring_need_event
from vrx.spec.rx import CHAINED, FREE, HELD, OFFERED, USED, State, fate, give, goes_on, lied
from vrx.spec.steps import mark, require
from vrx.spec.words import Bits, Of, Upto, pick, wrap

__all__ = [
    "CHAINED", "FREE", "HELD", "NO_INTERRUPT", "NO_NOTIFY", "OFFERED", "STANDARD", "USED", "Answer", "Bits",
    "Checked", "Claim", "Exhibit", "GuestContext", "HardIrq", "L", "Liveness", "MainLoop", "Of", "Outcome",
    "Property", "Q", "Result", "Softirq", "State", "System", "Upto", "at_rest", "check", "claims_of", "cover", "dead",
    "fate", "give", "goes_on", "idx_add", "idx_sub", "invariant", "lied", "load", "loc", "locked", "mark", "mb",
    "never_forever", "over", "peers", "pick", "prove_here", "put_on_poll_list", "reached", "require", "rmb", "rx",
    "shortest", "slot", "standard", "store", "vring_need_event", "wmb", "wrap",
]  # fmt: skip
