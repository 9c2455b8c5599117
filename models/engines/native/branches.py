"""A decision tree as nested `if`s in C; what is met again is written once, and jumped to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from vrx.models.engines.native.expressions import Block
from vrx.models.engines.native.hoisting import Needs
from vrx.models.symbolic.trees import Fork, Leaf, Tree, nodes


def nested(block: Block, tree: Tree, end: Callable[[Leaf], None], goes_on: bool = False) -> None:
    """Write a tree into the body of a function.  It writes on the way down, between the two sides and on the way up.

    end: writes a leaf; goes_on: behind a leaf the function goes on, and does not return
    """
    needs = Needs(tree)
    again = _again(tree)
    numbers: dict[int, int] = {}
    waiting: list[Tree] = [tree]
    for root in waiting:  # grows: what is met again stands behind the rest
        if root is not tree:
            block.open(f"n{numbers[id(root)]}: {{")
        stack: list[Tree | str] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                block.close()
                if node:
                    block.open(node)
            elif id(node) in again and node is not root:
                if id(node) not in numbers:
                    numbers[id(node)] = len(numbers)
                    waiting.append(node)
                block.lines.append(f"goto n{numbers[id(node)]};")
            elif isinstance(node, Fork):
                for term in needs.shared(node).values():
                    block.use(term)
                block.open(f"if ({block.use(node.condition)}) {{")
                stack += ["", node.no, "else {", node.yes]
            else:
                end(node)
        if root is not tree:
            block.close()
        if goes_on and numbers:
            block.lines.append("goto done;")
    if goes_on and numbers:
        block.lines.append("done:;")


def _again(tree: Tree) -> set[int]:
    """The parts of a tree that are met more than once and take more than a line, by identity."""
    met = Counter(id(side) for node in nodes(tree) if isinstance(node, Fork) for side in (node.yes, node.no))
    long = (node for node in nodes(tree) if isinstance(node, Fork) or node.updates is not None)
    return {id(node) for node in long if met[id(node)] > 1}

