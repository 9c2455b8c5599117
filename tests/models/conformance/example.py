"""The device of docs/conformance.md."""

from __future__ import annotations

from typing import Any

from tests import ROOT

TEXT = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def text() -> str:
    """The code block of the page."""
    return TEXT.partition("```python\n")[2].partition("```")[0]


def device() -> type[Any]:
    """Its class."""
    found: dict[str, Any] = {}
    exec(text(), found)
    kind: type[Any] = found["TinyDevice"]
    return kind
