"""What a step that fails says: one line with the step, the context, the mend, and the author's own line."""

from __future__ import annotations

import os
import re
import sysconfig
from enum import IntEnum
from traceback import walk_tb
from typing import Any

from vrx import spec
from vrx.models.systems.fields import parts
from vrx.models.systems.nearest_names import nearest
from vrx.spec.contexts import Context
from vrx.spec.steps import ModelError, OutsideArray

TOOL = os.path.dirname(os.path.dirname(__file__))
SPEC = os.path.dirname(spec.__file__)
STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"] + os.sep
_MODULES = ("steps", "memory", "contexts", "words", "ring", "properties", "liveness")
LANGUAGE = tuple(os.path.join(SPEC, f"{name}.py") for name in _MODULES)
"""Where an error of a step is noticed, and not made."""
MEND = "a step depends on the state alone"
"""What is said of a variant whose step depends on more."""


class OutOfRange(ModelError):
    """A step leaves the range of a field.

    moves: the shortest run that does so, where a search has found it; of: whose it is, a name and a system
    """

    moves: tuple[Any, ...] = ()
    of: tuple[str, Any] = ("", None)


NO_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


class QuestionFails(ModelError):
    """The function of a question fails: the question's own fault, and not a step's."""


def told(error: BaseException, step: str, actor: str, state: Any) -> ModelError:
    """The error of a step, for people.  It stays of its kind where it is one of the language."""
    text = f"step {step} ({actor}): {_what(error, state)}"
    if line := line_of(error):
        text += f", at {line}"
    if isinstance(error, IndexError):
        return OutsideArray(text)
    return type(error)(text) if isinstance(error, ModelError) else ModelError(text)


def told_question(error: BaseException, name: str, state: Any) -> QuestionFails:
    """The error of a question, for people."""
    line = line_of(error)
    said = _what(error, state).removesuffix(f" (property {name})")
    return QuestionFails(f"question {name}: {said}" + (f", at {line}" if line else ""))


def out_of_range(bad: list[str], name: str, variant: bool) -> OutOfRange:
    """The error of values that do not fit.  bad: as `View.out_of_range` has it; name: of the action, if known."""
    text = "; ".join(bad)
    if "=-" in bad[0]:
        text += "; where it is to wrap below 0, write wrap(x, bits), idx_sub or idx_add"
        return OutOfRange(f"{name}: {text}" if name else text)
    if variant and bad[0].partition("=")[2].lstrip("-").split(" ")[0].isdecimal():
        field = re.sub(r"\[\d+\]$", "", bad[0].partition("=")[0])
        field = re.sub(r"^cpus\d+\.|\d+(?=\.)", "", field)
        text += f'; if it is meant, widen the field: .widen("{field}", Bits(16))'
    return OutOfRange(f"{name}: {text}" if name else text)


def _what(error: BaseException, state: Any) -> str:
    if isinstance(error, (ModelError, IndexError)):
        return str(error)
    if isinstance(error, AttributeError) and (said := NO_ATTRIBUTE.search(str(error))):
        kind, attribute = said.groups()
        if type(state).__name__ == kind:
            return f"the state has no part {attribute!r}: {nearest(attribute, _names(state))}"
        for path, part in parts(state):
            if type(part).__name__ == kind:
                here = path.rpartition(".")[2].rstrip("0123456789")
                close = nearest(attribute, _names(part))
                end = "" if close.endswith("?") else ";"
                mend = f'a field of a variant\'s own is declared: .declare("{here}.{attribute}", bool)'
                return f"{here}.{attribute} is no field of the state: {close}{end} {mend}"
    kind = getattr(error, "obj", None)
    if isinstance(error, AttributeError) and isinstance(kind, type) and issubclass(kind, IntEnum):
        own = [points for points in _points_of(state) if str(error.name) in points.__members__]
        there = f"it is {own[0].__name__}.{error.name}" if own else nearest(str(error.name), kind.__members__)
        return f"{kind.__name__} has no point {error.name!r}: {there}"
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _points_of(state: Any) -> list[Any]:
    """The enumerations of program points that the contexts of a state have, those of its ring's own among them."""
    return [points for _, part in parts(state) if isinstance(part, Context) for points in part.points]


def _names(part: Any) -> list[str]:
    no_state = ("cfg", "name", "cpu", "marks", "accesses", "listener", "instead")
    return [n for n in type(part).__dataclass_fields__ if n not in no_state]


def line_of(error: BaseException) -> str:
    """Where the author's code was: the innermost line outside of the tool, best outside of `spec/` too."""
    mine = theirs = ""
    for frame, number in walk_tb(error.__traceback__):
        file = frame.f_code.co_filename
        if file.startswith(SPEC + os.sep):
            if file not in LANGUAGE:
                theirs = f"{short(file)}:{number}"
        elif not file.startswith((TOOL + os.sep, STANDARD_LIBRARY)):
            mine = f"{short(file)}:{number}"
    return mine or theirs


def short(file: str) -> str:
    """A file as the reader finds it: from here, or its whole path."""
    here = os.path.relpath(file)
    return file if here.startswith("..") else here
