"""Kinds of machines that claims are asked of: memory model, guest, and where the interrupt is taken."""

from __future__ import annotations

KINDS = (
    ("sc", "smp", "same"),
    ("sc", "smp", "other"),
    ("sc", "up", "same"),
    ("tso", "smp", "same"),
    ("tso", "smp", "other"),
    ("tso", "up", "same"),
)
"""All of them: a guest with one CPU takes no interrupt on another."""
DISTINCT = tuple(kind for kind in KINDS if kind != ("sc", "up", "same"))
"""Those that are systems of their own: under SC the guest makes no difference."""
