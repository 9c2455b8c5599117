"""What Python writes and no term can do: one line that says what to write instead.

A refusal is remembered: a run in which something was refused is refused, whatever the function made of the error.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any, Final

from vrx.spec.steps import ModelError

IN_CONDITIONS = "`if`, `and`, `or`, `not`"


TOOL: Final = tuple(str(Path(__file__).parents[2] / room) + os.sep for room in ("models", "spec"))
"""The folders of this tool, whose own code may look at a term."""
PYTHON: Final = (sysconfig.get_paths()["stdlib"] + os.sep, "<frozen ")
"""Where Python's own code stands, which may look for what a term has not."""
refused: Final[list[Exception]] = []
"""What was refused in the run under way."""


class Refused(ModelError):
    """A term is asked for what only a number has."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        refused.append(self)


def _refuses(kind: type[Any], names: str, text: str) -> None:
    """What a term cannot do raises one line that says what to write instead."""

    def refuse(self: Any, *other: Any) -> Any:
        raise Refused(text)

    for name in names.split():
        setattr(kind, f"__{name}__", refuse)


def _refuses_to_be_shown(kind: type[Any], text: str) -> None:
    """A text of a term is for who looks at terms, and no step does: another text than that of the number."""

    def shown(self: Any, *form: Any) -> str:
        if asking[0] and not sys._getframe(1).f_code.co_filename.startswith(TOOL):
            raise Refused(text)
        return object.__repr__(self)

    def lacks(self: Any, name: str) -> Any:
        error = AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        if asking[0] and not sys._getframe(1).f_code.co_filename.startswith((*TOOL, *PYTHON)):
            refused.append(error)
        raise error

    for name in ("repr", "str", "format"):
        setattr(kind, f"__{name}__", shown)
    kind.__getattr__ = lacks


asking: Final[list[bool]] = [False]
"""Does a step or a question run on terms just now?"""


class RefusedByNumbers:
    """What a number that no run knows yet cannot do."""

    __slots__ = ()


class RefusedByTruths:
    """What a truth value that no run knows yet cannot do."""

    __slots__ = ()


for _kind in (RefusedByNumbers, RefusedByTruths):
    _refuses_to_be_shown(_kind, "a value of the state is made a string: compare the value itself with ==")

_refuses(
    RefusedByNumbers,
    "mod rmod divmod rdivmod",
    "`%` on a number of the state: write slot(s.cfg, x) for its place in the ring, wrap(x, bits) for x modulo 2**bits, "
    "idx_add or idx_sub(s.cfg, a, b) for indices (vrx.spec.ring, vrx.spec.words)",
)
_refuses(
    RefusedByNumbers,
    "floordiv rfloordiv truediv rtruediv",
    "`/` or `//` on a number of the state: there is no division; multiply the other side (a // 2 >= b is a >= 2 * b)",
)
_refuses(
    RefusedByNumbers,
    "lshift rlshift pow rpow",
    "`<<` or `**` on a number of the state: multiply by a constant, or let pick(condition, a, b) choose",
)
_refuses(
    RefusedByNumbers,
    "rshift rrshift",
    "`>>` on a number of the state: there is no division; compare with multiples (a >> 1 >= b is a >= 2 * b)",
)
_refuses(
    RefusedByNumbers,
    "hash",
    "a number of the state is looked up in a dict or a set: compare with ==, or index an Array",
)
_refuses(
    RefusedByTruths,
    "hash",
    "a truth value of the state is looked up in a dict or a set: choose with pick(condition, a, b)",
)
_refuses(
    RefusedByNumbers,
    "xor rxor invert",
    "`^` or `~` on a number of the state: write & and |, or pick(condition, a, b) for a flag",
)
_refuses(
    RefusedByTruths,
    "add radd sub rsub mul rmul neg lt le gt ge mod floordiv index int",
    "a truth value is used as a number: write pick(condition, 1, 0)",
)
_refuses(RefusedByTruths, "xor rxor", "`^` of truth values: write a != b")
_refuses(RefusedByTruths, "invert", "`~` of a truth value: write `not a`, or a == False where the run is not to fork")
