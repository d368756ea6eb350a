# Two words are enough: `make demo` shows Cordiale, `make test` proves it. Both set up .venv in this folder first.
PYTHON ?= python3
BIN := .venv/bin
# 0 says: this machine has no Chromium and that is known; the summary then prints that pages were not driven.
BROWSER ?= 1
export BROWSER
# What runs once more with every store on PostgreSQL: in `make test` the main ways, in `make long` all with a store.
MAIN_WAYS := tests/story/test_stories.py -k "report_and_recall or distress or partner_down or recall_everywhere"
WITH_A_STORE := tests/story tests/officers

.PHONY: demo test quick long lint types bench docs wheel lock setup browser clean

demo: setup
	@$(BIN)/cordiale demo

test: setup browser lint types
	@$(BIN)/python -m pytest -n auto --dist loadgroup
	@$(BIN)/python -m pytest -q -n auto --store=postgresql $(MAIN_WAYS)
	@test "$(BROWSER)" = 1 || echo "BROWSER=0: pages were NOT driven in a browser in this run."

quick: setup
	@$(BIN)/python -m pytest -q -x -m "not browser and not postgres and not long" tests/house tests/agreements tests/law

long: setup
	@CORDIALE_LONG=1 $(BIN)/python -m pytest -n auto --dist loadgroup -m long
	@$(BIN)/python -m pytest -q -n auto --store=postgresql $(WITH_A_STORE)

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

# What to say when a step of the set-up fails: what it was, and the way out. What the tool itself said stands above.
fails = { printf 'Cordiale is not set up: %s\n%s\n' '$(1)' '$(2)' >&2; exit 1; }
NETWORK := Packages are fetched once, at set-up. Without a network, or behind a mirror, name it as your

.venv/.ready: requirements/bootstrap.txt requirements/dev.txt pyproject.toml package-lock.json build_assets.py
	@command -v $(PYTHON) >/dev/null || $(call fails,there is no `$(PYTHON)`.,Install Python 3.11 or newer or name one: make demo PYTHON=python3.11)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Cordiale needs Python 3.11 or newer; this is `$(PYTHON) --version`. Name another: make demo PYTHON=python3.11"; exit 1; }
	@echo "Setting up .venv in this folder, once: a minute or two ..." >&2
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv .venv; } || \
	  { rm -rf .venv; $(call fails,Python could not make .venv.,Install its venv module (Debian: python3-venv) and see that this folder has room. Then make again.) }
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt || \
	  $(call fails,pip could not fetch uv (requirements/bootstrap.txt).,$(NETWORK) own tools do: PIP_INDEX_URL=… make demo)
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt requirements/bootstrap.txt || \
	  $(call fails,uv could not fetch the packages of requirements/dev.txt.,$(NETWORK) own tools do: UV_DEFAULT_INDEX=… make demo)
	@$(BIN)/python build_assets.py || \
	  $(call fails,the browser files of package-lock.json could not be made.,$(NETWORK) own tools do: NPM_CONFIG_REGISTRY=… make demo)
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . || \
	  $(call fails,Cordiale itself could not be installed into .venv.,Remove .venv (make clean) and make again; tell us what uv said above.)
	@touch $@

browser: setup
	@$(BIN)/python tests/browser_present.py

clean:
	rm -rf .venv node_modules dist build src/cordiale/web/assets
