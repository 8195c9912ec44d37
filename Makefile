# make run      install into .venv, then learn and recall real digits
# make test     install, then run the tests
# make test-long  the same, and the tests that take long
# make install  install only
# make clean    remove .venv and the compiled networks (results stay)

PYTHON ?= python3
CXX ?= g++
VENV := .venv
BIN := $(VENV)/bin
PARALLEL := -n auto --dist loadfile

.PHONY: run test test-long install clean check

run: install
	$(BIN)/python -m protocols.associative_memory

test: install
	$(BIN)/python -m pytest $(PARALLEL)

test-long: install
	$(BIN)/python -m pytest $(PARALLEL) -m "long or not long"

install: $(VENV)/.installed

$(VENV)/.installed: setup.cfg pyproject.toml | check
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

check:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "error: $(PYTHON) is missing: install Python 3.10 or later."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "error: $(PYTHON) is older than 3.10: install Python 3.10 or later, or name one by make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "error: $(PYTHON) cannot make virtual environments: install its venv package (python3-venv)."; exit 1; }
	@command -v $(CXX) >/dev/null || \
	  { echo "error: C++ compiler $(CXX) is missing: install g++, or name another by make CXX=..."; exit 1; }

clean:
	-@test ! -x $(BIN)/python || $(BIN)/python -m cortical_bcpnn cache --clear
	rm -rf $(VENV) build *.egg-info .pytest_cache
