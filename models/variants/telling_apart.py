"""What tells a term from the number that it stands for: in the code of a step or a question, before it is run.

A step is read on terms, and what is decided is what was read.  Most of what a term cannot do as a number does is
refused where it is done (`models.symbolic.refusals`), on each path, however rare the states that take it.  The rest
cannot be refused there, for no function of the term is called: `x is 1`, `isinstance(x, int)`, `case int():`, or an
`except` around what is refused.  So it is not written at all: the code of a step, of a question and of each
function of the user's that they reach is looked through, and what may tell is refused with its line.
"""

from __future__ import annotations

import builtins
import dis
import functools
import operator
import sys
from collections import deque
from collections.abc import Iterator
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from vrx.models.symbolic.terms import Num, Truth
from vrx.models.systems.step_errors import STANDARD_LIBRARY, short
from vrx.spec.bound_names import written_in

COMPARE = "compare with == and < instead"
TELLING: dict[str, Any] = {
    **{name: getattr(builtins, name) for name in (
        "callable", "delattr", "dir", "getattr", "hasattr", "id", "isinstance", "issubclass", "setattr", "type",
        "vars", "hash", "repr", "str", "ascii", "format",
    )},
    "is_": operator.is_, "is_not": operator.is_not, "attrgetter": operator.attrgetter,
    "methodcaller": operator.methodcaller, "singledispatch": functools.singledispatch,
    "singledispatchmethod": functools.singledispatchmethod, "builtins": builtins,
}  # fmt: skip
"""What asks a value for more than it is equal to, by the name that an attribute has; whoever holds one may ask it."""
PLAIN = frozenset(("__call__", "__init__", "__members__", "__name__"))
"""Attributes with two underscores that tell nothing."""
OF_TERMS = frozenset(n for kind in (Num, Truth) for n in vars(kind) if n[0] != "_") - {"data", "update"}
"""Attributes that terms have, and numbers have not; without those that other things of a user's have too."""
BESIDE_THE_STATE = frozenset(("marks", "listener", "instead"))
"""What engines keep at the state object, each as it needs it."""
ENGINES = "vrx.models."
"""How the modules of engines are called, as a beginning; those of `vrx.spec` are for steps."""
KEEPS = (type(functools.cache(len)), functools.cached_property)
"""What answers once and keeps the answer."""
MATCHING = frozenset(("MATCH_CLASS", "MATCH_KEYS", "MATCH_MAPPING", "MATCH_SEQUENCE"))


def tells_apart(function: FunctionType) -> str:
    """What in the code of a function may tell a term from a number, where it stands, and the mend; empty for none."""
    for code in _codes(function.__code__):
        before: dis.Instruction | None = None
        line = code.co_firstlineno
        for one in dis.get_instructions(code):
            line = (one.positions and one.positions.lineno) or line
            if what := _telling(one, before, function):
                return f"{code.co_name} {what[0]}, at {short(code.co_filename)}:{line}: {what[1]}"
            if one.opname not in ("CACHE", "EXTENDED_ARG"):
                before = one
    return ""


def asks_an_engine(function: FunctionType) -> str:
    """What of an engine a function names, or was given, where it stands, and the mend; empty for none.

    An engine's own functions and tables say who it is: no step depends on that.
    """
    at = f"{function.__code__.co_name}, at {short(function.__code__.co_filename)}:{function.__code__.co_firstlineno}"
    given = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
    named = [pair for code in _codes(function.__code__) for pair in _named(code, function, cells)]
    for name, value in [*named, *(("a default", one) for one in given)]:
        if _is_of_an_engine(value):
            return f"{at} uses {name}, which is of an engine: a step and a question use what stands in vrx.spec"
    return ""


