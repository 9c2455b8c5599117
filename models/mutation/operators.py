"""The faults: each operator takes a step as a syntax tree and yields what one slip makes of it.

Every operator changes one thing in one place.  No operator makes one step of two
(an index read and the write of the event index, say): the language refuses two
accesses in a step, and where there is only one, the merged step has fewer
interleavings than the two had, which no question can mind.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from vrx.models.mutation.rings import RINGS
from vrx.models.mutation.syntax import (
    BARRIERS,
    bodies,
    called,
    conditions,
    expressions,
    is_choice,
    silences,
    statements,
    twin,
)


@dataclass(frozen=True)
class Change:
    """What one slip makes of a function.  at: the statement that it changes, whose place stays; said: the slip."""

    at: ast.stmt
    said: str
    function: ast.FunctionDef


Operator = Callable[[ast.FunctionDef], Iterator[Change]]

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
STALE = {text: other for ring in RINGS for text, other in ring.copies.items()} | {
    "s.dev.shadow_avail_idx": ("s.dev.last_avail_idx",),
    "me.opaque": ("s.vq.last_used_idx", "s.dev.shadow_avail_idx"),
}
"""What somebody keeps for himself of a thing, and could take for the thing."""


def drops_a_barrier(function: ast.FunctionDef) -> Iterator[Change]:
    """A barrier, or the barrier effect of an atomic instruction, is not there."""
    for body, at, statement in statements(function):
        if isinstance(statement, ast.Expr) and called(statement.value) in BARRIERS:
            yield Change(statement, f"without {_short(statement)}", _without(function, body, at))


def forgets_a_counter(function: ast.FunctionDef) -> Iterator[Change]:
    """Of two numbers that are counted up or down together, one is forgotten."""
    counters = [(b, at, s) for b, at, s in statements(function) if _counts(s)]
    for body, at, statement in counters if len(counters) > 1 else ():
        yield Change(statement, f"forget {_short(statement)}", _without(function, body, at))


def skips_a_return(function: ast.FunctionDef) -> Iterator[Change]:
    """The way out at the end of a branch is not taken: it falls into what follows."""
    for body, at, statement in statements(function):
        if isinstance(statement, ast.Return) and statement.value is None:
            yield Change(statement, "no return", _without(function, body, at))


def drops_a_statement(function: ast.FunctionDef) -> Iterator[Change]:
    """A statement is not there.  A local variable without its value would only be an error of Python."""
    for body, at, statement in statements(function):
        if isinstance(statement, (ast.If, ast.Return)) or _of_a_local(statement):
            continue
        yield Change(statement, f"drop {_short(statement)}", _without(function, body, at))


def forgets_an_answer(function: ast.FunctionDef) -> Iterator[Change]:
    """What was looked at does not matter: the branch is always taken, or never.  The look itself stays."""
    for condition in conditions(function):
        for answer, join, word in ((True, ast.Or(), "always"), (False, ast.And(), "never")):
            made, (mine,) = twin(function, condition)
            mine.test = ast.copy_location(ast.BoolOp(join, [mine.test, ast.Constant(answer)]), mine.test)
            yield Change(condition, f"{word} {ast.unparse(condition.test)}", made)


def forgets_an_operand(function: ast.FunctionDef) -> Iterator[Change]:
    """Of several conditions one is not asked."""
    for statement, node in expressions(function, ast.BoolOp):
        for number, operand in enumerate(node.values):
            if is_choice(function, operand):
                continue
            made, (mine,) = twin(function, node)
            del mine.values[number]
            if len(mine.values) == 1:
                made = _instead(made, mine, mine.values[0])
            yield Change(statement, f"unasked {ast.unparse(operand)}", made)


def flips_a_comparison(function: ast.FunctionDef) -> Iterator[Change]:
    """== is !=, < is <=, >= is >, and the other way round; and any other condition is the opposite."""
    for statement, node in expressions(function, ast.Compare):
        if len(node.ops) == 1 and (other := FLIPPED.get(type(node.ops[0]))):
            made, (mine,) = twin(function, node)
            mine.ops = [other()]
            yield Change(statement, f"{SIGNS[type(node.ops[0])]} -> {SIGNS[other]}", made)
    for condition in conditions(function):
        if not isinstance(condition.test, ast.Compare):
            made, (mine,) = twin(function, condition)
            mine.test = ast.copy_location(ast.UnaryOp(ast.Not(), mine.test), mine.test)
            yield Change(condition, f"not {ast.unparse(condition.test)}", made)


def is_off_by_one(function: ast.FunctionDef) -> Iterator[Change]:
    """A distance, a step of an index, or a limit is one more or one less."""
    for statement, number in _numbers(function):
        if (constant := _constant(number)) is not None:
            for value in (constant - 1, constant + 1):
                if value > 0 or (value == 0 and not _counts(statement)):  # counting by nothing is forgetting to count
                    made, (mine,) = twin(function, number)
                    mine.value = value
                    yield Change(statement, f"{constant} -> {value}", made)
        else:
            made, (mine,) = twin(function, number)
            more = ast.BinOp(mine, ast.Add(), ast.Constant(1))
            yield Change(statement, f"{ast.unparse(number)} + 1", _instead(made, mine, ast.copy_location(more, mine)))


def swaps_two_writes(function: ast.FunctionDef) -> Iterator[Change]:
    """Two writes that follow each other change places."""
    silent = silences(function)
    for body in bodies(function):
        for at, (one, other) in enumerate(pairwise(body)):
            if not {id(one), id(other)} & silent and _writes(one) and _writes(other) and not _gives(one, other):
                made, (mine,) = twin(function, body)
                mine[at], mine[at + 1] = mine[at + 1], mine[at]
                yield Change(one, f"after {_short(other)}", made)


def takes_a_stale_copy(function: ast.FunctionDef) -> Iterator[Change]:
    """What somebody has noted for himself is taken for the thing itself."""
    for statement, node in expressions(function, ast.expr):
        if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            continue
        text = ast.unparse(node)
        for other in STALE.get(text, ()):
            if other.startswith("s.vq") == _by_the_driver(function) or not other.startswith(("s.vq", "s.dev")):
                made, (mine,) = twin(function, node)
                copy = ast.copy_location(ast.parse(other, mode="eval").body, mine)
                yield Change(statement, f"{text} -> {other}", _instead(made, mine, copy))


def goes_elsewhere(function: ast.FunctionDef) -> Iterator[Change]:
    """It goes on at another of the points that the function names; of a choice of two, always at the same one."""
    points = [(s, n) for s, n in expressions(function, ast.Attribute) if _is_point(n)]
    names = list(dict.fromkeys(ast.unparse(n) for _, n in points))
    for statement, node in points:
        for other in names:
            if other != ast.unparse(node):
                made, (mine,) = twin(function, node)
                kind, _, point = other.partition(".")
                mine.value, mine.attr = ast.copy_location(ast.Name(kind, ast.Load()), mine), point
                yield Change(statement, f"{ast.unparse(node)} -> {other}", made)


def _is_point(node: ast.expr) -> bool:
    """`L.IDLE`, `SplitQ.RECHECK`: a member of an enumeration, and steps name no others than program points."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr.isupper()


