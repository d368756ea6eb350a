# Two words are enough: `make demo` shows Cordiale, `make test` proves it. Both set up .venv in this folder first.
PYTHON ?= python3
BIN := .venv/bin
# 0 says: this machine has no Chromium and that is known; the summary then prints that pages were not driven.
BROWSER ?= 1
export BROWSER

.PHONY: demo test quick long lint types bench docs wheel lock setup browser clean

demo: setup
	@$(BIN)/cordiale demo

test: setup browser lint types
	@$(BIN)/python -m pytest -n auto --dist loadgroup
	@test "$(BROWSER)" = 1 || echo "BROWSER=0: pages were NOT driven in a browser in this run."

quick: setup
	@$(BIN)/python -m pytest -q -x -m "not browser and not postgres and not long" tests/house tests/agreements tests/law

long: setup
	@CORDIALE_LONG=1 $(BIN)/python -m pytest -n auto --dist loadgroup -m long

lint: setup
	@$(BIN)/ruff check src tests bench
	@$(BIN)/ruff format --check src tests bench

types: setup
	@$(BIN)/mypy

bench: setup
	@$(BIN)/python -m bench

docs: setup
	@$(BIN)/python -m docs.write

wheel: setup
	@$(BIN)/uv build --wheel --no-build-isolation --python $(BIN)/python

# Lock files carry hashes and no addresses.
lock:
	$(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate --upgrade pyproject.toml -o requirements/core.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-header --no-annotate -c requirements/core.txt pyproject.toml --group dev -o requirements/dev.txt

setup: .venv/.ready

.venv/.ready: requirements/bootstrap.txt requirements/dev.txt pyproject.toml package-lock.json build_assets.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Cordiale needs Python 3.11 or newer; this is `$(PYTHON) --version`. Name another: make demo PYTHON=python3.11"; exit 1; }
	@echo "Setting up .venv in this folder, once: a minute or two ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt requirements/bootstrap.txt
	@$(BIN)/python build_assets.py
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

browser: setup
	@$(BIN)/python tests/browser_present.py

clean:
	rm -rf .venv node_modules dist build src/cordiale/web/assets
