"""What a variant has exchanged, by name, and what is said where it does not do what was read of it."""

from __future__ import annotations

from vrx.models.systems.step_errors import MEND
from vrx.models.systems.system import System


def exchanged_steps(system: System) -> list[str]:
    """The names of the steps that a variant has exchanged."""
    # `standard_systems.watched` lays a step around every one; a variant exchanges some.
    laid = all(step.stands_for is not None for step in system.steps)
    under = [(s.name, s.stands_for.stands_for if laid and s.stands_for else s.stands_for) for s in system.steps]
    return [name for name, stands_for in under if stands_for is not None]


def exchanged_helpers(system: System) -> list[str]:
    """The names of the functions between steps that a variant has exchanged."""
    return [name for name, _ in getattr(system, "instead", ())]


def whose_fault(system: System) -> str:
    """What may be wrong with a variant that does something else on integers than what was read of it."""
    names = [*exchanged_steps(system), *exchanged_helpers(system)]
    return f"; exchanged: {', '.join(names)}: {MEND}" if names else ""
