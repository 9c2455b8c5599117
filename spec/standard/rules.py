"""How a transition function of the standard says that something is forbidden, and by which clause.

`must` is a guard.  In a closed system it disables the step: the most general device
and driver do what the standard allows and nothing else.  In a judge it is a verdict.
`should` disables nothing, because what a SHOULD advises against may happen; it leaves
a mark.
"""

from __future__ import annotations

from typing import Any, Final

from vrx.spec.steps import Disabled, mark

AGAINST: Final = "against "
"""How the mark of a SHOULD that was not followed begins; the number of the clause follows."""


class Forbidden(Disabled):
    """The standard does not allow it.  clause: the number of the rule, as in `spec.standard.clauses`."""

    def __init__(self, clause: str) -> None:
        super().__init__(clause)
        self.clause = clause


def must(condition: bool, clause: str) -> None:
    """What follows is forbidden by the clause unless the condition holds."""
    if not condition:
        raise Forbidden(clause)


def should(s: Any, condition: bool, clause: str) -> None:
    """What follows is advised against by the clause unless the condition holds."""
    if not condition:
        mark(s, AGAINST + clause)
