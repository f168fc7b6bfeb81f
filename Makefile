# Two commands do everything on a machine with Python 3.11 or newer: make run, make test.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
FORCE_COLOR =
export PYTHONUTF8 = 1

.PHONY: run test walks crash check bench clean

run: $(VENV)/ready
	@$(BIN)/zhucan

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -q -n 3

# Five thousand random walks through the conversation instead of a few hundred.
walks: $(VENV)/ready-dev
	WALKS=5000 $(BIN)/python -m pytest -q tests/bot/conversation/test_walks.py

# Two hundred kills at random moments instead of a few, and five hundred registrations searched for.
crash: $(VENV)/ready-dev
	KILLS=200 REGISTRATIONS=500 $(BIN)/python -m pytest -q -s tests/bot/test_crash.py tests/bot/test_secrecy.py

check: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zhucan check

bench: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks

# Working out the index now lets the first answer come at once.
$(VENV)/ready: pyproject.toml constraints.txt
	@echo "Setting up in $(VENV), which takes a minute or two; it is done once." >&2
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/zhucan ask 你好 > /dev/null
	touch $@

$(VENV)/ready-dev: $(VENV)/ready
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
