"""The device and the driver of docs/conformance.md."""

from __future__ import annotations

from typing import Any

from tests import ROOT

TEXT = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def text(number: int = 0) -> str:
    """A code block of the page: 0 is the device, 1 the driver."""
    return TEXT.split("```python\n")[1 + number].partition("```")[0]


def device() -> type[Any]:
    """The class of the device."""
    found: dict[str, Any] = {}
    exec(text(), found)
    kind: type[Any] = found["TinyDevice"]
    return kind
