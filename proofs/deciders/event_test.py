"""The event test and the slot of an index, for all 16-bit values.

`vring_need_event` of `spec.ring` is traced on terms and proved equal to what
the standard says in words: the entry that the event index names is among those
that were written since the last look.  Beside it stand three wrong forms that
implementations have had, each refuted with the smallest witness; the witness is
tried on integers before it is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import z3

from vrx.models.claims import Outcome, Statement
from vrx.models.engines.z3.all_values import Answer, as_term, smallest
from vrx.models.engines.z3.bitvectors import BitVectors
from vrx.models.symbolic import terms
from vrx.models.symbolic.terms import Num
from vrx.spec.config import Config
from vrx.spec.ring import slot, vring_need_event
from vrx.spec.words import u16

BITS = 16
CONFIG = Config(size=1, idx_bits=BITS)
EventTest = Callable[[Config, int, int, int], bool]


def event_is_passed(event: int, new: int, old: int) -> bool:
    """Some entry k written since the last look, k = old, old+1, ..., new-1 modulo 2^16, is the event's.

    The entries are the old + d with 0 <= d < u16(new - old); `event` is one of them
    exactly if its own d, which is u16(event - old), is in that range: no quantifier is left.

    Spec: VIRTIO 1.4, 2.7.7.2 (Device Requirements: Used Buffer Notification Suppression)
    """
    return u16(event - old) < u16(new - old)


def latest_only(c: Config, event: int, new: int, old: int) -> bool:
    """Wrong: only the entry written last counts, so a batch steps over the event."""
    return event == u16(new - 1)


def first_only(c: Config, event: int, new: int, old: int) -> bool:
    """Wrong: only the first entry since the last look counts, even if nothing was written."""
    return event == old


def off_by_one(c: Config, event: int, new: int, old: int) -> bool:
    """Wrong: without the - 1, the entry not written yet counts, and the first one written does not."""
    return u16(new - event) < u16(new - old)


def compared(c: Config, event: int, new: int, old: int) -> bool:
    """Wrong: compares the indices themselves, which goes wrong at the wrap."""
    return old <= event and event < new


WRONG: tuple[EventTest, ...] = (latest_only, first_only, off_by_one, compared)


EVENT, NEW, OLD = (terms.variable(name, (1 << BITS) - 1) for name in ("event", "new", "old"))


def decide_event_test(form: EventTest) -> Answer:
    """Is a form of the event test equal to the standard's words, for all 2^48 arguments?"""
    words = as_term(lambda: event_is_passed(EVENT, NEW, OLD))  # type: ignore[arg-type]
    formed = as_term(lambda: form(CONFIG, EVENT, NEW, OLD))  # type: ignore[arg-type]
    low = BitVectors()
    differs = low.truth(terms.truth(words != formed))
    witness = smallest(differs, {t.data: low.number(t) for t in (OLD, NEW, EVENT)})
    if witness is not None:
        # The solver is believed only if the integers differ there as well.
        e, n, o = witness["event"], witness["new"], witness["old"]
        if form(CONFIG, e, n, o) == event_is_passed(e, n, o):
            raise AssertionError(f"{form.__name__}: the witness {witness} is none on integers")
    return Answer.of(witness)


def decide_slot_axiom(size: int | None = None) -> Answer:
    """Do entries that are less than a ring apart have slots of their own?

    The axiom of the unbounded proofs: i != j, and i - j < N or j - i < N modulo 2^16, give different slots.
    size: one queue size; by default every power of two up to 32768 at once.
    """
    i, j = z3.BitVec("i", BITS), z3.BitVec("j", BITS)
    n = z3.BitVec("N", BITS)
    if size is None:
        allowed = z3.And(n != 0, n & (n - 1) == 0, z3.ULE(n, 32768))
    else:
        allowed = n == size
    apart = z3.And(i != j, z3.Or(z3.ULT(i - j, n), z3.ULT(j - i, n)))
    same = z3.URem(i, n) == z3.URem(j, n)
    if size is None:
        # For a power of two the remainder is the low bits; that it is, is part of what is proved.
        mask = z3.And(z3.URem(i, n) == i & (n - 1), z3.URem(j, n) == j & (n - 1))
        if _possible(z3.And(allowed, z3.Not(mask))):
            raise AssertionError("the slot of an index is not its low bits")
        same = i & (n - 1) == j & (n - 1)
    witness = smallest(z3.And(allowed, apart, same), {"N": n, "i": i, "j": j})
    if witness is not None and witness["i"] % witness["N"] != witness["j"] % witness["N"]:
        raise AssertionError(f"the witness {witness} is none on integers")
    return Answer.of(witness)


def decide_slot_lowered(size: int) -> Answer:
    """The axiom again for one size, said of `slot` of `spec.ring` itself, traced on terms."""
    c = Config(size=size, idx_bits=BITS)
    i, j = (terms.variable(name, (1 << BITS) - 1) for name in "ij")
    near = terms.either((i - j).wrapped(BITS) < size, (j - i).wrapped(BITS) < size)
    same = terms.equal(_slot(c, i), _slot(c, j))
    wrong = terms.both(terms.negate(terms.equal(i, j)), terms.both(near, same))
    low = BitVectors()
    witness = smallest(low.truth(wrong), {"i": low.number(i), "j": low.number(j)})
    return Answer.of(witness)


def _slot(c: Config, i: Num) -> Num:
    return terms.num(slot(c, i))  # type: ignore[arg-type]


def _possible(formula: z3.BoolRef) -> bool:
    solver = z3.SolverFor("QF_BV")
    solver.add(formula)
    return solver.check() != z3.unsat


WRONG_SIZE = 35
"""A size of the ring that is no power of two."""
ANSWERS: dict[str, Callable[[], Answer]] = {
    **{form.__name__: partial(decide_event_test, form) for form in (vring_need_event, *WRONG)},
    "slot_axiom": decide_slot_axiom,
    f"slot_axiom-{WRONG_SIZE}": partial(decide_slot_axiom, WRONG_SIZE),
}
"""The claims by name, and what decides them."""
EXPECTED = {form.__name__: "refuted" for form in WRONG} | {f"slot_axiom-{WRONG_SIZE}": "refuted"}
"""What is not proved."""


def deciding(answer: Callable[[], Answer]) -> Callable[[Statement], Outcome]:
    """The engine of a claim about a form or about the axiom."""

    def decide(claim: Statement) -> Outcome:
        return answer().outcome("smallest witness: ")

    return decide
