"""What a run finds: deviations from the standard, each with its clause, what was expected and what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from vrx.spec.standard.clauses import CLAUSES

OWN: Final[Mapping[str, tuple[str, str]]] = {
    "crash": ("CRASH", "the implementation ended"),
    "hang": ("HANG", "the implementation does not come to rest"),
    "foreign-memory": ("MEMORY", "memory is written that is not the writer's"),
    "no_lost_interrupt": ("PROPERTY", "a used buffer is taken, or its interrupt is asked for"),
    "no_lost_kick": ("PROPERTY", "a packet that the posted buffers can hold is delivered"),
    "descriptors_conserved": ("PROPERTY", "a descriptor whose buffer came back can be used again"),
    "used_entries_exact": ("PROPERTY", "what a side hands on is what the ring says"),
    "in_order": ("PROPERTY", "delivery order is arrival order"),
    "model": ("MODEL", "what the implementation does is what its model does"),
    "ring_not_broken": ("PROPERTY", "a peer that keeps the rules is not given up"),
    "interrupts_suppressed_while_polling": ("PROPERTY", "who asks for no interrupts says so in the ring"),
    "memory_conserved": ("PROPERTY", "what an implementation allocates for a buffer it frees"),
}
"""What no clause says, by name: (level, what should be; of an end, and of what is written, what is)."""
EXPECTED: Final[Mapping[str, str]] = {
    "crash": "the implementation goes on",
    "hang": "the implementation comes to rest",
    "foreign-memory": "memory that is not the writer's stays as it was",
}
"""What should be, where the sentence says what is."""


@dataclass(frozen=True)
class Deviation:
    """One finding.

    clause: a number of spec.standard.clauses, or a name of OWN
    level: MUST, MUST NOT, SHOULD, SHOULD NOT, RULE (no key word), or one of OWN
    summary: one sentence, without numbers of this run: findings with equal clause and summary have one cause
    expected, seen: at which byte or event
    at: the operation after which it was seen, counted from 1; 0: none
    """

    clause: str
    level: str
    summary: str
    expected: str
    seen: str
    at: int = 0

    @property
    def cause(self) -> tuple[str, str]:
        """Equal for findings that are shown once."""
        return self.clause, self.summary

    @property
    def counts(self) -> bool:
        """Is it more than advice that was not followed?"""
        return not self.level.startswith("SHOULD")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def about(clause: str) -> tuple[str, str]:
    """Level and sentence of a clause or a property.  Raises KeyError for an unknown one."""
    if clause in OWN:
        return OWN[clause]
    rule = CLAUSES[clause]
    return rule.level, rule.text


def deviation(clause: str, seen: str, *, expected: str = "", summary: str = "", at: int = 0) -> Deviation:
    """A finding about a clause; what is expected is the clause where nothing else is said."""
    level, sentence = about(clause)
    return Deviation(clause, level, summary or sentence, expected or EXPECTED.get(clause, sentence), seen, at)
