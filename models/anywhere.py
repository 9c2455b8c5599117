"""Bounded checks that begin at any ring index: a named state, shifted by an offset that z3 chooses.

A reachable state stays what it is if all live ring indices move by the same
amount and the rings turn with them.  With 16 bits that is where the wrap, an
event in the past, and indices that look alike are found, which a search from
index 0 meets only after 65536 packets.
"""

from __future__ import annotations

import time
from typing import Final

import z3

from models import terms
from models.bmc import Bounded, Progress, Unrolling, deepen, encode
from models.named import Start
from models.smt import Encoded
from models.system import System
from models.terms import Num
from models.walk import Term
from spec.properties import Property
from spec.steps import ModelError

LIVE: Final = (
    "mem.avail_idx",
    "mem.used_idx",
    "mem.used_event",
    "mem.avail_event",
    "vq.avail_idx_shadow",
    "vq.last_used_idx",
    "dev.shadow_avail_idx",
    "dev.last_avail_idx",
    "dev.used_idx",
    "dev.signalled_used",
)
"""The fields that are ring indices between steps."""
RINGS: Final = ("mem.avail_ring", "mem.used_id", "mem.used_len")
"""The arrays that are indexed by ring indices."""
LOCAL: Final = (".opaque", ".idx", ".between")
"""How the names of local variables that hold an index end: zero while they are dead."""


def bmc_anywhere(
    system: System,
    prop: Property,
    depth: int,
    start: Start,
    *,
    encoded: Encoded | None = None,
    timeout: float = 0,
    progress: Progress | None = None,
) -> Bounded:
    """Like `bmc`, from the start state moved to every ring index at once.

    The trace of a refutation begins in the shifted state (`begin`), and has no way there.
    """
    began = time.monotonic()
    encoded = encoded or encode(system)
    unrolling = Unrolling(encoded, shifted(encoded, start))
    return deepen(unrolling, prop, depth, [], began, timeout, progress)


def shifted(encoded: Encoded, start: Start) -> z3.BoolRef:
    """The frame `now` is the start state, its indices moved by an offset."""
    relation = encoded.relation
    cfg = relation.reading.system.cfg
    values = {f.name: v for f, v in zip(relation.fields, start.values, strict=True)}
    _movable(start, values)
    offset = terms.variable("start offset", (1 << cfg.idx_bits) - 1)
    turn = cfg.size.bit_length() - 1
    unmoved = {"mem.used_event"} if _parked_event(cfg.event_idx, values) else set()
    if not cfg.event_idx:
        unmoved |= {"mem.avail_event", "dev.signalled_used"}
    parts = []
    for variable, i in zip(encoded.now, encoded.places, strict=True):
        name = relation.fields[i].name
        ring, _, at = name.partition("[")
        moved: Term = terms.const(start.values[i])
        if name in LIVE and name not in unmoved:
            moved = (terms.const(start.values[i]) + offset).wrapped(cfg.idx_bits)
        elif ring in RINGS:
            # What lay in slot k of the ring lies `offset` slots further now.
            before = (terms.const(int(at.rstrip("]"))) - offset).wrapped(turn)
            moved = before.select([terms.const(values[f"{ring}[{k}]"]) for k in range(cfg.size)])
        parts.append(_equals(encoded, variable, relation.variables[i], moved))
    return z3.And(parts)


def _equals(encoded: Encoded, variable: z3.ExprRef, like: Term, value: Term) -> z3.BoolRef:
    low = encoded.lowering
    if isinstance(like, Num):
        return low.truth(terms.equal(like, terms.num(value)))
    assert isinstance(value, Num)
    return variable == z3.BoolVal(bool(value.data))


def _parked_event(event_idx: bool, values: dict[str, int]) -> bool:
    """Is used_event 0 because virtqueue_disable_cb_split() wrote 0, or because nobody reads it?"""
    parked = bool(values["vq.no_interrupt"]) and not values["vq.event_triggered"] and values["mem.used_event"] == 0
    return parked or not event_idx


def _movable(start: Start, values: dict[str, int]) -> None:
    """Nothing but the live fields holds an index."""
    held = [n for n, v in values.items() if v and n.endswith(LOCAL)]
    held += [n for n, v in values.items() if v and n.startswith("buffers") and n.endswith(".count")]
    if held:
        raise ModelError(f"the state {start.name!r} is in the middle of something ({', '.join(held)}): use another")
