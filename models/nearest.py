"""The names that a misspelt one may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, words: Iterable[str]) -> str:
    """`; did you mean a, b?`, or how to list what there is."""
    known = list(dict.fromkeys(words))
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or [w for w in known if name in w][:3]
    return f"; did you mean {', '.join(close)}?" if close else "; --list shows what there is"
