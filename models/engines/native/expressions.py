"""Terms as C: every term that is needed becomes a local constant, once per block."""

from __future__ import annotations

from collections.abc import Callable

from vrx.models.symbolic.terms import Num, Truth

Term = Num | Truth

NARROW = 1 << 31
WIDE = 1 << 63

_INFIX = {"add": "+", "sub": "-", "band": "&", "bor": "|", "eq": "==", "lt": "<", "and": "&", "or": "|"}


def c_type(term: Term) -> str:
    """The narrowest C type in which neither the term nor its arguments overflow."""
    numbers = [t for t in (term, *term.args) if isinstance(t, Num)]
    low = min((t.low for t in numbers), default=0)
    high = max((t.high for t in numbers), default=1)
    if low >= -NARROW and high < NARROW:
        return "int"
    if low >= -WIDE and high < WIDE:
        return "int64_t"
    raise ValueError(f"a term reaches from {low} to {high}: more than 64 bits")


class Block:
    """A C function body under construction: its lines, and which terms have a local in scope.

    variable: the C expression of a variable, by its name
    """

    def __init__(self, variable: Callable[[str], str]) -> None:
        self.lines: list[str] = []
        self._variable = variable
        self._scopes: list[dict[int, str]] = [{}]
        self._count = 0

    def open(self, line: str) -> None:
        """A line that ends in a brace: what is computed from here on is local to it."""
        self.lines.append(line)
        self._scopes.append({})

    def close(self, line: str = "}") -> None:
        """The end of the innermost block."""
        self._scopes.pop()
        self.lines.append(line)

    def use(self, term: Term) -> str:
        """A C expression for the term, after the lines that compute it."""
        stack: list[tuple[Term, bool]] = [(term, False)]
        while stack:
            node, ready = stack.pop()
            if self._known(node) is not None:
                continue
            if ready:
                self._local(node)
            else:
                stack.append((node, True))
                stack += [(arg, False) for arg in node.args]
        name = self._known(term)
        assert name is not None
        return name

    def _known(self, term: Term) -> str | None:
        if term.op == "const":
            return str(int(term.data))
        for scope in reversed(self._scopes):
            if id(term) in scope:
                return scope[id(term)]
        return None

    def _local(self, term: Term) -> None:
        name = f"t{self._count}"
        self._count += 1
        self.lines.append(f"const {c_type(term)} {name} = {self._formula(term)};")
        self._scopes[-1][id(term)] = name

    def _formula(self, term: Term) -> str:
        if term.op == "var":
            return self._variable(term.data)
        kind = c_type(term)
        cast = f"({kind})" if kind != "int" and isinstance(term, Num) else ""
        args = [cast * isinstance(arg, Num) + str(self._known(arg)) for arg in term.args]
        if term.op in _INFIX:
            return f"{args[0]} {_INFIX[term.op]} {args[1]}"
        if term.op == "not":
            return f"!{args[0]}"
        if term.op == "ite":
            return f"{args[0]} ? {args[1]} : {args[2]}"
        if term.op == "scale":
            return f"{args[0]} * {cast}{term.data}"
        if term.op == "wrap":
            # Two's complement: the low bits of a negative number are those of the number modulo 2**n.
            return f"{args[0]} & {cast}{(1 << term.data) - 1}"
        raise ValueError(f"no C for a term of kind {term.op}")