def _named(code: CodeType, function: FunctionType, cells: dict[str, CellType]) -> Iterator[tuple[str, Any]]:
    """The globals and closed-over names of a code with their values, and what it names of modules."""
    held: Any = None
    for one in dis.get_instructions(code):
        name = str(one.argval)
        if one.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            held = function.__globals__.get(name)
        elif one.opname == "LOAD_DEREF" and name in cells:
            held = _content(cells[name])
        elif one.opname == "IMPORT_NAME":
            held = sys.modules.get(name)
        elif one.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM") and isinstance(held, ModuleType):
            held = getattr(held, name, None)
        else:
            if one.opname not in ("CACHE", "EXTENDED_ARG", "PUSH_NULL"):
                held = None
            continue
        yield name, held


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # not bound yet


def _is_of_an_engine(value: Any) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__.startswith(ENGINES)
    if isinstance(value, (list, dict, set, deque)):
        modules = [module for name, module in list(sys.modules.items()) if name.startswith(ENGINES)]
        return any(value is one for module in modules for one in list(vars(module).values()))
    return callable(value) and written_in(value).startswith(ENGINES)


def keeps_answers(value: Any) -> bool:
    """Does a value answer once and keep the answer?  A list that it answers with is what nobody looks at."""
    return isinstance(value, KEEPS)


def of_python(function: FunctionType) -> bool:
    """Is it Python's own, which asks values what it needs to know?  What it says of them, it does not say by type,
    `singledispatch` aside."""
    file = function.__code__.co_filename
    theirs = file.startswith(("<frozen ", STANDARD_LIBRARY)) and "-packages" not in file
    return theirs and "dispatch" not in function.__code__.co_freevars


def is_telling(value: Any) -> str:
    """The name of a function that tells terms from numbers, where a value is one; empty for any other value."""
    return next((name for name, one in TELLING.items() if one is value), "")


def _telling(one: dis.Instruction, before: dis.Instruction | None, function: FunctionType) -> tuple[str, str] | None:
    """What an instruction does that may tell, and what to do instead."""
    name = str(one.argval)
    if one.opname == "IS_OP" and not (before is not None and before.opname == "LOAD_CONST" and before.argval is None):
        return "asks with `is`", COMPARE
    if one.opname == "PUSH_EXC_INFO":
        return "has a `try` or a `with`", "ask with `if` whether it can be done; an error of a step ends its search"
    if one.opname in MATCHING:
        return "matches by class or shape", f"match plain values, or {COMPARE}"
    if one.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
        found = function.__globals__.get(name, vars(builtins).get(name))
        if told := is_telling(found):
            return f"asks {told}", COMPARE
    elif one.opname in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"):
        last = before.argval if before is not None else ""
        own = (last[-1] if isinstance(last, tuple) and last else last) == "self"  # two loads may be one
        hidden = name.startswith("__") and name.endswith("__") and name not in PLAIN
        if name in BESIDE_THE_STATE and not own:
            return f"asks for .{name}", "that is what an engine keeps, and no part of the state"
        if hidden or (name in TELLING and name not in _OFTEN) or (name in OF_TERMS and not own):
            return f"asks for .{name}", COMPARE
    elif one.opname in ("STORE_ATTR", "DELETE_ATTR") and name in BESIDE_THE_STATE:
        last = str(before.argval) if before is not None else ""
        if not last.endswith("self"):
            return f"writes .{name}", "that is what an engine keeps, and no part of the state"
    elif one.opname == "IMPORT_NAME" and not _known(name):
        return f"imports {name} when it runs, which may be another one by then", "import it at the top of the file"
    return None


_OFTEN = frozenset(("id", "type", "format", "hash", "str"))
"""Names that fields and methods of other things have as well."""


def _known(module: str) -> bool:
    """Is there one module of this name only?  So with ours and with Python's, which `models.variants.chance` judges."""
    top = module.partition(".")[0]
    return top == "vrx" or top in sys.stdlib_module_names


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those that are written inside of it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and inner.co_name != "__annotate__":  # of Python 3.14, for who asks for types
            yield from _codes(inner)
