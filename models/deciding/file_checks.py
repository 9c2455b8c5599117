"""What a user's file does that no answer would show: a variant that is thrown away, a change of this tool itself, a
function that nobody uses.  The first two are refused, the third is a remark."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, GeneratorType, ModuleType
from typing import Any

from vrx.spec.questions import STANDARD
from vrx.spec.steps import Machine

VARIANTS = ("replace", "without", "declare", "widen")
"""What makes a variant of a system, and leaves the system as it is."""
Kept = dict[tuple[str, str], tuple[Any, Any]]


def thrown_away(path: Path, text: str) -> str:
    """The first variant that a file makes and does nothing with; empty where there is none."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Expr) or not isinstance(call := node.value, ast.Call):
            continue
        if not isinstance(call.func, ast.Attribute):
            continue
        what, given = call.func.attr, len(call.args) + len(call.keywords)
        if what not in VARIANTS or (what == "replace" and given < 2 and not isinstance(call.args[0], ast.Dict)):
            continue
        of = ast.unparse(call.func.value)
        name = of if of.isidentifier() else "variant"
        return (
            f"{path}:{node.lineno}: what .{what}(...) gives is not used: it leaves the system as it is, and gives "
            f"another; write {name} = {of}.{what}(...)"
        )
    return ""


def tool_as_it_is() -> Kept:
    """What the names of this tool's modules and classes are, and which steps its machines have."""
    found: Kept = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("vrx."):
            for attribute, value in list(vars(module).items()):
                found[name, attribute] = module, value
                if isinstance(value, Machine):
                    found[name, f"{attribute}.steps"] = value, tuple(value.steps)
                elif isinstance(value, type) and value.__module__ == name:
                    own = [(n, v) for n, v in vars(value).items() if not n.startswith("_")]
                    found |= {(name, f"{attribute}.{n}"): (value, v) for n, v in own}
    return found


def changed_tool(path: Path, before: Kept) -> str:
    """What a file has changed in this tool, which is put back; empty where it changed nothing."""
    said = ""
    for (module, name), (owner, value) in before.items():
        if isinstance(owner, Machine):
            if added := [step.name for step in owner.steps if step not in value]:
                owner.steps[:] = value
                said = said or (
                    f"{path} gives {module} the step {added[0]}, and so every system: a step of yours stands in "
                    f'the place of one, rx().replace("{value[0].name}", mine); a new one belongs into a module of spec/'
                )
            continue
        attribute = name.rpartition(".")[2]
        if vars(owner).get(attribute, value) is not value:
            setattr(owner, attribute, value)
            said = said or (
                f"{path} puts something else in the place of {name} of {module}, which changes every system or none: "
                f'a variant exchanges a step or a helper, rx().replace("{attribute}", mine)'
            )
    return said


def remarks(path: Path, text: str, module: ModuleType, questions: set[str]) -> Iterator[str]:
    """What looks like a question or a step of a variant and is none, as nobody uses it; a question of the file's that
    has the name of another.  questions: the names of the file's own."""
    functions = [f for f in vars(module).values() if isinstance(f, FunctionType) and f.__module__ == module.__name__]
    nodes = [*ast.walk(ast.parse(text))]
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    used |= {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.decorator_list}
    for f in functions:
        count = f.__code__.co_argcount
        if f.__name__ in used or not count:
            continue
        at = f"{path}:{f.__code__.co_firstlineno}: {f.__name__}"
        if f.__annotations__.get("return") in ("bool", bool) and count == 1:
            yield f"{at} is not asked: put @invariant, @at_rest or @never_forever above it if it is a question"
        elif _of_a_state(f) and count > 1:
            yield f'{at} is a step of no system: rx().replace("STEP", {f.__name__}) puts it into the place of one'
    for name, value in vars(module).items():
        if isinstance(value, GeneratorType):
            yield f"{path}: {name} is a generator, and nobody looks what it makes: write a list"
    for name in sorted(questions.intersection(q.name for q in STANDARD)):
        yield f"{path}: {name} is the name of a standard question, too: both are asked; give yours another name"


def _of_a_state(function: FunctionType) -> bool:
    kind = function.__annotations__.get(function.__code__.co_varnames[0])
    return str(getattr(kind, "__name__", kind)).endswith("State")
