"""Names of terms by their content, and the variables that they mention.

Equal terms have equal digests in every process, so a question that was answered
for one system is recognised in the next.
"""

from __future__ import annotations

import hashlib
from typing import Any

from vrx.models.symbolic.terms import Num, Row, Truth
from vrx.models.symbolic.walk import in_order

Value = Num | Truth | Row


class Digests:
    """Digests and variables of terms, each found once."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}
        self._mentioned: dict[int, frozenset[int]] = {}

    def of(self, term: Value) -> bytes:
        """The digest of a term: what it is, its range, and the digests of its arguments."""
        if id(term) not in self._known:
            self._walk(term)
        return self._known[id(term)]

    def mentions(self, term: Value) -> frozenset[int]:
        """The `id` of each variable in a term."""
        if id(term) not in self._known:
            self._walk(term)
        return self._mentioned[id(term)]

    def _walk(self, term: Value) -> None:
        roots: Any = (term,)
        for t in in_order(roots, self._known):
            node: Any = t
            parts = [type(node).__name__, node.op, node.data]
            if isinstance(node, Num):
                parts += [node.low, node.high]
            elif isinstance(node, Row):
                parts.append(node.top)
            digest = hashlib.blake2b(repr(parts).encode(), digest_size=16)
            for a in node.args:
                digest.update(self._known[id(a)])
            self._known[id(node)] = digest.digest()
            if node.op == "var":
                self._mentioned[id(node)] = frozenset((id(node),))
            else:
                self._mentioned[id(node)] = frozenset().union(*(self._mentioned[id(a)] for a in node.args))


def combined(*parts: Any) -> str:
    """One name for several digests, texts and numbers, in their order."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()
