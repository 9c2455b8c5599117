"""What a file of a user's own names of a split ring.

The names that such a file imports have these beside those of every ring, as this is the layout of every ring unless
another one is said.  A file about another layout takes that one's `loc`, `State` and points instead.
"""

from vrx.spec.layouts.split.contexts import SplitL, SplitMainLoop, SplitQ, SplitSoftirq
from vrx.spec.layouts.split.memory import NO_INTERRUPT, NO_NOTIFY, loc
from vrx.spec.layouts.split.state import SplitState as State

__all__ = [
    "NO_INTERRUPT",
    "NO_NOTIFY",
    "SplitL",
    "SplitMainLoop",
    "SplitQ",
    "SplitSoftirq",
    "State",
    "loc",
]  # fmt: skip
