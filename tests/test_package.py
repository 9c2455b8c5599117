"""The package as it is installed: one import name, every folder in it."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_package_is_installed() -> None:
    """A folder with an `__init__.py` is a package of the distribution; one left out would be missing."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = [p.parent for top in ("spec", "models", "proofs") for p in (ROOT / top).rglob("__init__.py")]
    assert sorted(said) == sorted("vrx." + ".".join(p.relative_to(ROOT).parts) for p in found)
