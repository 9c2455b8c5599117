"""The lemmas as properties of every reachable state of a small ring, for the native explorer."""

from __future__ import annotations

from vrx.models.claims import Claim, Outcome, Sentence, Statement, tag
from vrx.models.deciding.engine import cpus
from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.native.build import NoCompiler
from vrx.models.engines.native.explore import explore_native
from vrx.models.systems.mended import flushing_everything, mended
from vrx.models.systems.system import System, rx
from vrx.proofs.induction.invariant import lemmas
from vrx.spec.lemmas import stated
from vrx.spec.properties import Property
from vrx.spec.ring import idx_add
from vrx.spec.rx import State


def asked(system: System) -> list[Property]:
    """Each lemma of a system with ghost positions; one said of all heads, heights or indices, once for each."""
    out = []
    for lemma in lemmas(system.cfg):
        last = system.cfg.size + (lemma.over == "indices") if lemma.over else 1
        out += [_property(lemma, k) for k in range(last)]
    return out


def _property(lemma: Lemma, k: int) -> Property:
    def holds(s: State) -> bool:
        index = idx_add(s.cfg, s.vq.last_used_idx, k) if lemma.over == "indices" else k
        try:
            fact: bool = lemma.holds(s, *((index,) if lemma.over else ()))
        except IndexError:  # it asks for an element that an array has not
            return False
        return fact

    return stated(f"{lemma.name}[{k}]" if lemma.over else lemma.name, holds, lemma.sentence)


def _decide(claim: Statement) -> Outcome:
    assert claim.system is not None
    try:
        found = explore_native(claim.system, asked(claim.system), threads=cpus(), few=False)
    except NoCompiler as missing:
        return Outcome("undecided", "native", reason="nothing was searched", why="no_compiler", mend=str(missing))
    if found.violations:
        name, way = min(found.violations.items(), key=lambda item: len(item[1].path))
        return Outcome("refuted", "native", found.states, None, len(way.path), reason=f"{name} does not hold")
    if not found.complete:
        return Outcome("undecided", "native", found.states, reason=found.reason, why=found.why)
    reason = f"{len(asked(claim.system))} properties"
    return Outcome("proved", "native", found.states, found.depth, reason=reason)


SYSTEMS = (
    *(rx(event_idx=event, memory=m, guest=g, positions=True) for event in (False, True)
      for m, g in (("sc", "smp"), ("tso", "smp"), ("tso", "up"))),
    *(rx(event_idx=event, memory="tso", irq="other", positions=True) for event in (False, True)),
    *(rx(size=2, positions=True), rx(size=2, memory="tso", guest="up", positions=True)),
    *(rx(size=2, event_idx=True, positions=True), rx(size=2, mergeable=True, positions=True)),
    *(rx(caller="any", positions=True), rx(caller="any", size=2, positions=True)),
    rx(caller="any", event_idx=True, idx_bits=2, positions=True),
)  # fmt: skip
"""Rings of 1 and 2 whose every reachable state is asked every lemma."""
_PACKED = (
    *(rx(ring="packed", event_idx=event, memory=m, guest=g, positions=True) for event in (False, True)
      for m, g in (("sc", "smp"), ("tso", "smp"), ("tso", "up"))),
    *(rx(ring="packed", memory="tso", irq="other", positions=True), rx(ring="packed", size=2, positions=True)),
    *(rx(ring="packed", size=n, mergeable=True, max_packet=n, positions=True) for n in (2, 3)),
    rx(ring="packed", size=2, mergeable=True, memory="tso", positions=True),
    *(flushing_everything(rx(ring="packed", caller="any", event_idx=event, positions=True)) for event in (False, True)),
    flushing_everything(rx(ring="packed", size=2, caller="any", positions=True)),
)  # fmt: skip
PACKED = tuple(mended(system) for system in _PACKED)
"""Packed rings of 1, 2 and 3, with the barrier that QEMU 7.2 lacks."""
EVERY_LEMMA = Sentence("every_lemma", "Every lemma of the proof holds in every reachable state.")


def claims() -> list[Claim]:
    """That every lemma of the proof for every size holds in every reachable state of small rings."""
    return [
        Statement(
            f"every_lemma-{tag(system)}",
            system,
            EVERY_LEMMA,
            "proved",
            tier="quick" if system == SYSTEMS[0] else "full",
            note="the second gate: all lemmas in all reachable states",
            decide=_decide,
        )
        for system in (*SYSTEMS, *PACKED)
    ]
