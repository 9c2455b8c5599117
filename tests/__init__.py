"""Tests, in folders that mirror the code; `house/` has those of the repository itself."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
"""Of the checkout."""
