"""The package as it is installed: one import name, every folder in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests import ROOT


def test_every_package_is_installed() -> None:
    """A folder with an `__init__.py` is a package of the distribution; one left out would be missing."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = [p.parent for top in ("spec", "models", "proofs") for p in (ROOT / top).rglob("__init__.py")]
    assert sorted(said) == sorted("vrx." + ".".join(p.relative_to(ROOT).parts) for p in found)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distribution, built from a copy of the checkout, so that nothing is left in it."""
    copy, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in ("spec", "models", "proofs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(out), str(copy))
    (found,) = out.glob("vrx-*.whl")
    return found


def pip(python: str | Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.slow
def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    """Modules, C, headers and the marker of types; nothing else at the top, least of all `spec` or `models`."""
    names = set(zipfile.ZipFile(wheel).namelist())
    folders = [ROOT / top for top in ("spec", "models", "proofs")]
    files = [p for top in folders for p in top.rglob("*") if p.suffix in (".py", ".c", ".h") or p.name == "py.typed"]
    assert {f"vrx/{p.relative_to(ROOT)}" for p in files} <= names
    assert {".py", ".typed", ".c", ".h"} == {p.suffix for p in files}
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"vrx"}


@pytest.mark.slow
def test_the_wheel_runs_by_itself_also_beside_a_module_called_models(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, outside the checkout; other packages put a `models.py` beside the command."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    (site,) = environment.glob("lib/python*/site-packages")
    pip(sys.executable, "--python", str(python), "install", "--no-deps", str(wheel))
    here = [p for p in sys.path if p.endswith("site-packages")]
    (site / "needed.pth").write_text("".join(f"{p}\n" for p in here))  # Z3 and what else it needs, as installed here
    for name in ("models", "spec", "proofs"):
        for place in (environment / "bin", tmp_path):
            (place / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    for command, said in [
        ([str(environment / "bin" / "vrx"), "--help"], "usage: vrx"),
        ([str(environment / "bin" / "vrx"), "simulate", "--packets", "20"], "packets"),
        ([str(python), "-c", "import vrx.spec; print(vrx.spec.__file__)"], str(site)),
    ]:
        run = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
        assert (run.returncode, run.stderr) == (0, "") and said in run.stdout
