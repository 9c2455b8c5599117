"""Steps as syntax trees: what of a step is worth a fault, and how a changed step becomes a function again.

Everything else in this tree calls a step and never parses it.  A mutant is the one
thing that only the text can give: the step as somebody could have written it wrongly.

What only properties read is left alone: ghost state and what keeps it (`give`,
`fate`), the identity of packets, marks, and what makes dead values zero so that equal
situations are equal states (`dead`, `over`, `fresh`).  The C has none of it, so a
fault there is no fault of anybody's, and what a search says of it is nothing about
the questions.
"""

from __future__ import annotations
import __future__

import ast
import copy
import inspect
from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any, TypeVar

Run = Callable[..., Any]
N = TypeVar("N", bound=ast.AST)

SILENT = frozenset({"give", "fate", "mark", "dead", "over", "fresh", "clear", "drop_used_entry", "touch", "lied",
                    "goes_on", "takes_next", "begins", "header_tells", "takes_further", "none_there", "counted",
                    "let_go"})  # fmt: skip
"""Functions that change nothing that the C has."""
BARRIERS = frozenset({"mb", "rmb", "wmb", "locked"})
IDENTITY = frozenset({"me.mark", "s.net.queued_mark", "me.packet"})
"""Which packet something belongs to: known to the model alone."""
SWITCHES = frozenset(
    {"data", "watch", "positions", "general", "notify", "packets", "stale", "arrivals", "filter"}
    | {"busy_polls", "netpolls", "gro_flush_timeout"}
)
"""Switches of the configuration that say how much is modelled.  The C does not ask them."""


def parsed(run: Run) -> ast.FunctionDef:
    """The definition of a function, without its docstring, with the lines of its file."""
    inner = inspect.unwrap(run)
    lines, first = inspect.getsourcelines(inner)
    tree = ast.parse(dedent("".join(lines)))
    ast.increment_lineno(tree, first - 1)
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    if ast.get_docstring(function) is not None:
        del function.body[0]
    return function


def built(function: ast.FunctionDef, run: Run) -> Run:
    """The function of a changed definition, which sees the names that the original sees."""
    inner: Any = inspect.unwrap(run)
    function.decorator_list = []
    module = ast.fix_missing_locations(ast.Module([function], []))
    flags = __future__.annotations.compiler_flag
    code = compile(module, inner.__code__.co_filename, "exec", flags, dont_inherit=True)
    made: dict[str, Any] = {}
    exec(code, inner.__globals__, made)
    result: Run = made[function.name]
    result.__doc__ = inner.__doc__
    return result


def marked(made: ast.FunctionDef, function: ast.FunctionDef, at: ast.stmt, mark: str) -> None:
    """Let a changed definition say when it comes to the change.  at: the statement of the original that is changed."""
    for body, there in zip(bodies(function), bodies(made), strict=True):
        if any(s is at for s in body):
            says = ast.parse(f"s.marks is None or s.marks.append({mark!r})").body[0]
            there.insert([s is at for s in body].index(True), ast.copy_location(says, at))
            return


def choices(function: ast.FunctionDef) -> set[str]:
    """The free choices of a step: the environment makes them, and the C has no text for them."""
    is_step = any("step" in ast.unparse(d) for d in function.decorator_list)
    return {a.arg for a in function.args.args[2:]} if is_step else set()


def twin(function: ast.FunctionDef, *parts: Any) -> tuple[ast.FunctionDef, list[Any]]:
    """A copy of a definition, and its own of some nodes, or lists of nodes, of the original."""
    memo: dict[int, Any] = {}
    made = copy.deepcopy(function, memo)
    return made, [memo[id(part)] for part in parts]


def lines_of(function: ast.FunctionDef) -> list[str]:
    """The body as normalized lines: comments and line breaks of the file make no difference."""
    return [line for statement in function.body for line in ast.unparse(statement).splitlines()]


def bodies(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    """The lists of statements of a function, outermost first."""
    waiting = [function.body]
    while waiting:
        body = waiting.pop(0)
        waiting += [part for s in body for name in ("body", "orelse") if (part := getattr(s, name, None))]
        yield body


def statements(function: ast.FunctionDef) -> Iterator[tuple[list[ast.stmt], int, ast.stmt]]:
    """The statements that a fault may change: the list that each stands in, its place there, and itself."""
    silent = silences(function)
    for body in bodies(function):
        for at, statement in enumerate(body):
            if id(statement) not in silent:
                yield body, at, statement


def expressions(function: ast.FunctionDef, kind: type[N]) -> Iterator[tuple[ast.stmt, N]]:
    """The expressions of a kind in these statements, each with its statement; not what is made of a free choice."""
    free = choices(function)
    for _, _, statement in statements(function):
        for node in own(statement):
            if isinstance(node, kind) and not _chosen(node, free):
                yield statement, node


def own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement itself: of an `if` its condition, unless that asks only how much is modelled."""
    if isinstance(statement, ast.If):
        if not of_the_model(statement.test):
            yield from ast.walk(statement.test)
    else:
        yield from ast.walk(statement)


def conditions(function: ast.FunctionDef) -> Iterator[ast.If]:
    """The decisions of a function, those that a free choice makes left out."""
    free = choices(function)
    for _, _, statement in statements(function):
        if isinstance(statement, ast.If) and not of_the_model(statement.test) and not _chosen(statement.test, free):
            yield statement


def is_choice(function: ast.FunctionDef, node: ast.expr) -> bool:
    """Does an expression only say what a free choice means?"""
    return _chosen(node, choices(function))


def _chosen(node: ast.AST, free: set[str]) -> bool:
    return isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id in free


def silences(function: ast.FunctionDef) -> set[int]:
    """The statements, by identity, that change only what nobody but a property reads."""
    every = [s for body in bodies(function) for s in body]
    found = {id(s) for s in every if _silent(s)}
    while True:
        loud = {n.id for s in every if id(s) not in found for n in _own_names(s)}
        more = {
            id(s)
            for s in every
            if id(s) not in found
            and (_only_local(s, loud) or (isinstance(s, ast.If) and all(id(p) in found for p in [*s.body, *s.orelse])))
        }
        if not more:
            return found
        found |= more


def _own_names(statement: ast.stmt) -> Iterator[ast.Name]:
    """The names that a statement reads, those of the statements below it not counted."""
    for node in own(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node


def _only_local(statement: ast.stmt, loud: set[str]) -> bool:
    """Does it give a value to a name that nothing but ghost state depends on?"""
    if not isinstance(statement, ast.Assign) or any(called(n) == "load" for n in ast.walk(statement.value)):
        return False
    return all(isinstance(t, ast.Name) and t.id not in loud for t in statement.targets)


def _silent(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.If):
        return False
    if isinstance(statement, ast.Expr) and called(statement.value) in SILENT:
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return _has_ghosts(statement) or any(ast.unparse(t) in IDENTITY for t in targets)


def _has_ghosts(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Attribute) and ast.unparse(n) == "s.ghost" for n in ast.walk(node))


def called(node: ast.AST | None) -> str:
    """The name of the function that a call calls; an empty string for anything else."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def of_the_model(test: ast.expr) -> bool:
    """Does a condition ask only ghost state, or how much the configuration models, neither of which any C asks?"""
    if _has_ghosts(test):
        return True
    names = [n for n in ast.walk(test) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "s.cfg"]
    plain = {ast.unparse(n) for n in ast.walk(test) if isinstance(n, ast.Attribute)} - {ast.unparse(n) for n in names}
    return bool(names) and all(n.attr in SWITCHES for n in names) and plain <= {"s.cfg"}