OPERATORS: tuple[Operator, ...] = (
    drops_a_barrier,
    forgets_a_counter,
    skips_a_return,
    drops_a_statement,
    forgets_an_answer,
    forgets_an_operand,
    flips_a_comparison,
    is_off_by_one,
    swaps_two_writes,
    takes_a_stale_copy,
    goes_elsewhere,
)
"""All of them.  Where two make the same of a function, it is the earlier one's."""


def _short(statement: ast.stmt) -> str:
    return ast.unparse(statement).splitlines()[0]


def _without(function: ast.FunctionDef, body: list[ast.stmt], at: int) -> ast.FunctionDef:
    made, (mine,) = twin(function, body)
    mine[at : at + 1] = [ast.copy_location(ast.Pass(), mine[at])]
    return made


def _instead(function: ast.FunctionDef, node: ast.expr, other: ast.expr) -> ast.FunctionDef:
    """The function, with another expression in the place of a node of its own."""

    class There(ast.NodeTransformer):
        def visit(self, here: ast.AST) -> ast.AST:
            return other if here is node else self.generic_visit(here)

    There().visit(function)
    return function


def _numbers(function: ast.FunctionDef) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """What is added or taken away, and what is compared with."""
    for statement, node in expressions(function, ast.expr):
        if called(node) in ("idx_add", "idx_sub"):
            assert isinstance(node, ast.Call)
            yield statement, node.args[2]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            if _constant(node.right) is not None:
                yield statement, node.right
        elif isinstance(node, ast.Compare):
            yield from ((statement, c) for c in node.comparators if _constant(c) is not None)


def _constant(node: ast.expr) -> int | None:
    """The number that stands there; None where another expression does."""
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _counts(statement: ast.stmt) -> bool:
    """Is it of the kind x = x + n, or x = idx_add(c, x, n)?"""
    if isinstance(statement, ast.AugAssign):
        return True
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Attribute):
        return False
    target, value = ast.unparse(statement.targets[0]), statement.value
    if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Add, ast.Sub)):
        return ast.unparse(value.left) == target
    return called(value) in ("idx_add", "idx_sub") and target in map(ast.unparse, ast.walk(value))


def _of_a_local(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and all(isinstance(t, ast.Name) for t in statement.targets)


def _writes(statement: ast.stmt) -> bool:
    """Does it change the state, or take note of something, without deciding anything?"""
    if isinstance(statement, (ast.Assign, ast.AugAssign)):
        return True
    return isinstance(statement, ast.Expr) and called(statement.value) == "store"


def _gives(one: ast.stmt, other: ast.stmt) -> bool:
    """Does the first give a value to a local variable that the second reads?"""
    given = {n.id for n in ast.walk(one) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return any(isinstance(n, ast.Name) and n.id in given for n in ast.walk(other))


def _by_the_driver(function: ast.FunctionDef) -> bool:
    """Does the driver run it?"""
    kind = function.args.args[1].annotation if len(function.args.args) > 1 else None
    return kind is None or "MainLoop" not in ast.unparse(kind)
