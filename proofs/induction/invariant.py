"""The invariant: which lemmas a system needs, and how to ask them of a state with numbers in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from vrx.models.engines.induction.logic import Lemma
from vrx.models.engines.induction.witness import instances
from vrx.proofs.induction.layouts import proof_of
from vrx.spec.config import Config
from vrx.spec.rx import State


def lemmas(cfg: Config) -> tuple[Lemma, ...]:
    """The lemmas of a system: those about store buffers only where there are some, and about one kind of hand."""
    hands = {"in_hand", "each_in_hand", "in_callers_hand"}
    unused = hands - {"in_callers_hand" if cfg.general else "each_in_hand" if cfg.mergeable else "in_hand"}
    unused.add("filled_element" if cfg.general or cfg.mergeable else "each_filled_element")
    if cfg.memory == "sc":
        unused.add("armed_for_all")
    if cfg.memory == "sc" or cfg.irq != "other":
        unused.add("other_buffer")
    return tuple(lemma for lemma in proof_of(cfg).lemmas if lemma.name not in unused)


def broken(s: State, of: Iterable[Lemma]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The lemmas that a state of numbers violates, and for what instance."""
    for lemma in of:
        for instance in instances(lemma, s):
            if not lemma.holds(s, *instance):
                yield lemma.name, instance
                break
