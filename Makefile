# make demo · make test · make lint · make bench · make fuzz · make mutate: each does all its own set-up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
MINUTES ?= 10
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup demo test lint bench fuzz mutate lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; say which with: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) with the pinned libraries ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	@rm -rf demo
	@$(BIN)/soc demo --to demo

test: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m tests.benchmarks

fuzz: setup  # MINUTES=60 for longer
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

mutate: setup  # MUTATE=ledger/waterfall.py for one file
	$(BIN)/python -m tests.mutation $(MUTATE)

lock: setup
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --extra dev --extra cluster \
	  -o requirements.lock pyproject.toml requirements.in
	@sed -i '/^--/d' requirements.lock  # no addresses of indexes: they are each machine's own

clean:
	rm -rf $(VENV) demo
