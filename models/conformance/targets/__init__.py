"""The targets that come with vrx, by name.

A target of one's own is a Python file: `vrx conform path/to/file.py:Class`.
"""

from __future__ import annotations

from models.conformance.protocol import Plan

PLANS: tuple[Plan, ...] = ()
