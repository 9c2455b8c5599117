"""What is not asked, and why: said before any search."""

from __future__ import annotations

from vrx.models.claims import Question
from vrx.models.systems.system import System
from vrx.models.variants.access_rules import looks_behind
from vrx.models.variants.buffer_names import names_a_buffer, tells_buffers_apart
from vrx.models.variants.canonical import reads_what_is_not_kept
from vrx.models.variants.hidden_inputs import asks_more, depends_on_more
from vrx.spec.steps import ModelError


def undecidable(system: System, question: Question) -> str:
    """Why a question is not answered about a system, or is none; empty where it may be."""
    return refusals(system) or without_meaning(system, question) or outside_of(system, question)


def refusals(system: System) -> str:
    """Why nothing is asked of a system, before any search; empty where it may be: a variant that depends on more than
    the state, looks where it has no access, reads what the model does not keep, or gives numbers of buffers a meaning
    where they have none."""
    try:
        return (
            depends_on_more(system)
            or looks_behind(system)
            or reads_what_is_not_kept(system)
            or tells_buffers_apart(system)
        )
    except ModelError:
        return ""  # the system cannot be read at all, which is said where it is read


def outside_of(system: System, question: Question) -> str:
    """What a question depends on beside the state, or that it asks for numbers of buffers where they have no meaning;
    empty where it may be asked."""
    try:
        return asks_more(system, question) or names_a_buffer(system, question)
    except ModelError:
        return ""  # it cannot be read at all, which is said where it is read


def without_meaning(system: System, question: Question) -> str:
    """Why a question has no meaning for a system, as it says itself; empty where it has one."""
    why = question.meaningless(system.cfg)
    return f"{question.name} has no meaning here: {why}" if why else ""
