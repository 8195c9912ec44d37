# make run      install into .venv, then learn and recall real digits
# make test     install, then run the tests
# make test-long  the same, and the tests that take long
# make test-newest  run the core of the tests under the newest Python beside python3, in .venv-newest
# make lint     install, then check style, imports and types
# make install  install only
# make docs     install, then build the documentation in docs/_build/html
# make clean    remove both and the compiled networks (results stay)

PYTHON ?= python3
CXX ?= g++
VENV := .venv
BIN := $(VENV)/bin
PARALLEL := -n auto --dist loadfile
NEWEST := .venv-newest
# What meets Brian2 and NumPy most directly.
CORE := $(patsubst %,tests/%.py,engine/test_generated_code engine/test_live_process test_learning test_recall \
	circuits/test_population circuits/test_projection circuits/test_simulation learned/test_traces)

# The page of the demo is tested in a browser where there is one.
CHROMIUM := $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))
BROWSER := $(if $(CHROMIUM),$(VENV)/.browser)

DOCS := docs/_build

.PHONY: run test test-long test-newest lint docs install clean check

run: install
	$(BIN)/python -m protocols.associative_memory

test: install $(BROWSER)
	$(BIN)/python -m pytest $(PARALLEL)

test-long: install $(BROWSER)
	$(BIN)/python -m pytest $(PARALLEL) -m "long or not long"

# Without the extra `sweep`, as many install it, and in fewer minutes.
test-newest: $(NEWEST)/.installed
	$(NEWEST)/bin/python -m pytest $(PARALLEL) $(CORE)

lint: $(VENV)/.linters
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy

# Examples are run at the first build (minutes); the networks that they learn are found again.
docs: $(VENV)/.documenting
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs $(DOCS)/html
	@echo "documentation: $(DOCS)/html/index.html"

install: $(VENV)/.installed

$(VENV)/.installed: setup.cfg pyproject.toml | check
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@$(call say,$(BIN)/python)
	@touch $@

$(VENV)/.browser: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[browser]'
	@touch $@

$(VENV)/.linters: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lint]'
	@touch $@

$(VENV)/.documenting: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@touch $@

$(NEWEST)/.installed: setup.cfg pyproject.toml | check
	newest="$$($(PYTHON) .ci/newest_python.py)" && "$$newest" -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test-core]'
	@$(call say,$(NEWEST)/bin/python)
	@touch $@

# What a virtual environment holds, in one line.
say = $(1) -c 'import platform, sys, brian2, numpy; print(f"Python {platform.python_version()}: \
Brian2 {brian2.__version__}, NumPy {numpy.__version__}, {sys.argv[1]} {sys.argv[2]}")' \
$(CXX) "$$($(CXX) -dumpfullversion -dumpversion)"

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
	rm -rf $(VENV) $(NEWEST) $(DOCS) docs/api/generated docs/gallery build *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
