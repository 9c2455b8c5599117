# What a clean clone needs: Python 3.11 or newer with venv, and make.  Everything else goes into .venv.

PYTHON ?= python3
BIN := .venv/bin
# The native explorer wants a C compiler; where the machine has none, the one from PyPI will do.
ZIG := $(if $(shell command -v cc || command -v gcc || command -v clang),,[zig])

.PHONY: prove bugs test lint docs clean

prove: .venv/installed
	$(BIN)/vrx prove --tier quick

bugs: .venv/installed
	$(BIN)/vrx bugs

test: .venv/developer
	$(BIN)/python -m pytest -n 2 -q

lint: .venv/developer
	$(BIN)/ruff check .
	$(BIN)/mypy

docs: .venv/developer
	$(BIN)/python -m vrx.models.results --tier full

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 2; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.$(ZIG)'
	mkdir -p .venv/src/vrx && ln -sfn ../../../spec ../../../models ../../../proofs .venv/src/vrx/
	@touch $@

.venv/developer: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@
