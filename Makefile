# Two commands do everything on a machine with Python 3.11 or newer: make run, make test.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
FORCE_COLOR =
export PYTHONUTF8 = 1

# What pip says to an older Python, after half a minute, tells nobody what to do. Any Python can read this.
VERSION = import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info[:2] < (3, 11))

.PHONY: run test walks crash check bench clean

run: $(VENV)/ready
	@$(BIN)/zhucan

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest -q -n 4 --dist worksteal

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
	@have=$$($(PYTHON) -c '$(VERSION)' 2> /dev/null) || { \
	  echo "需要 Python 3.11 或更新的版本，$(PYTHON) 是 $${have:-没有找到}。装好以后，例如：make run PYTHON=python3.11"; \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $${have:-not there}. Once installed: make run PYTHON=python3.11"; \
	  exit 2; } >&2
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
