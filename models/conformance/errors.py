"""What can go wrong with a conformance run that is no finding: each is one line for the user."""

from __future__ import annotations


class ConformError(Exception):
    """The run cannot be made; the text is one line that says why, and what mends it."""


class Missing(ConformError):
    """A program or package that the target needs is not installed.  The text is one line with the command for it."""


class NoTarget(ConformError):
    """There is no such target."""


class BadScenario(ConformError):
    """A file that is not a scenario."""


class TargetFailed(ConformError):
    """The adapter of a target, or the harness, raised: a fault of the adapter, not a finding."""
