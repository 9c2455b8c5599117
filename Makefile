# What a clean clone needs: Python 3.11 or newer with venv, and make.  Everything else goes into .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MINUTES ?= 10
# The native explorer wants a C compiler; where the machine has none, the one from PyPI will do.
ZIG := $(if $(shell command -v cc || command -v gcc || command -v clang),,[zig])

# Neighbours stay in one process, where what they share (readings, compiled systems, lemmas) is made once.
TESTS := -n 2 --dist worksteal -q

.PHONY: prove claims bugs test quick soak lint types docs site clean

prove: $(VENV)/installed
	$(BIN)/vrx prove --tier quick

# Decides the quick tier, and says where it differs from proofs/figures/, docs/results.md and README.md.
claims: $(VENV)/installed
	$(BIN)/python -m vrx.proofs.command.results --check

bugs: $(VENV)/installed
	$(BIN)/vrx bugs

test: $(VENV)/developer
	$(BIN)/python -m pytest $(TESTS)

# With CASES=2, two cases of each test.
quick: $(VENV)/developer
	$(BIN)/python -m pytest $(TESTS) -m "not slow" $(if $(CASES),--cases $(CASES))

soak: $(VENV)/developer
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

lint: types
	$(BIN)/ruff check .
	$(BIN)/mypy --python-version 3.14

types: $(VENV)/developer
	$(BIN)/mypy

# The documentation site, in .site/html.  What a page links to and is not there is an error.
site: $(VENV)/developer
	$(BIN)/python .site/pages.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --config-file .site/mkdocs.yml

# Figures, digests and the page of results: what the page says already of the same C and questions is not decided again.
docs: $(VENV)/developer
	$(BIN)/python -m vrx.proofs.command.results --tier full --changed --pin --resume

clean:
	rm -rf .venv .site/pages .site/html .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.$(ZIG)'
	mkdir -p .venv/src/vrx && ln -sfn ../../../spec ../../../models ../../../proofs .venv/src/vrx/
	@touch $@

$(VENV)/developer: $(VENV)/installed
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@
